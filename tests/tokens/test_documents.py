"""Documents out of rows: whole, in order, whatever packed them and however many come at a time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st
from token_folders import metadata, pack, write_folder

from corpus_forge.tokens.documents import blocks, gather, shard_documents
from corpus_forge.tokens.shard import Shard

TEXTS = st.lists(st.text(max_size=300), min_size=1, max_size=6)
LENGTHS = st.lists(st.integers(0, 400), min_size=1, max_size=12)


@given(LENGTHS, st.sampled_from(["concat", "best_fit", "pad"]), st.integers(1, 900))
@cases(40)
def test_documents_come_back_whole_and_in_order(tmp_path_factory, lengths, packing, block) -> None:
    given_documents = [(3 * n + 1, [2 + (n + i) % 500 for i in range(length)]) for n, length in enumerate(lengths)]
    folder = write_folder(tmp_path_factory.mktemp("t"), [pack(given_documents, packing=packing)], metadata(packing=packing))
    found = []
    for some in shard_documents(Shard(folder / "shard-00000.arrow"), block):
        assert some.lengths.tolist() == np.diff(some.offsets).tolist()
        assert len(some.uids) == 1 or len(some.tokens) <= block
        parts = np.split(some.tokens, some.offsets[1:-1])
        found += zip(some.uids.tolist(), (part.tolist() for part in parts), strict=True)
    assert found == [(uid, [*ids, 0]) for uid, ids in given_documents]


@given(TEXTS, st.sampled_from(["concat", "best_fit", "pad"]))
@cases(60)
def test_any_texts_come_back_from_packed_rows(tokenizer, tmp_path_factory, texts, packing) -> None:
    encoded = tokenizer.encode(texts)
    ends = encoded.offsets.tolist()
    ids = [encoded.ids[start:end].tolist() for start, end in pairwise(ends)]
    folder = write_folder(
        tmp_path_factory.mktemp("t"), [pack(list(enumerate(ids)), packing=packing)], metadata(packing=packing)
    )
    found: list[str] = []
    for some in shard_documents(Shard(folder / "shard-00000.arrow")):
        parts = np.split(some.tokens, some.offsets[1:-1])
        assert {part[-1] for part in parts} == {tokenizer.eos_id}
        found += [tokenizer.decode(part[:-1]) for part in parts]
    assert found == texts


def test_a_shard_without_rows_has_no_documents(tmp_path) -> None:
    folder = write_folder(tmp_path, [pack([])])
    assert list(shard_documents(Shard(folder / "shard-00000.arrow"))) == []


def test_a_document_that_was_cut_short_comes_as_it_is(tmp_path) -> None:
    folder = write_folder(tmp_path, [pack([(1, [5] * 300), (2, [6])], packing="one_per_row")], metadata(packing="one_per_row"))
    (some,) = shard_documents(Shard(folder / "shard-00000.arrow"))
    assert some.tokens.tolist() == [5] * 128 + [6, 0]
    assert some.offsets.tolist() == [0, 128, 130]


@cases(100)
@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 20))
def test_blocks_cover_everything_once_and_hold_no_more_than_they_may(sizes, most) -> None:
    runs = list(blocks(sizes, most))
    assert [n for start, stop in runs for n in range(start, stop)] == list(range(len(sizes)))
    assert all(sum(sizes[start:stop]) <= most or stop == start + 1 for start, stop in runs)
    assert all(sum(sizes[start : stop + 1]) > most for start, stop in runs if stop < len(sizes)), "a run could be longer"


@cases(100)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), max_size=8))
def test_runs_are_gathered_long_and_short(runs) -> None:
    values = np.arange(500, dtype=np.uint16)
    begin, length = (np.array([run[n] for run in runs], np.int64) for n in (0, 1))
    assert gather(values, begin, length).tolist() == [at + n for at, size in runs for n in range(size)]

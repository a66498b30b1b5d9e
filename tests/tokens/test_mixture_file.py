"""A mixture decided when tokens are read: shares to half a percent, the same rows for any ranks and any split into shards."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import numpy as np
import pytest
from token_folders import metadata, write_folder

import corpus_forge as cf
from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens.index import build_index, index_bytes, read_index
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.shuffled import shuffled_rows
from corpus_forge.tokens.verify import verify_tokens

SEQ_LEN, ROWS = 2048, {"web": 900, "books": 500, "code": 300, "wiki": 120, "math": 60}
WEIGHTS = {"web": 40, "books": 30, "code": 15, "wiki": 10, "math": 5}
TOKENS = 10_000_000


def source_rows(number: int, rows: int, fill: int) -> PackedRows:
    """Rows of which `fill` tokens are no padding, each of one document whose id says source and row."""
    tokens = np.ones((rows, SEQ_LEN), np.uint16)
    tokens[:, :fill] = 10 + number
    tokens[:, fill - 1] = 0
    uids = np.arange(rows, dtype=np.uint64) + np.uint64(number << 32)
    ones = np.ones(rows, np.int64)
    return PackedRows(
        tokens,
        (ones * fill).astype(np.int32),
        (ones * fill * 4).astype(np.uint32),
        np.arange(rows + 1),
        ones * 0,
        uids,
        ones < 0,
    )


def write_sources(folder, shards: int, fills: dict[str, int] | None = None):
    """A tokens folder with five sources, each cut into so many shards."""
    entries = []
    for number, (name, rows) in enumerate(ROWS.items()):
        whole = source_rows(number, rows, (fills or {}).get(name, SEQ_LEN))
        cuts = np.linspace(0, rows, shards + 1).astype(int)
        own = [whole.take(first, last) for first, last in pairwise(cuts)]
        write_folder(folder / name, own, metadata(seq_len=SEQ_LEN, source=name))
        for entry in read_index(folder / name).shards:
            path = f"{name}-{entry.path}"
            (folder / name / entry.path).rename(folder / path)
            entries.append(entry.__class__(**{**entry.__dict__, "path": path}))
    facts = {"seq_len": SEQ_LEN, "vocab_size": 600, "tokenizer_sha256": "ab" * 32}
    (folder / "index.json").write_bytes(index_bytes(build_index(entries, **facts, run="r", fingerprint="f")))
    return folder


def put(folder, wanted: dict[str, float], name: str = "mixture.json") -> None:
    (folder / name).write_text(json.dumps({"parts": {part: {"tokens": tokens} for part, tokens in wanted.items()}}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_sources(tmp_path_factory.mktemp("one") / "tokens", 1)
    put(folder, {name: TOKENS * weight // 100 for name, weight in WEIGHTS.items()})
    return folder


def drawn(folder, ranks: int, batch: int, rows: int) -> list[tuple[int, int]]:
    """(place, document) of the first `rows` rows, read by so many ranks in turn."""
    found = []
    readers = [cf.TokenMixture(folder).reader(batch, seed=7, rank=rank, world_size=ranks) for rank in range(ranks)]
    for _ in range(-(-rows // (batch * ranks))):
        for reader in readers:
            rows_read = next(reader)
            found += zip(rows_read.place.tolist(), rows_read.doc_uid.tolist(), strict=True)
    return sorted(found)[:rows]


def test_five_sources_hit_their_shares_within_half_a_percent_of_10_million_tokens(folder) -> None:
    mixture = cf.TokenMixture(folder)
    assert mixture.rows == round(TOKENS / SEQ_LEN)
    batch = mixture.reader(mixture.rows, seed=7).batch(0)
    names = [rows.name for rows in mixture.sources]
    total = int(batch.n_tokens.sum())
    assert total == pytest.approx(TOKENS, rel=1e-3)
    for number, name in enumerate(names):
        share = int(batch.n_tokens[batch.source == number].sum()) / total
        assert abs(share - WEIGHTS[name] / 100) < 0.005, name


def test_rows_that_are_not_full_count_by_their_tokens(tmp_path) -> None:
    """A source whose rows are padded by three quarters must be drawn four times as often."""
    folder = write_sources(tmp_path / "tokens", 1, {"math": SEQ_LEN // 4, "code": SEQ_LEN // 2})
    put(folder, {name: TOKENS * weight // 100 for name, weight in WEIGHTS.items()})
    mixture = cf.TokenMixture(folder)
    batch = mixture.reader(mixture.rows, seed=7).batch(0)
    total = int(batch.n_tokens.sum())
    for number, rows in enumerate(mixture.sources):
        assert abs(int(batch.n_tokens[batch.source == number].sum()) / total - WEIGHTS[rows.name] / 100) < 0.005


def test_it_is_the_same_for_any_ranks_and_any_split_into_shards(folder, tmp_path) -> None:
    expected = drawn(folder, 1, 64, 960)
    split = write_sources(tmp_path / "tokens", 7)
    put(split, {name: TOKENS * weight // 100 for name, weight in WEIGHTS.items()})
    for where, ranks, batch in ((folder, 3, 32), (folder, 4, 16), (split, 1, 64), (split, 2, 48)):
        assert drawn(where, ranks, batch, 960) == expected, (ranks, batch)


def test_another_file_is_another_mixture(folder, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_text("parts:\n  web: {tokens: 3e6}\n  wiki: 1000000\n")
    mixture = cf.TokenMixture(folder, tmp_path / "mine.yaml")
    batch = mixture.reader(1024, seed=1).batch(0)
    names = [rows.name for rows in mixture.sources]
    counts = {names[number]: count for number, count in enumerate(np.bincount(batch.source, minlength=5).tolist()) if count}
    assert counts == {"web": 768, "wiki": 256}
    assert cf.TokenMixture(folder, {"web": 1}).rows is None
    phased = cf.TokenMixture(folder, phases=[(0, {"web": 1}), (64, {"math": 1})])
    assert set(phased.reader(128).batch(0).source.tolist()) == {names.index("web"), names.index("math")}


def test_without_a_file_sources_count_by_their_rows(tmp_path) -> None:
    mixture = cf.TokenMixture(write_sources(tmp_path / "tokens", 1))
    assert mixture.rows is None
    assert mixture.phases[0][1] == {name: float(rows) for name, rows in ROWS.items()}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "must be a mapping with `parts`; it is list"),
        ("{", "no JSON"),
        ("{}", "it has no `parts`"),
        ('{"parts": {"web": {"tokens": "many"}}}', "parts.web.tokens is 'many'"),
        ('{"parts": {"web": {"tokens": -1}}}', "parts.web.tokens is -1"),
        ('{"parts": {"wbe": {"tokens": 5}}}', "it wants tokens of 'wbe', of which"),
        ('{"format": "token-mixture", "version": 9, "parts": {}}', "version 9, expected 'token-mixture' version 1"),
        (b"\xff\xfe", "cannot be read"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_a_damaged_file_is_named(folder, tmp_path, content, message) -> None:
    file = tmp_path / "mixture.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=re.escape(str(file))) as error:
        cf.TokenMixture(folder, file)
    assert message in str(error.value)


def test_verify_looks_at_the_mixture_file(tmp_path) -> None:
    folder = write_sources(tmp_path / "tokens", 1)
    found = []
    for parts in ({"web": 5}, {"wbe": 5}):
        put(folder, parts)
        found.append([what for where, what in verify_tokens(folder) if where == "mixture.json"])
    assert found[0] == []
    assert "it wants tokens of 'wbe'" in found[1][0]


def test_a_file_is_for_one_run(folder, tmp_path) -> None:
    (tmp_path / "m.yaml").write_text("parts: {web: 1}")
    with pytest.raises(RequestError, match="which mixes the parts of one run"):
        cf.TokenMixture({"web": folder}, tmp_path / "m.yaml")


@pytest.mark.parametrize("wanted", [{"a": 25, "b": 7}, {"a": 3, "b": 1}, {"a": 1}, {"a": 10, "b": 100}])
def test_a_shuffled_mixture_has_each_row_as_often_as_it_is_wanted(wanted) -> None:
    held = {"a": 10, "b": 9}
    n = sum(wanted.values())
    places = shuffled_rows(held, wanted, 5, 0, n)
    for number, (name, count) in enumerate(wanted.items()):
        rows, turns = places.row[places.part == number], places.epoch[places.part == number]
        assert len(rows) == count
        assert len({*zip(rows.tolist(), turns.tolist(), strict=True)}) == count
        times = np.bincount(rows, minlength=held[name])
        assert set(times.tolist()) <= {count // held[name], -(-count // held[name])}
    for first, stop in ((0, 1), (n // 3, n), (n - 1, n)):
        some = shuffled_rows(held, wanted, 5, first, stop)
        assert all(np.array_equal(part, whole[first:stop]) for part, whole in zip(some, places, strict=True))
    other = shuffled_rows(held, wanted, 6, 0, n)
    assert n < 20 or not np.array_equal(other.row, places.row)

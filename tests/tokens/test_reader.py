"""A reader gives every row once an epoch, the same rows to any number of ranks, and goes on exactly where a state says."""

from __future__ import annotations

import itertools
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from token_folders import metadata, pack, write_folder

import corpus_forge as cf
from corpus_forge.errors import InputError, RequestError


def take(reader, batches: int) -> list[tuple[int, int, int]]:
    """(place, row, epoch) of the next rows."""
    return [
        item
        for batch in itertools.islice(reader, batches)
        for item in zip(batch.place.tolist(), batch.row.tolist(), batch.epoch.tolist(), strict=True)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    shards = [pack([(100 * shard + n, [2 + (7 * n + shard) % 500] * (20 + n)) for n in range(40)]) for shard in range(3)]
    return write_folder(tmp_path_factory.mktemp("reader") / "tokens", shards)


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    rows = pack([(n, [3] * 127) for n in range(5)])
    return write_folder(tmp_path_factory.mktemp("other") / "tokens", [rows], metadata(source="wiki"))


def test_an_epoch_is_every_row_once_and_the_next_is_shuffled_anew(folder) -> None:
    dataset = cf.TokenDataset(folder)
    n = len(dataset)
    rows = take(dataset.reader(1, seed=3), 3 * n)
    epochs = [[row for _, row, epoch in rows if epoch == each] for each in range(3)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(n))] * 3
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert [row for _, row, _ in take(dataset.reader(1, seed=4), n)] != epochs[0]


def test_a_batch_has_the_rows_of_the_dataset_byte_for_byte(folder) -> None:
    dataset = cf.TokenDataset(folder)
    batch = next(dataset.reader(9, seed=1))
    assert batch.tokens.dtype == np.uint16
    for place, row in enumerate(batch.row.tolist()):
        expected = dataset[row]
        first, last = batch.piece_offsets[place : place + 2]
        assert batch.tokens[place].tolist() == expected["tokens"].tolist()
        assert batch.doc_starts[first:last].tolist() == expected["doc_starts"].tolist()
        assert batch.doc_uid[first:last].tolist() == expected["doc_uid"].tolist()
        assert (batch.n_tokens[place], batch.n_bytes[place]) == (expected["n_tokens"], expected["n_bytes"])


@given(
    before=st.integers(0, 9),
    batch=st.integers(1, 7),
    world=st.integers(1, 4),
    later_batch=st.integers(1, 7),
    later=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_any_ranks_and_batch_sizes_go_on_without_a_gap_or_a_repeat(folder, before, batch, world, later_batch, later) -> None:
    dataset = cf.TokenDataset(folder)
    readers = [dataset.reader(batch, 5, rank, world) for rank in range(world)]
    seen = [item for reader in readers for item in take(reader, before)]
    states = [reader.state_dict() for reader in readers]
    assert all(state == states[0] for state in states)
    state = json.loads(json.dumps(states[0]))
    resumed = [dataset.reader(later_batch, 5, rank, later, state) for rank in range(later)]
    seen += [item for reader in resumed for item in take(reader, 3)]
    expected = take(dataset.reader(1, 5), before * batch * world + 3 * later_batch * later)
    assert sorted(seen) == expected
    assert resumed[0].rows_consumed == len(expected)


def test_peek_tells_what_a_batch_has_read_or_will_read(folder) -> None:
    dataset = cf.TokenDataset(folder)
    reader = dataset.reader(4, seed=2)
    peeked = [reader.peek(step) for step in range(3)]
    for peek, batch in zip(peeked, reader, strict=False):
        assert [each.row for each in peek] == batch.row.tolist()
        assert [uid for each in peek for uid in each.doc_uid] == batch.doc_uid.tolist()
        assert {each.source for each in peek} == {"all"}
    later = dataset.reader(4, seed=2, state=json.loads(json.dumps(reader.state_dict())))
    assert later.peek(-2) == reader.peek_rows(4, 8) == peeked[1]
    with pytest.raises(RequestError, match="rows -4 to 0"):
        reader.peek(-1)


def test_a_state_is_small_and_plain(folder) -> None:
    state = cf.TokenDataset(folder).reader(4).state_dict()
    assert len(json.dumps(state)) < 400
    assert sorted(state) == ["fingerprint", "phases", "rows_consumed", "seed", "tokenizer", "version"]


def test_sources_are_drawn_by_weight_and_the_small_one_goes_round(folder, other) -> None:
    mixture = cf.TokenMixture({"web": folder, "wiki": other}, {"web": 1, "wiki": 1})
    batch = mixture.reader(1024, seed=1).batch(0)
    assert np.bincount(batch.source).tolist() == [512, 512]
    epochs = batch.epoch[batch.source == 1]
    rows = batch.row[batch.source == 1]
    assert epochs.max() == 512 // 5
    assert np.bincount(rows[epochs < 102]).tolist() == [102] * 5
    assert (batch.tokens[batch.source == 1][:, :127] == 3).all()


def test_weights_may_change_in_the_future_of_a_run_and_not_in_its_past(folder, other) -> None:
    sources = {"web": folder, "wiki": other}
    reader = cf.TokenMixture(sources, {"web": 1}).reader(8)
    take(reader, 4)
    state = reader.state_dict()
    phases = [(0, {"web": 1}), (32, {"wiki": 1})]
    later = cf.TokenMixture(sources, phases=phases).reader(8, state=state)
    assert next(later).source.tolist() == [1] * 8
    with pytest.raises(InputError, match="add a phase that starts later"):
        cf.TokenMixture(sources, {"wiki": 1}).reader(8, state=state)
    with pytest.raises(InputError, match="add a phase that starts later"):
        cf.TokenMixture(sources, phases=[(0, {"web": 1}), (31, {"wiki": 1})]).reader(8, state=state)


def test_validation_shards_are_not_trained_on(tmp_path) -> None:
    folder = write_folder(tmp_path / "tokens", [pack([(1, [5] * 500)]), pack([(2, [6] * 500)])])
    index = json.loads((folder / "index.json").read_text())
    index["shards"][1]["split"] = "validation"
    (folder / "index.json").write_text(json.dumps(index))
    reader = cf.TokenDataset(folder).reader(1)
    assert {int(uid) for batch in itertools.islice(reader, 12) for uid in batch.doc_uid} == {1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0; it must be a whole number of at least 1"),
        ({"batch_size": 1.5}, "batch_size is 1.5"),
        ({"batch_size": True}, "batch_size is True"),
        ({"batch_size": 1, "rank": 2, "world_size": 2}, "rank is 2, world_size 2; ranks are 0 to 1"),
        ({"batch_size": 1, "world_size": 0}, "world_size is 0"),
        ({"batch_size": 1, "seed": -1}, "seed is -1"),
    ],
)
def test_wrong_requests_are_named(folder, arguments, message) -> None:
    with pytest.raises(RequestError, match=re.escape(message)):
        cf.TokenDataset(folder).reader(**arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("seed"), "'seed' is missing"),
        (lambda state: state.update(seed=9), "the seed is 9, here it is 0"),
        (lambda state: state.update(version=7), "the version is 7"),
        (lambda state: state.update(tokenizer="x"), "the tokenizer's sha256 is x"),
        (lambda state: state.update(fingerprint="x"), "the fingerprint of the shards is x"),
        (lambda state: state.update(rows_consumed=-1), "rows_consumed is -1"),
        (lambda state: state.update(rows_consumed="4"), "rows_consumed is '4'"),
        (lambda state: state.update(phases=3), "'phases' is no list"),
    ],
)
def test_a_state_that_does_not_fit_is_named(folder, change, message) -> None:
    state = cf.TokenDataset(folder).reader(4).state_dict()
    change(state)
    with pytest.raises(InputError, match=re.escape(message)):
        cf.TokenDataset(folder).reader(4, state=state)


def test_sources_that_do_not_go_together_are_refused(folder, tmp_path) -> None:
    empty = write_folder(tmp_path / "empty", [])
    with pytest.raises(InputError, match="source 'b' has no row"):
        cf.TokenMixture({"a": folder, "b": empty}, {"a": 1}).reader(1)
    tokenizer = write_folder(tmp_path / "x", [pack([(1, [5] * 200)])], metadata(tokenizer_sha256="cd" * 32))
    with pytest.raises(InputError, match="tokenizer_sha256 is cdcd"):
        cf.TokenMixture({"a": folder, "b": tokenizer}).reader(1)
    with pytest.raises(RequestError, match="no source is given"):
        cf.TokenMixture({})
    with pytest.raises(RequestError, match="both weights and phases"):
        cf.TokenMixture({"a": folder}, {"a": 1}, phases=[(0, {"a": 1})])

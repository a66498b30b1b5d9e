"""Rows and batches as torch's own loaders give them: the same rows, any number of workers, states that go on exactly."""

from __future__ import annotations

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from token_folders import pack, write_folder  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402

from corpus_forge.errors import InputError, RequestError  # noqa: E402
from corpus_forge.tokens import torch as bridge  # noqa: E402
from corpus_forge.tokens.dataset import TokenDataset  # noqa: E402
from corpus_forge.tokens.token_mixture import TokenMixture  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    documents = [(n, [2 + n % 500] * (11 + 37 * n % 300)) for n in range(40)]
    return write_folder(tmp_path_factory.mktemp("t") / "tokens", [pack(documents[:25]), pack(documents[25:])])


def numbers_by_hand(row) -> list[int]:
    """Document of each place by a loop."""
    starts, used = row["doc_starts"].tolist(), int(row["n_tokens"])
    return [sum(start <= place for start in starts) - 1 if place < used else -1 for place in range(len(row["tokens"]))]


def test_rows_by_number_are_tensors_that_can_be_stacked(folder) -> None:
    dataset = TokenDataset(folder)
    rows = dataset.torch_rows()
    assert len(rows) == len(dataset)
    for index in range(len(dataset)):
        assert rows[index]["tokens"].tolist() == dataset[index]["tokens"].tolist()
        assert rows[index]["documents"].tolist() == numbers_by_hand(dataset[index])
        assert int(rows[index]["n_tokens"]) == int(dataset[index]["n_tokens"])
    batch = next(iter(DataLoader(rows, batch_size=3)))
    assert {name: (tuple(each.shape), each.dtype) for name, each in batch.items()} == {
        "tokens": ((3, 128), torch.int64),
        "documents": ((3, 128), torch.int32),
        "n_tokens": ((3,), torch.int64),
        "n_bytes": ((3,), torch.int64),
    }


@pytest.mark.parametrize("rank", [0, 1])
def test_batches_are_those_of_the_reader(folder, rank) -> None:
    places = {"batch_size": 3, "seed": 7, "rank": rank, "world_size": 2}
    mixture = TokenMixture({"a": folder})
    for made in (TokenDataset(folder), mixture):
        right = made.reader(**places)
        for batch in itertools.islice(DataLoader(made.torch_batches(**places), batch_size=None), 6):
            expected = next(right)
            assert batch["tokens"].tolist() == expected.tokens.tolist()
            assert int(batch["rows_consumed"]) == right.rows_consumed
            for name in ("n_tokens", "n_bytes", "source", "epoch"):
                assert batch[name].tolist() == getattr(expected, name).tolist()
            for row in range(3):
                first, last = expected.piece_offsets[row : row + 2]
                starts = expected.doc_starts[first:last]
                one = {"tokens": expected.tokens[row], "doc_starts": starts, "n_tokens": expected.n_tokens[row]}
                assert batch["documents"][row].tolist() == numbers_by_hand(one)


def test_workers_change_nothing_and_a_state_forgets_what_was_only_read_ahead(folder) -> None:
    places = {"batch_size": 2, "seed": 1}
    alone = list(itertools.islice(TokenDataset(folder).torch_batches(**places), 9))
    batches = TokenDataset(folder).torch_batches(**places)
    loader = iter(DataLoader(batches, batch_size=None, num_workers=2, prefetch_factor=2, multiprocessing_context="fork"))
    for step in range(5):
        last = next(loader)
        assert last["tokens"].tolist() == alone[step]["tokens"].tolist()
    state = batches.state_dict(last)
    assert state["rows_consumed"] == 10
    onward = TokenDataset(folder).torch_batches(**places)
    onward.load_state_dict(state)
    for right in alone[5:]:
        assert next(iter(onward))["tokens"].tolist() == right["tokens"].tolist(), "each iter goes on where the last stood"


def test_a_workers_own_state_goes_on_with_its_own_batches(folder, monkeypatch) -> None:
    """As torchdata's StatefulDataLoader uses it: each worker is asked, and given back what it said."""
    alone = [batch["tokens"].tolist() for batch in itertools.islice(TokenDataset(folder).torch_batches(2), 12)]
    monkeypatch.setattr(bridge, "get_worker_info", lambda: SimpleNamespace(id=1, num_workers=3))
    first = TokenDataset(folder).torch_batches(2)
    assert [batch["tokens"].tolist() for batch in itertools.islice(first, 2)] == [alone[1], alone[4]]
    state = first.state_dict()
    second = TokenDataset(folder).torch_batches(2)
    second.load_state_dict(json.loads(json.dumps(state)))
    assert [batch["tokens"].tolist() for batch in itertools.islice(second, 2)] == [alone[7], alone[10]]
    monkeypatch.setattr(bridge, "get_worker_info", lambda: SimpleNamespace(id=1, num_workers=2))
    with pytest.raises(InputError, match=r"it is that of worker 1 of 3, this is 1 of 2\. Keep the number of workers"):
        next(iter(TokenDataset(folder).torch_batches(2, state=state)))


def test_a_state_goes_on_with_another_number_of_ranks(folder) -> None:
    one = TokenDataset(folder).torch_batches(4)
    batches = list(itertools.islice(one, 3))
    assert one.state_dict() == one.state_dict(batches[-1])
    two = [TokenDataset(folder).torch_batches(2, 0, rank, 2, one.state_dict()) for rank in (0, 1)]
    rows = torch.cat([next(iter(each))["tokens"] for each in two])
    assert rows.tolist() == next(iter(one))["tokens"].tolist()


def test_wrong_states_are_refused(folder) -> None:
    batches = TokenDataset(folder).torch_batches(2)
    with pytest.raises(InputError, match="the seed is 5"):
        batches.load_state_dict(TokenDataset(folder).torch_batches(2, 5).state_dict())
    with pytest.raises(RequestError, match="batch_size is 0"):
        TokenDataset(folder).torch_batches(0)


def test_documents_of_rows_without_padding_and_of_one_token() -> None:
    from corpus_forge.tokens.torch import document_numbers

    numbers = document_numbers(np.array([0, 1, 0]), np.array([0, 2, 3]), np.array([4, 1]), 4)
    assert numbers.tolist() == [[0, 1, 1, 1], [0, -1, -1, -1]]

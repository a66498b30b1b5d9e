"""Where a document's tokens lie."""

from __future__ import annotations

from token_folders import pack, write_folder

from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.positions import Position, find_document


def test_a_document_is_found_in_every_row_and_shard_it_lies_in(tmp_path) -> None:
    first = pack([(1, [5] * 100), (2**64 - 1, [6] * 200), (3, [])])
    folder = write_folder(tmp_path, [first, pack([(4, [8]), (2**64 - 1, [9] * 3), (5, [2])])])
    assert find_document(folder, 2**64 - 1) == [
        Position("shard-00000.arrow", 0, 101, 128),
        Position("shard-00000.arrow", 1, 0, 128),
        Position("shard-00000.arrow", 2, 0, 46),
        Position("shard-00001.arrow", 0, 2, 6),
    ]
    assert find_document(folder, 1) == [Position("shard-00000.arrow", 0, 0, 101)]
    assert find_document(folder, 3) == [Position("shard-00000.arrow", 2, 46, 47)]
    assert find_document(folder, 77) == []


def test_the_positions_hold_the_documents_tokens(tmp_path) -> None:
    documents = [(uid, [2 + (uid * 7 + place) % 500 for place in range(uid * 13)]) for uid in range(40)]
    dataset = TokenDataset(write_folder(tmp_path, [pack(documents)]))
    for uid, ids in documents:
        places = find_document(tmp_path, uid)
        found = [token for place in places for token in dataset[place.row]["tokens"][place.start : place.stop].tolist()]
        assert found == [*ids, 0]

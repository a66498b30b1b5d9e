"""Concat packing against the obvious way to do it, token by token."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.errors import RequestError
from corpus_forge.tokens.pack import ConcatPacker
from corpus_forge.tokens.rows import PackedRows, RowsBuilder
from corpus_forge.tokens.schema import check_seq_len

EOS, PAD, LENGTH = 7, 9, 128
TOKEN_BYTES = np.arange(300, dtype=np.uint16) % 5


def document_bytes(ids: list[int], size: int) -> list[int]:
    """Bytes of each token and of the EOS of one document."""
    exact = [int(TOKEN_BYTES[token]) for token in ids]
    if not ids:
        return [size]
    if sum(exact) != size:
        exact = [size * (k + 1) // len(ids) - size * k // len(ids) for k in range(len(ids))]
    return [*exact, 0]


def pack_slowly(documents: list[tuple[int, list[int], int]]) -> list[dict]:
    """One dict a row."""
    stream = []
    for uid, ids, size in documents:
        for place, (token, bytes_) in enumerate(zip([*ids, EOS], document_bytes(ids, size), strict=True)):
            stream.append((token, bytes_, uid, place == 0))
    rows = []
    for first in range(0, len(stream), LENGTH):
        part = stream[first : first + LENGTH]
        pieces = [(0, part[0][2], not part[0][3])]
        pieces += [(place, uid, False) for place, (_, _, uid, begins) in enumerate(part) if begins and place]
        tokens = [token for token, *_ in part]
        rows.append(
            {
                "tokens": tokens + [PAD] * (LENGTH - len(tokens)),
                "n_tokens": len(tokens),
                "n_bytes": sum(bytes_ for _, bytes_, *_ in part),
                "pieces": pieces,
            }
        )
    return rows


def as_dicts(rows: PackedRows) -> list[dict]:
    found = []
    for index in range(len(rows)):
        span = slice(rows.piece_offsets[index], rows.piece_offsets[index + 1])
        pieces = zip(rows.doc_starts[span].tolist(), rows.doc_uid[span].tolist(), rows.doc_cont[span].tolist(), strict=True)
        found.append(
            {
                "tokens": rows.tokens[index].tolist(),
                "n_tokens": int(rows.n_tokens[index]),
                "n_bytes": int(rows.n_bytes[index]),
                "pieces": list(pieces),
            }
        )
    return found


def new_packer() -> ConcatPacker:
    return ConcatPacker(LENGTH, EOS, PAD, np.dtype(np.uint16), TOKEN_BYTES)


def add(packer: ConcatPacker, documents: list[tuple[int, list[int], int]], before: int = 0) -> None:
    """Add documents from arrays in which `before` ids of somebody else come first."""
    ids = np.array([3] * before + [token for _, tokens, _ in documents for token in tokens], np.uint32)
    offsets = before + np.cumsum([0] + [len(tokens) for _, tokens, _ in documents])
    packer.add(ids, offsets, np.array([uid for uid, *_ in documents], np.uint64), np.array([size for *_, size in documents]))


@st.composite
def documents(draw: st.DrawFn) -> list[tuple[int, list[int], int]]:
    made = []
    for uid in range(draw(st.integers(0, 12))):
        length = draw(st.sampled_from([0, 0, 1, 2, 30, 100, 126, 127, 128, 129, 255, 256, 400]))
        ids = [(uid * 31 + place * 7) % 300 for place in range(length)]
        exact = int(TOKEN_BYTES[ids].sum()) if ids else 0
        made.append((2**63 + uid, ids, draw(st.sampled_from([exact, exact, exact + 3, 2 * exact + 1, 0]))))
    return made


@settings(max_examples=200, deadline=None)
@given(documents(), st.integers(0, 12), st.integers(0, 3))
def test_packs_as_the_obvious_loop_does_whatever_the_chunks(docs, cut, before) -> None:
    packer, blocks = new_packer(), []
    for part in (docs[:cut], docs[cut:]):
        add(packer, part, before)
        blocks.append(packer.rows())
    rows = PackedRows.join([*blocks, packer.finish()])
    assert as_dicts(rows) == pack_slowly(docs)
    assert int(rows.n_bytes.sum()) == sum(size for *_, size in docs)


def test_rows_are_handed_out_once_and_a_finished_packer_starts_anew() -> None:
    packer = new_packer()
    add(packer, [(1, [2] * 300, 300)])
    assert [len(packer.rows()), len(packer.rows())] == [2, 0]
    last = packer.finish()
    assert (last.n_tokens.tolist(), last.doc_uid.tolist(), last.doc_cont.tolist()) == ([45], [1], [True])
    assert len(packer.finish()) == 0
    add(packer, [(5, [2], 2)])
    assert as_dicts(packer.finish()) == pack_slowly([(5, [2], 2)])


def test_a_document_that_ends_with_its_row_leaves_nothing_behind() -> None:
    packer = new_packer()
    add(packer, [(1, [2] * 127, 127)])
    assert packer.rows().n_tokens.tolist() == [128]
    assert len(packer.finish()) == 0


def test_many_small_additions_keep_little_and_give_the_same_rows() -> None:
    docs = [(uid, [uid % 300] * (uid % 50), uid) for uid in range(400)]
    packer, blocks = new_packer(), []
    for doc in docs:
        add(packer, [doc])
        blocks.append(packer.rows())
    assert as_dicts(PackedRows.join([*blocks, packer.finish()])) == pack_slowly(docs)


def test_unequal_columns_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="2 documents, 1 uids, 2 sizes"):
        new_packer().add(np.zeros(3, np.uint32), np.array([0, 1, 3]), np.zeros(1, np.uint64), np.zeros(2, np.int64))


def test_ids_above_65535_survive_in_uint32() -> None:
    packer = ConcatPacker(128, 70_000, 70_001, np.dtype(np.uint32))
    packer.add(np.array([69_999], np.uint32), np.array([0, 1]), np.array([1]), np.array([4]))
    assert packer.finish().tokens[0, :3].tolist() == [69_999, 70_000, 70_001]


@pytest.mark.parametrize(
    ("wrong", "choice"),
    [(2000, "1920 or 2048"), (100, "128 or 256"), (0, "128 or 256"), (-5, "128 or 256"), (129, "128 or 256")],
)
def test_seq_len_must_be_a_multiple_of_128_and_the_message_names_the_nearest_two(wrong, choice) -> None:
    with pytest.raises(RequestError, match=f"seq_len: {wrong} is not a positive multiple of 128. Use {choice}"):
        check_seq_len(wrong)
    assert check_seq_len(2048) == 2048


def test_taking_rows_of_a_block_gives_those_rows() -> None:
    packer = new_packer()
    add(packer, [(uid, [uid] * 60, 60) for uid in range(20)])
    rows = packer.finish()
    assert as_dicts(rows.take(2, 5)) == as_dicts(rows)[2:5]
    assert as_dicts(PackedRows.join([rows.take(0, 3), rows.take(3, 3), rows.take(3, len(rows))])) == as_dicts(rows)
    assert len(rows.take(5, 2)) == 0


def test_a_builder_gathers_blocks_as_joining_them_does():
    packer, blocks = ConcatPacker(128, 1, 0, np.dtype(np.uint16)), []
    builder = RowsBuilder(12, 128, np.dtype(np.uint16))
    for n in range(5):
        ids = np.arange(2, 302, dtype=np.uint32)
        packer.add(ids, np.array([0, 100, 300]), np.array([2 * n, 2 * n + 1], np.uint64), np.array([100, 200]))
        blocks.append(packer.rows())
    blocks.append(packer.finish())
    for block in blocks:
        builder.append(block)
    built, joined = builder.finish(), PackedRows.join(blocks)
    assert len(built) == 12
    for name in ("tokens", "n_tokens", "n_bytes", "piece_offsets", "doc_starts", "doc_uid", "doc_cont"):
        np.testing.assert_array_equal(getattr(built, name), getattr(joined, name))
    with pytest.raises(ValueError, match="13 rows, capacity 12"):
        builder.append(joined.take(0, 1))


def test_a_builder_of_nothing_has_no_rows():
    assert len(RowsBuilder(0, 128, np.dtype(np.uint16)).finish()) == 0

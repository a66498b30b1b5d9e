"""Packing against the obvious way to do it (packing_oracle), and what each packing promises."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st
from packing_oracle import EOS, LENGTH, PAD, TOKEN_BYTES, Document, as_dicts, pack_slowly, places_slowly

from corpus_forge.errors import RequestError
from corpus_forge.tokens.layout import PACKINGS, lay_out
from corpus_forge.tokens.pack import Packer, pack
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.schema import check_seq_len

WEB_LENGTHS = np.exp(np.random.Generator(np.random.Philox(5)).normal(6.1, 1.1, 60_000)).astype(np.int64) + 1
"""Tokens of documents as a web corpus has them: log-normal, 450 in the median, 820 on average, 2% beyond 4,000."""


def columns(documents: list[Document], before: int = 0) -> tuple[np.ndarray, ...]:
    """Arrays of documents in which `before` ids of somebody else come first."""
    ids = np.array([3] * before + [token for _, tokens, _ in documents for token in tokens], np.uint32)
    offsets = before + np.cumsum([0] + [len(tokens) for _, tokens, _ in documents])
    return (
        ids,
        offsets,
        np.array([uid for uid, *_ in documents], np.uint64),
        np.array([size for *_, size in documents], np.int64),
    )


def packed(packing: str, documents: list[Document], cuts: tuple[int, ...] = (), before: int = 0) -> PackedRows:
    lengths = np.array([len(ids) + 1 for _, ids, _ in documents], np.int64)
    packer = Packer(lay_out(packing, lengths, LENGTH), EOS, PAD, np.dtype(np.uint16), TOKEN_BYTES)
    edges = [0, *cuts, len(documents)]
    for first, last in pairwise(edges):
        packer.add(*columns(documents[first:last], before))
    return packer.finish()


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    made = []
    for uid in range(draw(st.integers(0, 14))):
        length = draw(st.sampled_from([0, 0, 1, 2, 30, 60, 66, 100, 126, 127, 128, 129, 255, 256, 400]))
        ids = [(uid * 31 + place * 7) % 300 for place in range(length)]
        exact = int(TOKEN_BYTES[ids].sum()) if ids else 0
        made.append((2**63 + uid, ids, draw(st.sampled_from([exact, exact, exact + 3, 2 * exact + 1, 0]))))
    return made


@cases(150)
@given(st.sampled_from(sorted(PACKINGS)), documents(), st.integers(0, 14), st.integers(0, 3))
def test_packs_as_the_obvious_loop_does_whatever_the_chunks(packing, docs, cut, before) -> None:
    rows = packed(packing, docs, (min(cut, len(docs)),), before)
    assert as_dicts(rows) == pack_slowly(packing, docs)
    assert rows.truncated == (sum(max(0, len(ids) + 1 - LENGTH) for _, ids, _ in docs) if packing == "one_per_row" else 0)
    if packing != "one_per_row":
        assert int(rows.n_bytes.sum()) == sum(size for *_, size in docs)
        assert int(rows.n_tokens.sum()) == sum(len(ids) + 1 for _, ids, _ in docs)


@cases(60)
@given(st.lists(st.integers(1, 300), max_size=60), st.sampled_from([128, 256]))
def test_best_fit_chooses_as_looking_at_every_row_does(lengths, room) -> None:
    layout = lay_out("best_fit", np.array(lengths, np.int64), room)
    rows: list[list] = [[] for _ in range(layout.rows)]
    for doc, start, length, row, column in zip(layout.doc, layout.start, layout.length, layout.row, layout.column, strict=True):
        rows[row].append((int(column), (int(doc), int(start), int(start + length))))
    assert [[piece for _, piece in sorted(pieces)] for pieces in rows] == places_slowly("best_fit", lengths, room)


@pytest.mark.parametrize("packing", ["best_fit", "concat"])
@pytest.mark.parametrize("seq_len", [2048, 8192])
def test_rows_are_more_than_999_in_a_thousand_full(packing, seq_len) -> None:
    layout = lay_out(packing, WEB_LENGTHS, seq_len)
    assert int(layout.length.sum()) == int(WEB_LENGTHS.sum())
    assert WEB_LENGTHS.sum() / (layout.rows * seq_len) > 0.999
    if packing == "best_fit":
        pieces = np.bincount(layout.doc)
        assert (pieces[seq_len >= WEB_LENGTHS] == 1).all(), "a document that fits was cut"
        assert (pieces == -(-WEB_LENGTHS // seq_len)).all(), "a document was cut more often than it must be"


def test_a_layout_of_real_lengths_fills_no_place_twice() -> None:
    for packing in PACKINGS:
        layout = lay_out(packing, WEB_LENGTHS[:5000], 512)
        order = np.lexsort((layout.column, layout.row))
        row, begin = layout.row[order], layout.column[order]
        end = begin + layout.length[order]
        assert (end <= 512).all()
        same = row[1:] == row[:-1]
        assert (begin[1:][same] == end[:-1][same]).all()
        assert (begin[1:][~same] == 0).all()


def test_pieces_of_a_document_stand_in_later_rows_than_what_they_continue() -> None:
    layout = lay_out("best_fit", WEB_LENGTHS[:5000], 512)
    continues = layout.start > 0
    assert (layout.row[1:][continues[1:]] > layout.row[:-1][continues[1:]]).all()


def test_documents_that_are_not_chosen_are_passed_over() -> None:
    docs = [(uid, [uid] * 50, 50) for uid in range(10)]
    chosen = np.array([1, 4, 9])
    packer = Packer(lay_out("best_fit", np.full(3, 51), LENGTH), EOS, PAD, np.dtype(np.uint16), TOKEN_BYTES)
    packer.add(*columns(docs), chosen)
    assert as_dicts(packer.finish()) == pack_slowly("best_fit", [docs[each] for each in chosen])


def test_packing_in_one_call_is_the_same() -> None:
    docs = [(uid, [uid] * (uid * 9), uid * 9) for uid in range(20)]
    values = {"seq_len": LENGTH, "eos_id": EOS, "pad_id": PAD, "dtype": np.dtype(np.uint16), "token_bytes": TOKEN_BYTES}
    assert as_dicts(pack("best_fit", *columns(docs), **values)) == pack_slowly("best_fit", docs)


def test_unequal_columns_and_missing_documents_are_mistakes_of_the_caller() -> None:
    packer = Packer(lay_out("concat", np.array([2, 3]), LENGTH), EOS, PAD, np.dtype(np.uint16))
    with pytest.raises(ValueError, match="2 documents, 1 uids, 2 sizes"):
        packer.add(np.zeros(3, np.uint32), np.array([0, 1, 3]), np.zeros(1, np.uint64), np.zeros(2, np.int64))
    with pytest.raises(ValueError, match="0 documents were added to a layout of 2"):
        packer.finish()


def test_an_unknown_packing_is_named_with_those_there_are() -> None:
    with pytest.raises(RequestError, match="packing: 'tight' is none of concat, best_fit, pad, one_per_row"):
        lay_out("tight", np.array([3]), LENGTH)


def test_more_rows_than_a_shard_holds_are_refused_before_they_are_made() -> None:
    layout = lay_out("pad", np.full(1 << 20, 2, np.int64), 1 << 12)
    with pytest.raises(RequestError, match=r"1,048,576 rows of 4,096 tokens.* Pack by best_fit"):
        Packer(layout, EOS, PAD, np.dtype(np.uint16))


def test_ids_above_65535_survive_in_uint32() -> None:
    packer = Packer(lay_out("concat", np.array([2]), 128), 70_000, 70_001, np.dtype(np.uint32))
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
    rows = packed("concat", [(uid, [uid] * 60, 60) for uid in range(20)])
    assert as_dicts(rows.take(2, 5)) == as_dicts(rows)[2:5]
    assert as_dicts(PackedRows.join([rows.take(0, 3), rows.take(3, 3), rows.take(3, len(rows))])) == as_dicts(rows)
    assert len(rows.take(5, 2)) == 0

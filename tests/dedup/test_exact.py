"""Exact duplicates: keys, clusters and normalization against the obvious Python."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.dedup.exact import exact_duplicates, later_copies, normalized, text_keys

SPACES = "".join(chr(code) for code in range(0x110000) if chr(code).isspace())
TEXTS = st.text(
    st.one_of(st.sampled_from("aAbB" + SPACES + "\u200bİΣς"), st.characters(exclude_categories=["Cs"])), max_size=12
)


def pairs(keys) -> list[tuple[int, int]]:
    return list(zip(keys[0].tolist(), keys[1].tolist(), strict=True))


def test_a_key_is_the_128_bit_blake2b_of_the_bytes():
    digest = hashlib.blake2b("größe".encode(), digest_size=16).digest()
    expected = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
    assert pairs(text_keys(["größe"])) == [expected]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_keys_of_sliced_chunked_and_null_columns_are_those_of_the_texts(kind):
    column = pa.array(["x", "a", "", None, "größe", "y"], kind)
    expected = pairs(text_keys(["a", "", "", "größe"]))
    assert pairs(text_keys(column.slice(1, 4))) == expected
    assert pairs(text_keys(pa.chunked_array([column.slice(1, 2), column.slice(3, 2)]))) == expected


def test_no_texts_have_no_keys():
    hi, lo = text_keys([])
    assert (hi.dtype, lo.dtype, len(hi), len(lo)) == (np.uint64, np.uint64, 0, 0)
    assert exact_duplicates([]).tolist() == []


@given(st.lists(TEXTS, max_size=20))
@cases(200)
def test_clusters_name_the_first_equal_text(texts):
    assert exact_duplicates(texts).tolist() == [texts.index(text) for text in texts]


@given(TEXTS)
@cases(500)
def test_whitespace_is_that_of_str_split(text):
    assert normalized([text], ["whitespace"])[0].as_py() == " ".join(text.split())


def test_every_space_of_unicode_is_collapsed():
    assert normalized([f"{SPACES}a{SPACES}b{SPACES}", *(f"a{space}b" for space in SPACES)], ["whitespace"]).to_pylist() == [
        "a b"
    ] * (len(SPACES) + 1)


def test_lower_case_is_that_of_python_for_every_code_point_that_both_know():
    """`str.lower` has two longer forms: İ becomes two code points, and Σ ends a word as ς; ours maps one to one."""
    letters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000 and code != 0x130]
    differing = [a for a, b in zip(letters, normalized(letters, ["lower"]).to_pylist(), strict=True) if a.lower() != b]
    assert not [letter for letter in differing if letter < "\u0530"]
    assert len(differing) < 200
    assert normalized(["ΟΔΟΣ İ"], ["lower"]).to_pylist() == ["οδοσ i"]


def test_normalizations_combine_and_change_keys_only_when_asked():
    texts = ["Hello  World", " hello world\n", "Hello World"]
    assert exact_duplicates(texts).tolist() == [0, 1, 2]
    assert exact_duplicates(texts, ["whitespace"]).tolist() == [0, 1, 0]
    assert exact_duplicates(texts, ["lower", "whitespace"]).tolist() == [0, 0, 0]


def test_keys_spread_evenly_over_buckets():
    hi, lo = text_keys([f"text {number}" for number in range(20_000)])
    for lane in (hi, lo):
        for shift in (0, 60):
            counts = np.bincount(((lane >> np.uint64(shift)) & np.uint64(15)).astype(np.int64), minlength=16)
            assert counts.min() > 1100
            assert counts.max() < 1400


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2**64 - 1)), unique_by=lambda row: row[2]))
def test_later_copies_leave_all_but_the_smallest_id_of_each_key(rows):
    rows.sort()
    hi, lo, ids = (np.array([row[i] for row in rows], np.uint64) for i in range(3))
    leaving, kept = later_copies(hi, lo, ids)
    first: dict[tuple[int, int], int] = {}
    expected = [(i, first[a, b]) for a, b, i in rows if first.setdefault((a, b), i) != i]
    assert list(zip(leaving.tolist(), kept.tolist(), strict=True)) == expected

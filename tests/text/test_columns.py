"""Every form that texts may have reads the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from corpus_forge.errors import RequestError
from corpus_forge.text.columns import text_array, text_column

TEXTS = ["first", "", "dritter Ü", None, "東京"]
EXPECTED = ["first", "", "dritter Ü", "", "東京"]


def read(texts) -> list[str]:
    data, offsets = text_column(texts)
    return [bytes(data[a:b]).decode() for a, b in pairwise(offsets)]


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS, object),
        pa.array(TEXTS),
        pa.array(TEXTS, pa.large_string()),
        pa.array(["before", *TEXTS, "after"]).slice(1, 5),
        pa.array(["before", *TEXTS, "after"], pa.large_string())[1:6],
        pa.chunked_array([TEXTS[:2], [], TEXTS[2:]]),
        pa.chunked_array([pa.array(["x", *TEXTS], pa.large_string())]).slice(1),
        pa.array(TEXTS).dictionary_encode(),
        pa.array(TEXTS, pa.string_view()),
    ],
    ids=lambda texts: type(texts).__name__,
)
def test_forms_of_texts_read_the_same(texts):
    assert read(texts) == EXPECTED


@pytest.mark.parametrize("texts", [[], pa.array([], pa.string()), pa.chunked_array([], pa.large_string()), pa.array(["a"])[:0]])
def test_no_texts(texts):
    assert read(texts) == []


@pytest.mark.parametrize("texts", [[None, None], pa.nulls(2), pa.nulls(2, pa.string())])
def test_null_counts_as_empty(texts):
    assert read(texts) == ["", ""]


def test_bytes_under_a_null_are_not_read():
    bytes_of_both = pa.array(["seen", "hidden"]).buffers()
    array = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x01"), *bytes_of_both[1:]])
    assert read(array) == ["seen", ""]


def test_a_large_string_column_is_not_copied():
    array = pa.array(["one", "two", "three"], pa.large_string())
    data, offsets = text_column(array[1:])
    assert data.__array_interface__["data"][0] == array.buffers()[2].address
    assert offsets.__array_interface__["data"][0] == array.buffers()[1].address + 8
    assert not data.flags.writeable
    assert not offsets.flags.writeable


def test_lone_surrogates_become_replacement_characters():
    assert read(["a\ud800b", None, "😀"]) == ["a\ufffdb", "", "😀"]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", "texts is one text, not a list of texts"),
        (b"bytes", "texts is one text, not a list of texts"),
        (["a", 5], "texts holds a int, where str or None is needed"),
        ([b"a"], "texts holds a bytes, where str or None is needed"),
        (pa.array([1, 2]), "texts is a column of int64, where string or large_string is needed"),
        (pa.array([b"a"]), "texts is a column of binary, where"),
    ],
)
def test_what_is_no_text_is_named(texts, message):
    with pytest.raises(RequestError, match=message):
        text_array(texts)

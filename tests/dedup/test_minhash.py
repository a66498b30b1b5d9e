"""Signatures against the obvious Python, datasketch, and the similarity they estimate."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st
from shingle_oracle import jaccard, shingles_of, signatures_of

from corpus_forge.dedup.minhash import EMPTY, minhash_signatures
from corpus_forge.errors import RequestError

TEXT = st.text(
    st.one_of(st.sampled_from("aB c\n,-é中文ไทあ\u0301\u200b\x00７"), st.characters(exclude_categories=["Cs"])), max_size=40
)
FOLDINGS = st.sets(st.sampled_from(["lower", "punctuation", "digits", "accents"])).map(
    lambda how: tuple(name for name in ("lower", "punctuation", "digits", "accents") if name in how)
)
SENTENCE = "The quick brown fox jumps over the lazy dog, and then the dog jumps over the fox."

RECORDED = {
    "affine32": [351445357, 303429387, 772746793, 416699031, 170167120, 12980189],
    "legacy": [1826713867, 183870673, 201817220, 21566728, 32343711, 123772942],
}


@cases(150)
@given(
    texts=st.lists(TEXT, max_size=4),
    ngram=st.integers(1, 6),
    num_perm=st.integers(1, 20),
    unit=st.sampled_from(["words", "characters"]),
    how=FOLDINGS,
    seed=st.integers(0, 3),
    compatible=st.sampled_from([None, "datasketch", "datasketch1"]),
)
def test_signatures_are_those_of_the_definition(texts, ngram, num_perm, unit, how, seed, compatible):
    found = minhash_signatures(texts, ngram, num_perm, unit=unit, normalize=how, seed=seed, compatible=compatible)
    assert found.dtype == np.uint32
    np.testing.assert_array_equal(found, signatures_of(texts, ngram, num_perm, unit, how, seed, compatible))


@pytest.mark.parametrize("compatible", [None, "datasketch"])
@pytest.mark.parametrize("words", [1023, 1024, 1027, 1028, 1029, 2060])
def test_documents_around_the_size_of_a_block(words, compatible):
    rng = random.Random(words)
    texts = [" ".join(rng.choice("abcdefgh") * rng.randint(1, 3) for _ in range(words))]
    found = minhash_signatures(texts, num_perm=16, compatible=compatible)
    np.testing.assert_array_equal(found, signatures_of(texts, 5, 16, "words", ("lower", "punctuation"), 1, compatible))


@pytest.mark.parametrize("length", [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 200])
def test_sha1_of_one_long_word_at_the_edges_of_its_chunks(length):
    texts = ["x" * length, "é" * (length // 2)]
    found = minhash_signatures(texts, num_perm=4, normalize=(), compatible="datasketch")
    np.testing.assert_array_equal(found, signatures_of(texts, 5, 4, "words", (), 1, "datasketch"))


def test_recorded_signatures_of_datasketch():
    """Of datasketch 2.0.0, MinHash(num_perm=6, seed=1) and scheme="legacy", of the word 5-grams' UTF-8 bytes."""
    affine = minhash_signatures([SENTENCE], num_perm=6, compatible="datasketch")[0].tolist()
    legacy = minhash_signatures([SENTENCE], num_perm=6, compatible="datasketch1")[0].tolist()
    assert affine == RECORDED["affine32"]
    assert legacy == RECORDED["legacy"]


@pytest.mark.parametrize(("compatible", "scheme"), [("datasketch", "affine32"), ("datasketch1", "legacy")])
def test_rows_are_datasketch_objects_and_back(compatible, scheme):
    datasketch = pytest.importorskip("datasketch")
    if not hasattr(datasketch.MinHash(num_perm=1), "scheme"):
        pytest.skip("datasketch is older than 2.0")
    texts = [SENTENCE, SENTENCE.replace("lazy", "sleepy"), "short", ""]
    found = minhash_signatures(texts, num_perm=64, seed=7, compatible=compatible)
    for text, row in zip(texts, found, strict=True):
        theirs = datasketch.MinHash(num_perm=64, seed=7, scheme=scheme)
        theirs.update_batch([" ".join(shingle).encode() for shingle in shingles_of(text, 5, "words", ("lower", "punctuation"))])
        assert theirs.hashvalues.tolist() == row.tolist()
        assert datasketch.MinHash(seed=7, hashvalues=row.astype(theirs.hashvalues.dtype), scheme=scheme) == theirs


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_sliced_chunked_and_null_columns_are_read_as_their_texts(kind):
    column = pa.array(["x", SENTENCE, "", None, "größe", "y"], kind)
    expected = minhash_signatures([SENTENCE, "", "", "größe"])
    np.testing.assert_array_equal(minhash_signatures(column.slice(1, 4)), expected)
    chunks = pa.chunked_array([column.slice(1, 2), column.slice(3, 2)])
    np.testing.assert_array_equal(minhash_signatures(chunks), expected)


def test_short_texts_have_one_shingle_and_texts_without_a_word_none():
    found = minhash_signatures(["one two", "two one", "One, two!", "...", ""], num_perm=8)
    assert found[0].tolist() == found[2].tolist() != found[1].tolist()
    assert (found[3:] == EMPTY).all()
    assert minhash_signatures([], num_perm=8).shape == (0, 8)


def test_words_without_spaces_are_characters():
    found = minhash_signatures(["今天天气很好我们去公园", "今天 天气 很好 我们 去公园"], num_perm=8)
    assert found[0].tolist() == found[1].tolist()


@pytest.mark.parametrize("compatible", [None, "datasketch"])
def test_the_share_of_equal_entries_estimates_the_similarity(compatible):
    """At 512 permutations the mean of 60 estimates is within 0.01 of the truth, and each within 5 standard deviations."""
    rng = random.Random(5)
    words = [f"w{number}" for number in range(4000)]
    errors = []
    for number in range(60):
        one = [rng.choice(words) for _ in range(300)]
        two = [rng.choice(words) if rng.random() < number / 300 else word for word in one]
        texts = [" ".join(one), " ".join(two)]
        first, second = minhash_signatures(texts, num_perm=512, compatible=compatible)
        true = jaccard(*texts)
        errors.append(float((first == second).mean()) - true)
        assert abs(errors[-1]) <= 5 * (true * (1 - true) / 512) ** 0.5 + 1e-9
    assert abs(sum(errors) / len(errors)) < 0.01


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ngram": 0}, "ngram: 0 is not between"),
        ({"num_perm": 0}, "num_perm: 0 is not between"),
        ({"unit": "word"}, "unit: 'word' is not known. Did you mean 'words'"),
        ({"normalize": "upper"}, "normalize: 'upper' is not known"),
        ({"seed": -1}, "seed: -1 is not between"),
        ({"compatible": "rensa"}, "compatible: 'rensa' is not known"),
    ],
)
def test_wrong_parameters_are_refused(wrong, said):
    with pytest.raises(RequestError, match=said):
        minhash_signatures(["text"], **wrong)


def broken_column(texts: list[bytes]) -> pa.Array:
    """A column whose bytes are no UTF-8, which Arrow does not check."""
    ends = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    buffers = [None, pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(texts))]
    return pa.LargeStringArray.from_buffers(len(texts), buffers[1], buffers[2])


@pytest.mark.parametrize("compatible", [None, "datasketch"])
def test_a_document_of_20_megabytes_takes_no_more_than_its_folded_bytes(compatible):
    """Repeated text has the shingles of two copies, however many there are."""
    text = " ".join(f"{number:x}" for number in range(20_000)) + " "
    copies = 20_000_000 // len(text) if compatible is None else 20
    few, many = minhash_signatures([text * 2, text * copies], num_perm=8, compatible=compatible)
    assert few.tolist() == many.tolist()


def test_kernels_stay_within_their_arrays(pytestconfig):
    """Under numba's bounds check, also on bytes that are no UTF-8: a process of its own, since the check is compiled in."""
    script = (
        "import random\n"
        "from test_minhash import *\n"
        "rng = random.Random(1)\n"
        "broken = [bytes(rng.choices(range(256), k=k)) for k in (*range(40), 3000)] + [bytes([b]) for b in range(256)]\n"
        "broken += [b'\\xc8\\xba' * k for k in range(30)] + [b'a\\xff', b'\\xe4\\xb8', b'\\xf0\\x9f\\x98', b'\\xc3 ' * 9]\n"
        "for unit in ('words', 'characters'):\n"
        "    for compatible in (None, 'datasketch', 'datasketch1'):\n"
        "        for text in broken:\n"
        "            how = {'unit': unit, 'compatible': compatible, 'normalize': ('lower', 'accents')}\n"
        "            minhash_signatures(broken_column([text]), 3, 5, **how)\n"
        "        words = [SENTENCE * 200, 'a b', '']\n"
        "        found = minhash_signatures(words, 5, 3, unit=unit, compatible=compatible)\n"
        "        assert (found == signatures_of(words, 5, 3, unit, ('lower', 'punctuation'), 1, compatible)).all()\n"
        "from corpus_forge.dedup.line_places import line_places\n"
        "from corpus_forge.dedup.pairs import similar_pairs\n"
        "from corpus_forge.dedup.shingles import shingles_of\n"
        "from corpus_forge.dedup.substrings import anchor_places, duplicate_spans\n"
        "from corpus_forge.text.columns import text_column\n"
        "for text in [*broken, b'\\n', b'a\\n\\n\\nb', b'a' * 99]:\n"
        "    column = text_column(broken_column([text]))\n"
        "    [line_places(column, paragraphs) for paragraphs in (True, False)]\n"
        "    shingles_of(broken_column([text]), 3)\n"
        "    anchor_places(column, 16)\n"
        "assert duplicate_spans([SENTENCE, 'x' + SENTENCE + 'yé'], 16).num_rows\n"
        "key, ids = np.zeros(9, np.uint64), np.arange(9, dtype=np.uint64)\n"
        "assert len(similar_pairs(key, key, ids, shingles_of([*'abcdabcd', ''], 2), 1.0)[0]) == 4\n"
        "from corpus_forge.dedup.kernels import hash_bands\n"
        "try:\n"
        "    hash_bands(found, 2, 3, *np.empty((2, 3, 2), np.uint64))\n"
        "except IndexError:\n"
        "    print('checked')\n"
    )
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_CACHE_DIR": str(pytestconfig.cache.mkdir("numba-boundscheck")),
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parent), os.environ.get("PYTHONPATH", "")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert (done.returncode, done.stdout) == (0, "checked\n"), done.stderr

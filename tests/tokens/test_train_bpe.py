"""Training: reserved ids, the same bytes always, and nothing a document can do to it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_forge.errors import RequestError
from corpus_forge.tokens.probe import SENTENCES
from corpus_forge.tokens.tokenizer import load_tokenizer
from corpus_forge.tokens.train import LONGEST_RUN, PIECE_BYTES, RESERVED, SMALLEST_VOCAB, pieces, train_bpe


def test_reserved_tokens_come_first_and_count_in_the_vocabulary() -> None:
    definition = json.loads(train_bpe(["low lower lowest " * 50], 400))
    added = [(item["id"], item["content"], item["special"]) for item in definition["added_tokens"]]
    assert added == [(number, name, True) for number, name in enumerate(RESERVED)]
    assert (RESERVED[:4], RESERVED[-1], len(RESERVED)) == (
        ("<|eos|>", "<|pad|>", "<|mask|>", "<|sentinel_0|>"),
        "<|sentinel_99|>",
        103,
    )
    assert max(definition["model"]["vocab"].values()) + 1 <= 400
    assert "Ġlow" in definition["model"]["vocab"]


def test_a_vocabulary_is_filled_exactly_when_the_texts_have_enough() -> None:
    assert load_tokenizer(train_bpe(SENTENCES, 400)).vocab_size == 400


@pytest.mark.parametrize("size", [SMALLEST_VOCAB, 100, 0, -1])
def test_a_vocabulary_too_small_for_bytes_and_reserved_tokens_is_refused(size) -> None:
    with pytest.raises(
        RequestError, match=rf"vocab_size: {size} is too small: 256 bytes and 103 special tokens .* take 359. Use 360"
    ):
        train_bpe(["text"], size)
    assert load_tokenizer(train_bpe(["aa aa"], 360)).vocab_size == 360


def test_strings_arrays_nulls_and_chunks_are_the_same_texts(trained) -> None:
    texts = ["the quick brown fox", "", "the lazy dog", "naïve café"]
    expected = train_bpe(texts, 380)
    array = pa.array([texts[0], None, *texts[1:]], pa.large_string())
    assert train_bpe([array], 380) == expected
    assert train_bpe([array.slice(0, 2), pa.chunked_array([array.slice(2, 1), array.slice(3)])], 380) == expected
    assert train_bpe([], 380) == train_bpe([""], 380)


def test_hash_seeds_and_threads_do_not_change_a_byte(trained) -> None:
    program = """
import hashlib
from corpus_forge.tokens.probe import probe_texts
from corpus_forge.tokens.train import train_bpe
texts = [text * 5 for text in probe_texts(mixtures=2000)]
print(hashlib.sha256(train_bpe(texts, 900)).hexdigest())
"""
    variants = [
        {"PYTHONHASHSEED": "0", "RAYON_NUM_THREADS": "1"},
        {"PYTHONHASHSEED": "7", "RAYON_NUM_THREADS": "4"},
        {"TOKENIZERS_PARALLELISM": "false"},
        {"TOKENIZERS_PARALLELISM": "true", "RAYON_NUM_THREADS": "3"},
    ]
    runs = [
        subprocess.run([sys.executable, "-c", program], env=os.environ | extra, capture_output=True, text=True, check=True)
        for extra in variants
    ]
    assert len({run.stdout for run in runs}) == 1
    assert len(runs[0].stdout.strip()) == hashlib.sha256().digest_size * 2


@pytest.mark.parametrize("text", ["a" * 3_000_000, " " * 3_000_000, "的" * 1_000_000, "\n \n" * 1_000_000, "a " * 1_500_000])
def test_one_enormous_document_does_not_stall_training(text) -> None:
    started = time.monotonic()
    assert load_tokenizer(train_bpe([text, "some other text"], 420)).vocab_size <= 420
    assert time.monotonic() - started < 20


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", " ", "的", "word ", "\n", "😀", "é\t"]), st.integers(1, 3000)), max_size=8))
def test_pieces_are_the_text_in_short_parts_without_long_runs(parts) -> None:
    text = "".join(char * count for char, count in parts)
    cut = list(pieces(text))
    assert "".join(cut) == text
    assert all(len(piece.encode()) <= PIECE_BYTES for piece in cut)
    for piece in cut:
        assert max((len(run.encode()) for run in piece.split()), default=0) <= LONGEST_RUN + 3


def test_ordinary_text_is_cut_at_white_space_only() -> None:
    text = "several words on a line,\nand so on; " * 5000
    cut = list(pieces(text))
    assert len(cut) == 6
    assert all(piece[0].isspace() for piece in cut[1:])
    assert "".join(cut) == text


def test_lone_surrogates_do_not_stop_training() -> None:
    assert load_tokenizer(train_bpe(["bad \ud800 text " * 100], 380)).vocab_size <= 380

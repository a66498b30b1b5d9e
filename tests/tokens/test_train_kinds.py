"""Unigram and WordPiece: special tokens in their places, texts that survive, and the same bytes in every process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest

from corpus_forge.errors import RequestError
from corpus_forge.tokens.probe import SENTENCES
from corpus_forge.tokens.tokenizer import load_tokenizer
from corpus_forge.tokens.train import RESERVED, train_bpe
from corpus_forge.tokens.train_kinds import train_tokenizer

TEXTS = [*SENTENCES, "the quick brown fox jumps over the lazy dog and then it isn't there any more\n" * 20]


@pytest.mark.parametrize(("kind", "size"), [("bpe", 400), ("unigram", 900), ("wordpiece", 1100)])
def test_special_tokens_have_the_first_ids_whatever_the_kind(kind, size) -> None:
    pytest.importorskip("sentencepiece")
    loaded = load_tokenizer(train_tokenizer(TEXTS, size, kind))
    assert [loaded.vocabulary.tokens[number] for number in range(len(RESERVED))] == list(RESERVED)
    assert (loaded.packing_ids(), loaded.mask_id, loaded.sentinel0_id) == ((0, 1), 2, 3)
    assert loaded.vocab_size <= size
    for text in ("the <|eos|> dog", "Łódź\t😀  \n x"):
        ids = loaded.encode([text]).ids
        assert min(ids.tolist()) >= len(RESERVED)
        assert kind == "wordpiece" or loaded.decode(ids) == text
    assert loaded.decode(loaded.encode(["The quick dog"]).ids).lower() == "the quick dog"


def test_bpe_is_what_it_was() -> None:
    assert train_tokenizer(TEXTS, 400).content == train_bpe(TEXTS, 400)


def test_processes_and_hash_seeds_do_not_change_a_byte() -> None:
    pytest.importorskip("sentencepiece")
    program = """
import hashlib
from corpus_forge.tokens.probe import probe_texts
from corpus_forge.tokens.train_kinds import train_tokenizer
texts = [text * 3 for text in probe_texts(mixtures=300)]
made = [train_tokenizer(texts, size, kind) for kind, size in (("unigram", 800), ("wordpiece", 900))]
print([hashlib.sha256(each.content).hexdigest() for each in made])
"""
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("0", "7")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert len(json.loads(runs[0].stdout.replace("'", '"'))[0]) == hashlib.sha256().digest_size * 2


def test_too_few_ids_and_unknown_kinds_are_refused() -> None:
    with pytest.raises(RequestError, match=r"vocab_size: 200 is too small: .* bytes, letters and marks and 103 special tokens"):
        train_tokenizer(TEXTS, 200, "wordpiece")
    with pytest.raises(RequestError, match=r"kind: 'unigramm' is no kind of tokenizer\. Did you mean 'unigram'"):
        train_tokenizer(TEXTS, 1000, "unigramm")

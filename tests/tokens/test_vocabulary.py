"""What an id stands for, read from tokenizer.json alone."""

from __future__ import annotations

import numpy as np

from corpus_forge.tokens.vocabulary import Vocabulary

SPECIAL = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


def added(number: int, content: str, special: bool = True) -> dict:
    return {"id": number, "content": content, "special": special, **SPECIAL}


def test_byte_level_tokens_are_strings_of_bytes() -> None:
    vocab = {"<|endoftext|>": 0, "Ġthe": 1, "é": 2, "Ã©": 3, "ĊĊ": 4, "s": 5, "č": 6}
    made = Vocabulary(
        {
            "model": {"type": "BPE", "vocab": vocab},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split"}, {"type": "ByteLevel"}]},
            "added_tokens": [added(0, "<|endoftext|>"), added(9, "  ", special=False)],
        }
    )
    assert made.size == 10
    assert made.token_bytes().tolist() == [0, 4, 1, 2, 2, 1, 1, 0, 0, 2]
    assert np.flatnonzero(made.word_start()).tolist() == [0, 1, 4, 6, 9]
    assert (made.special_ids["eos"], made.special_ids["pad"], made.reserved) == (0, None, frozenset({0}))


def test_sentencepiece_tokens_have_spaces_and_single_bytes() -> None:
    vocab = [["<unk>", 0.0], ["<s>", 0.0], ["</s>", 0.0], ["<0xE4>", 0.0], ["▁über", -1.0], ["▁", -2.0], ["en", -3.0]]
    made = Vocabulary({"model": {"type": "Unigram", "vocab": vocab, "unk_id": 0}, "added_tokens": [added(0, "<unk>")]})
    assert made.token_bytes().tolist() == [5, 0, 0, 1, 6, 1, 2]
    assert np.flatnonzero(made.word_start()).tolist() == [1, 2, 4, 5]
    assert (made.special_ids["eos"], made.special_ids["bos"], made.unknown_id) == (2, 1, 0)
    assert made.reserved == {1, 2}


def test_word_pieces_that_go_on_are_marked() -> None:
    vocab = {"[UNK]": 0, "[SEP]": 1, "un": 2, "##able": 3}
    made = Vocabulary(
        {"model": {"type": "WordPiece", "vocab": vocab, "unk_token": "[UNK]"}, "added_tokens": [added(1, "[SEP]")]}
    )
    assert made.token_bytes().tolist() == [5, 0, 2, 4]
    assert made.word_start().tolist() == [True, True, True, False]


def test_the_most_telling_name_wins() -> None:
    vocab = {"</s>": 0, "<|eos|>": 1, "<|endoftext|>": 2, "<extra_id_0>": 3}
    special_ids = Vocabulary({"model": {"vocab": vocab}}).special_ids
    assert (special_ids["eos"], special_ids["sentinel0"]) == (1, 3)
    assert Vocabulary({"model": {"vocab": vocab}}, {"eos": "</s>"}).special_ids["eos"] == 0

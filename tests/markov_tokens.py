"""Small token folders whose best possible loss is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from token_folders import metadata, pack, write_folder

VOCAB, FIRST = 64, 8
"""Ids below FIRST are special: eos, pad, mask, five sentinels."""


def markov(documents: int, length: int = 90, seed: int = 0) -> list[tuple[int, list[int]]]:
    """Documents in which a token is followed by one of two others: unigram entropy ln 56, conditional entropy ln 2."""
    random = np.random.default_rng(seed)
    made = []
    for uid in range(documents):
        tokens = [int(random.integers(0, VOCAB - FIRST))]
        for coin in random.integers(0, 2, random.integers(length // 2, length * 2)):
            tokens.append((tokens[-1] * 5 + 3 + 7 * int(coin)) % (VOCAB - FIRST))
        made.append((uid, [token + FIRST for token in tokens]))
    return made


def write_tokens(folder: Path, documents: list[tuple[int, list[int]]], split: str = "train", **changes: Any) -> Path:
    """A tokens folder with its tables and a tokenizer.json that names the sentinels."""
    meta = metadata(vocab_size=VOCAB, mask_id=2, sentinel0_id=3, split=split, **changes)
    write_folder(folder, [pack(documents)], meta)
    lengths = np.ones(VOCAB, np.uint16)
    lengths[:FIRST] = 0
    np.save(folder / "token_bytes.npy", lengths)
    np.save(folder / "word_start.npy", np.arange(VOCAB) % 3 == 0)
    added = [{"content": f"<|sentinel_{n}|>", "id": 3 + n} for n in range(5)]
    (folder / "tokenizer.json").write_text(json.dumps({"added_tokens": added}), "utf-8")
    return folder

"""tiktoken ranks as a tokenizer.json with the same ids: byte-level BPE whose merges are read off the ranks.

A .tiktoken file is one token a line, base64 and rank. It has neither the pattern that cuts text into words nor special tokens;
both are given, the pattern by the name of a published encoding (PATTERNS) or as a regular expression. Ids are those of tiktoken
wherever the regular expression engines of both agree, which the tests try on real and on hostile texts.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from corpus_forge.errors import RequestError, nearest
from corpus_forge.tokens.vocabulary import BYTE_ALPHABET

_CASED = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
)
PATTERNS = {
    "gpt2": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "cl100k": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+",
    "o200k": _CASED + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
"""Patterns of github.com/openai/tiktoken, tiktoken_ext/openai_public.py; r50k and p50k have that of gpt2."""
MOST_TOKENS = 1 << 22


def from_tiktoken(content: bytes, pattern: str, special_tokens: Mapping[str, int]) -> bytes:
    """The bytes of a tokenizer.json. RequestError names the line, pattern or token that is wrong."""
    ranks = parse_ranks(content)
    _check_specials(ranks, special_tokens)
    vocab = {_as_characters(token): rank for token, rank in ranks.items()}
    definition = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(name, number) for name, number in sorted(special_tokens.items(), key=lambda item: item[1])],
        "normalizer": None,
        "pre_tokenizer": _pre_tokenizer(known_pattern(pattern)),
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {**_BPE, "vocab": {**vocab, **special_tokens}, "merges": _merges(ranks)},
    }
    return (json.dumps(definition, ensure_ascii=False) + "\n").encode()


def known_pattern(pattern: str) -> str:
    """The expression of a published encoding by its name; a name that is none is refused, anything else is an expression."""
    if pattern in PATTERNS:
        return PATTERNS[pattern]
    if pattern.isidentifier():
        raise RequestError(f"pattern: '{pattern}' is no known encoding. {nearest(pattern, PATTERNS)} Or give the expression.")
    return pattern


def parse_ranks(content: bytes) -> dict[bytes, int]:
    """Token to rank, in the order of ranks. Every byte must be there; a rank must not come twice."""
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error) as error:
            raise RequestError(f"line {number} is not `base64 rank`: {line[:40]!r}.") from error
        if len(ranks) > MOST_TOKENS:
            raise RequestError(f"more than {MOST_TOKENS:,} tokens.")
    missing = [byte for byte in range(256) if bytes([byte]) not in ranks]
    if missing:
        raise RequestError(f"{len(missing)} of 256 bytes have no rank, the first is 0x{missing[0]:02x}: not tiktoken ranks.")
    if len(set(ranks.values())) != len(ranks) or min(ranks.values()) < 0:
        raise RequestError("two tokens have the same rank, or a rank is negative.")
    return dict(sorted(ranks.items(), key=lambda item: item[1]))


_BPE = {
    "type": "BPE",
    "dropout": None,
    "unk_token": None,
    "continuing_subword_prefix": None,
    "end_of_word_suffix": None,
    "fuse_unk": False,
    "byte_fallback": False,
    "ignore_merges": True,  # tiktoken takes a word that is a token before it tries to merge
}


def _check_specials(ranks: Mapping[bytes, int], special_tokens: Mapping[str, int]) -> None:
    taken = set(ranks.values())
    for name, number in special_tokens.items():
        if not name or number < 0 or number in taken:
            raise RequestError(f"special_tokens: '{name}': {number} is the id of another token, or no id.")
        taken.add(number)


def _as_characters(token: bytes) -> str:
    return "".join(BYTE_ALPHABET[byte] for byte in token)


def _added(name: str, number: int) -> dict[str, Any]:
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": number, "content": name, **plain, "special": True}


def _pre_tokenizer(pattern: str) -> dict[str, Any]:
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    to_bytes = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {"type": "Sequence", "pretokenizers": [split, to_bytes]}


def _merges(ranks: Mapping[bytes, int]) -> list[list[str]]:
    """The last merge that makes each token, in the order of ranks."""
    merges = []
    for token, rank in ranks.items():
        parts = _parts(token, rank, ranks) if len(token) > 1 else []
        if len(parts) == 2:
            merges.append([_as_characters(part) for part in parts])
    return merges


def _parts(token: bytes, rank: int, ranks: Mapping[bytes, int]) -> list[bytes]:
    """The token put together from bytes by merges that come before its own."""
    parts = [token[at : at + 1] for at in range(len(token))]
    while len(parts) > 2:
        known = [(ranks.get(parts[at] + parts[at + 1], rank), at) for at in range(len(parts) - 1)]
        best, at = min(known)
        if best >= rank:
            return parts
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts

"""A SentencePiece model as a tokenizer.json: for its vocabulary, for decoding, and for programs that know this format alone.

What SentencePiece does to a text before it looks for pieces (its compiled normalisation, white space) becomes normalizers; its
Unigram and BPE models become those of `tokenizers`. The ids of both agree but for what `tokenizers` does otherwise: compiled
normalisation of marks, and ties between Unigram spellings, which SentencePiece settles in single precision (5 of 200 long web
pages had one). Therefore a run encodes with `sentencepiece` itself (reference.py), and this is not what defines ids.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from corpus_forge.errors import RequestError
from corpus_forge.tokens.spm_model import PieceType, SpmModel, parse_spm

SPACE = "▁"


def from_sentencepiece(content: bytes) -> bytes:
    """The bytes of a tokenizer.json; RequestError for a model that cannot be converted without changing ids."""
    model = parse_spm(content)
    if model.kind not in ("unigram", "bpe") or model.suffix_spaces or not model.escape_spaces:
        raise RequestError(f"a SentencePiece model of kind '{model.kind}' or with suffix spaces cannot be converted.")
    definition = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(number, model) for number in range(len(model.pieces)) if _is_added(model, number)],
        "normalizer": _normalizer(model),
        "pre_tokenizer": _pre_tokenizer(model),
        "post_processor": None,
        "decoder": _decoder(model),
        "model": _unigram(model) if model.kind == "unigram" else _bpe(model),
    }
    return (json.dumps(definition, ensure_ascii=False, indent=1) + "\n").encode()


def _is_added(model: SpmModel, number: int) -> bool:
    return model.pieces[number].type in (PieceType.CONTROL, PieceType.UNKNOWN, PieceType.USER_DEFINED)


def _added(number: int, model: SpmModel) -> dict[str, Any]:
    piece = model.pieces[number]
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": number, "content": piece.text, **plain, "special": piece.type is not PieceType.USER_DEFINED}


def _normalizer(model: SpmModel) -> dict[str, Any]:
    """Compiled normalisation, then white space, as normalizer.cc does: strip, collapse, prefix, escape."""
    parts: list[dict[str, Any]] = []
    if model.charsmap:
        parts.append({"type": "Precompiled", "precompiled_charsmap": base64.b64encode(model.charsmap).decode()})
    if model.remove_extra_spaces:
        parts += [_replace({"Regex": r"\A +| +\z"}, ""), _replace({"Regex": " {2,}"}, " ")]
    if model.dummy_prefix:
        parts.append({"type": "Prepend", "prepend": SPACE})
    return {"type": "Sequence", "normalizers": [*parts, _replace({"String": " "}, SPACE)]}


def _replace(pattern: dict[str, str], content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": pattern, "content": content}


def _pre_tokenizer(model: SpmModel) -> dict[str, Any] | None:
    """Words apart where no piece spans two: the same ids, and a cache that works."""
    if any(SPACE in piece.text[1:] for piece in model.pieces):
        return None
    return {"type": "Split", "pattern": {"String": SPACE}, "behavior": "MergedWithNext", "invert": False}


def _decoder(model: SpmModel) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [_replace({"String": SPACE}, " "), {"type": "ByteFallback"}, {"type": "Fuse"}]
    if model.dummy_prefix:
        parts.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {"type": "Sequence", "decoders": parts}


def _unigram(model: SpmModel) -> dict[str, Any]:
    """Pieces that no text may become are made so unlikely that any other way to spell them wins."""
    usable = (PieceType.NORMAL, PieceType.USER_DEFINED)
    least = min((piece.score for piece in model.pieces if piece.type in usable), default=0.0)
    longest = max(len(piece.text) for piece in model.pieces)
    never = min(least, -1.0) * (longest + 2)
    scores = [piece.score if piece.type in usable else never for piece in model.pieces]
    vocab = [[piece.text, score] for piece, score in zip(model.pieces, scores, strict=True)]
    return {"type": "Unigram", "unk_id": model.unk_id, "vocab": vocab, "byte_fallback": model.byte_fallback}


def _bpe(model: SpmModel) -> dict[str, Any]:
    if any(piece.type is PieceType.UNUSED for piece in model.pieces):
        raise RequestError("a SentencePiece BPE model with unused pieces cannot be converted.")
    vocab = {piece.text: number for number, piece in enumerate(model.pieces)}
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": model.pieces[model.unk_id].text,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": True,
        "byte_fallback": model.byte_fallback,
        "ignore_merges": False,
        "vocab": vocab,
        "merges": _merges(model, vocab),
    }


def _merges(model: SpmModel, vocab: dict[str, int]) -> list[list[str]]:
    """Every way to put a piece together from two others, the best piece first; SentencePiece merges whatever makes a piece."""
    normal = {piece.text: piece.score for piece in model.pieces if piece.type is PieceType.NORMAL}
    found = []
    for text, score in normal.items():
        ways = [(text[:at], text[at:]) for at in range(1, len(text)) if text[:at] in normal and text[at:] in normal]
        found += [(-score, vocab[text], vocab[left], vocab[right], left, right) for left, right in ways]
    return [[left, right] for *_, left, right in sorted(found)]

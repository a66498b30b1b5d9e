"""What can be known of a tokenizer from its tokenizer.json alone: ids, special tokens, and what each id stands for.

Read from the JSON and not asked of a library, so that the answer is the same whatever encodes. Exact for byte-level BPE, where
every id is a string of bytes; for other kinds `token_bytes` is a best guess that the packer checks against each document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from corpus_forge.errors import RequestError, nearest

USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "eos": ("<|eos|>", "<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<｜end▁of▁sentence｜>", "[EOS]", "[SEP]"),
    "pad": ("<|pad|>", "<pad>", "[PAD]", "<|padding|>", "<｜▁pad▁｜>", "<|finetune_right_pad_id|>"),
    "mask": ("<|mask|>", "<mask>", "[MASK]"),
    "bos": ("<|bos|>", "<|begin_of_text|>", "<s>", "<bos>", "<｜begin▁of▁sentence｜>", "[BOS]", "[CLS]"),
    "sentinel0": ("<|sentinel_0|>", "<extra_id_0>"),
}
"""Names that published tokenizers give these tokens, the most telling first."""
_BYTE_TOKEN = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_SPACES = (b" ", b"\t", b"\n", b"\v", b"\f", b"\r")


class Vocabulary:
    """The ids of a tokenizer.json (parsed). `size` is one more than the largest id; ids may have gaps."""

    def __init__(self, definition: Mapping[str, Any], specials: Mapping[str, str] | None = None) -> None:
        self.model = _model_tokens(definition["model"])
        self.added = {int(item["id"]): str(item["content"]) for item in definition.get("added_tokens") or ()}
        self.tokens = {**self.model, **self.added}
        self.size = max(self.tokens) + 1
        self.byte_level = "ByteLevel" in {*_types(definition.get("pre_tokenizer")), *_types(definition.get("decoder"))}
        self._continuing = _continuing_prefix(definition)
        self._ids = {text: number for number, text in self.tokens.items()}
        self.special_ids = {role: self._find(role, (specials or {}).get(role)) for role in USUAL_NAMES}
        self.unknown_id = self._unknown(definition["model"])
        flagged = {int(item["id"]) for item in definition.get("added_tokens") or () if item.get("special")}
        named = {number for number in self.special_ids.values() if number is not None}
        self.reserved = frozenset((flagged | named) - {self.unknown_id})
        """Ids that stand for no text and that no text may become."""

    def token_bytes(self) -> np.ndarray:
        """uint16|uint32[size]: UTF-8 bytes of text that each id stands for; 0 for special tokens and gaps."""
        lengths = np.zeros(self.size, np.int64)
        for number in self.tokens:
            lengths[number] = 0 if number in self.reserved else len(self.text(number))
        return lengths.astype(np.uint16 if lengths.max(initial=0) < 1 << 16 else np.uint32)

    def word_start(self) -> np.ndarray:
        """bool[size]: the id begins a word: its text begins with white space, or it is special; for whole-word masking."""
        starts = np.zeros(self.size, bool)
        for number, token in self.tokens.items():
            if self._continuing:
                starts[number] = not token.startswith(self._continuing)
            else:
                starts[number] = self.text(number)[:1] in _SPACES or number in self.reserved
        return starts

    def text(self, number: int) -> bytes:
        """UTF-8 bytes that an id stands for."""
        token = self.tokens[number]
        if number in self.added:
            return token.encode()
        if self.byte_level:
            return b"".join(_BYTES.get(char) or char.encode() for char in token)
        if match := _BYTE_TOKEN.fullmatch(token):
            return bytes([int(match[1], 16)])
        if self._continuing and token.startswith(self._continuing):
            token = token.removeprefix(self._continuing)
        return token.replace("▁", " ").encode()

    def _find(self, role: str, given: str | None) -> int | None:
        if given is not None:
            if given not in self._ids:
                raise RequestError(
                    f"the tokenizer has no token '{given}' (wanted as {role}). {nearest(given, self.added.values())}"
                )
            return self._ids[given]
        return next((self._ids[name] for name in USUAL_NAMES[role] if name in self._ids), None)

    def _unknown(self, model: Mapping[str, Any]) -> int | None:
        if isinstance(model.get("unk_id"), int):
            return model["unk_id"]
        return self._ids.get(str(model.get("unk_token")))


def _model_tokens(model: Mapping[str, Any]) -> dict[int, str]:
    vocab = model["vocab"]
    if isinstance(vocab, list):
        return {number: str(piece[0]) for number, piece in enumerate(vocab)}
    return {int(number): str(token) for token, number in vocab.items()}


def _types(part: Any) -> Iterator[str]:
    """Types of a component and of all components inside it."""
    if isinstance(part, dict):
        if "type" in part:
            yield str(part["type"])
        for key in ("pretokenizers", "decoders", "normalizers"):
            for inner in part.get(key) or ():
                yield from _types(inner)


def _continuing_prefix(definition: Mapping[str, Any]) -> str:
    """What marks a token that goes on inside a word: `##` in WordPiece; empty elsewhere."""
    model = definition["model"]
    named = str(model.get("continuing_subword_prefix") or "")
    return named or ("##" if model.get("type") == "WordPiece" else "")


def _byte_alphabet() -> dict[str, bytes]:
    """The printable character that stands for each byte in byte-level BPE (GPT-2, `bytes_to_unicode`)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(printable)]
    alphabet = {chr(byte): bytes([byte]) for byte in printable}
    return alphabet | {chr(256 + place): bytes([byte]) for place, byte in enumerate(others)}


_BYTES = _byte_alphabet()
BYTE_ALPHABET = {value[0]: character for character, value in _BYTES.items()}
"""The other way round: byte to character."""

"""A SentencePiece .model as its parts: pieces, kind of model, how text is normalised before.

The file is one protocol buffer (sentencepiece_model.proto); of its wire format two integers and strings are all there is to
know, so it is read here, and neither `sentencepiece` nor `protobuf` is needed to use such a tokenizer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from corpus_forge.errors import RequestError

KINDS = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}
_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class PieceType(IntEnum):
    """What a piece is for."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True)
class Piece:
    """One id of the vocabulary: its place in the list."""

    text: str
    score: float
    type: PieceType


@dataclass(frozen=True)
class SpmModel:
    """What a .model says. `charsmap` is the compiled normalisation, empty for none."""

    kind: str
    pieces: tuple[Piece, ...]
    byte_fallback: bool
    suffix_spaces: bool
    charsmap: bytes
    dummy_prefix: bool
    remove_extra_spaces: bool
    escape_spaces: bool

    @property
    def unk_id(self) -> int:
        """The id for what no piece covers."""
        return next(number for number, piece in enumerate(self.pieces) if piece.type is PieceType.UNKNOWN)


def parse_spm(content: bytes) -> SpmModel:
    """The parts of a .model; RequestError when it is none."""
    try:
        return _model(content)
    except (ValueError, IndexError, struct.error, StopIteration, TypeError) as error:
        raise RequestError(f"not a SentencePiece model: {type(error).__name__}: {error}") from error


def _model(content: bytes) -> SpmModel:
    fields = list(_fields(content))
    pieces = tuple(_piece(bytes(value)) for number, value in fields if number == _PIECES and not isinstance(value, int))
    trainer = _last(fields, _TRAINER)
    normalizer = _last(fields, _NORMALIZER)
    model = SpmModel(
        kind=KINDS[int(trainer.get(3, 1))],
        pieces=pieces,
        byte_fallback=bool(trainer.get(35, 0)),
        suffix_spaces=bool(trainer.get(24, 0)),
        charsmap=bytes(normalizer.get(2, b"")),
        dummy_prefix=bool(normalizer.get(3, 1)),
        remove_extra_spaces=bool(normalizer.get(4, 1)),
        escape_spaces=bool(normalizer.get(5, 1)),
    )
    if not pieces or model.unk_id < 0:
        raise ValueError("it has no pieces")
    return model


def _last(fields: list[tuple[int, int | bytes]], number: int) -> dict[int, int | bytes]:
    """Fields of the message in field `number`; the last one wins, as in protocol buffers."""
    message = next((value for found, value in reversed(fields) if found == number), b"")
    return dict(_fields(message)) if isinstance(message, bytes) else {}


def _piece(content: bytes) -> Piece:
    fields = dict(_fields(content))
    score = fields.get(2, b"\0\0\0\0")
    return Piece(
        bytes(fields[1]).decode(),  # type: ignore[arg-type]
        struct.unpack("<f", score)[0],  # type: ignore[arg-type]
        PieceType(int(fields.get(3, 1))),
    )


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field of a message: an integer, or bytes for everything else."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire not in (_FIXED64, _BYTES, _FIXED32):
            raise ValueError(f"wire type {wire} at byte {at}")
        size, at = _varint(data, at) if wire == _BYTES else ((8, at) if wire == _FIXED64 else (4, at))
        if at + size > len(data):
            raise ValueError(f"{size} bytes are wanted at byte {at} of {len(data)}")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError(f"an integer without end at byte {at}")

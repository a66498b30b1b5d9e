"""Method `substring`: every span of `length` bytes or tokens that is in several places (Lee and others 2021), in two rounds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from corpus_forge.dedup.substrings import LEAST, LENGTH, Windows
from corpus_forge.dedup.token_texts import TOKENS, token_texts
from corpus_forge.errors import InputError, RequestError
from corpus_forge.steps.dedup.family import methods
from corpus_forge.steps.dedup.places import PlaceDedup

if TYPE_CHECKING:
    from corpus_forge.tokens.tokenizer import TextTokenizer

PROBE = "A Probe: na\u00efve\tcafe\u0301,  1,234\r\n\n \u65e5\u672c\u8a9e \ufb01 \U0001f469\u200d\U0001f52c \u00a0x "
"""A tokenizer that changes any text changes this one: case, accents, white space, width, what has no letter."""


@methods.add("substring")
class SubstringDedup(PlaceDedup):
    """Cut spans of bytes that are in several places, wherever they begin and end."""

    version: ClassVar[int] = 1
    parts: ClassVar[str] = "substrings"
    silent: ClassVar[tuple[str, ...]] = (*PlaceDedup.silent, "tokenizer")

    method: Literal["substring"] = Field(default="substring", description="Equal spans of bytes.")
    length: int = Field(
        default=LENGTH,
        ge=LEAST,
        le=1 << 20,
        description="Bytes that must be equal in a row; of `tokenizer` tokens, 50 by default.",
    )
    merge: int = Field(default=0, ge=0, le=1 << 20, description="Copies with at most so many bytes between them are one.")
    seed: int = Field(default=1, ge=0, lt=1 << 32, description="Which hashes.")
    tokenizer: str | None = Field(
        default=None, min_length=1, description="File or folder of a byte-level tokenizer: `length` counts its tokens."
    )

    @model_validator(mode="before")
    @classmethod
    def _tokens_by_default(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("tokenizer") is not None and given.get("length") is None:
            return {**given, "length": TOKENS}
        return given

    def identity(self) -> dict[str, Any]:
        """With the digest of the tokenizer in place of its path. InputError where it cannot be read."""
        if self.tokenizer is None:
            return super().identity()
        return super().identity() | {"tokenizer": _loaded(self.tokenizer, _files(self.tokenizer)).sha256}

    def problems(self) -> list[str]:
        """A tokenizer that cannot be read, or whose tokens are not the bytes of a text."""
        try:
            if self.tokenizer:
                token_texts(pa.array([PROBE], pa.large_string()), _loaded(self.tokenizer, _files(self.tokenizer)))
        except (InputError, RequestError) as error:
            return [str(error)]
        return []

    def rounds(self) -> int:
        """Anchors, then the windows around those that occur again."""
        return 2

    def gap(self) -> int:
        """As configured."""
        return self.merge

    def keys_per_document(self) -> int:
        """One anchor for each quarter of a window, and a window for each byte that is copied: 1000 when half of 2 KB are."""
        return 1000

    def places(self, batch: pa.RecordBatch, found: np.ndarray | None) -> Iterator[np.ndarray]:
        """Anchors in the first round, in the second the windows around those that were found again."""
        tokenizer = _loaded(self.tokenizer, _files(self.tokenizer)) if self.tokenizer else None
        windows = Windows(batch["text"], self.length, self.seed, tokenizer)
        for places in [windows.anchors()] if found is None else windows.keys(found):
            yield self.salted_places(places, batch)


@lru_cache(maxsize=2)
def _loaded(path: str, _as_they_are: tuple[tuple[str, int, int], ...]) -> TextTokenizer:
    """The tokenizer in the file or folder, as long as its files are those."""
    from corpus_forge.tokens.tokenizer import load_tokenizer

    return load_tokenizer(path)


def _files(path: str) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes of its files; nothing where there is none, which loading then says."""
    there = Path(path)
    files = sorted(there.iterdir()) if there.is_dir() else [there] * there.exists()
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)

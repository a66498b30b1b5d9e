"""The programs that define what right ids are: `tokenizers`, and `sentencepiece` for its own models. One text at a time.

Both need many bytes of memory a character, so that texts beyond LONG_TEXT are cut: where cutting changes no id (a single space
between letters, tried on the probe texts), else, so that memory has a bound, at such a place or anywhere after HARD_LIMIT. Only
the latter may change ids, a few around the cut; `forced_cuts` counts them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.errors import RequestError
from corpus_forge.tokens.encoders import Encoded, join_ids

LONG_TEXT = 1 << 18
"""`tokenizers` needs some 100 bytes a character, so texts of more characters than this are cut where that changes no id."""
HARD_LIMIT = 1 << 22
"""Characters after which a text is cut wherever it is: some 400 MB in the encoder."""
_GAP = re.compile(r"(?<=[^\W\d_]) (?=[^\W\d_])")


class ReferenceEncoder:
    """`tokenizers`; about 2 MB/s."""

    name = "tokenizers"

    def __init__(self, definition: dict[str, Any], reserved: frozenset[int], probe: Sequence[str]) -> None:
        from tokenizers import Tokenizer

        added = [{**item, "special": item["id"] in reserved} for item in definition.get("added_tokens") or ()]
        self._tokenizer = Tokenizer.from_str(json.dumps({**definition, "added_tokens": added}))
        self._tokenizer.encode_special_tokens = True
        self._begin(probe)

    def _begin(self, probe: Sequence[str]) -> None:
        self.forced_cuts = 0
        self.cut = self._find_cut(probe)

    def encode(self, texts: pa.LargeStringArray) -> Encoded:
        """Ids of an array without nulls; no special tokens are added."""
        return join_ids([self.encode_one(text.as_py()) for text in texts])

    def encode_one(self, text: str) -> np.ndarray:
        """uint32 ids of one text."""
        pieces = [text] if len(text) <= LONG_TEXT else self._pieces(text, LONG_TEXT, self.cut)
        return np.concatenate([self._ids(piece) for piece in pieces])

    def _ids(self, text: str) -> np.ndarray:
        return np.array(self._tokenizer.encode(text, add_special_tokens=False).ids, np.uint32)

    def _pieces(self, text: str, size: int, cut: str) -> Iterator[str]:
        """The text cut at single spaces between letters, every `size` characters or more, and after HARD_LIMIT anywhere."""
        start = 0
        while start + size < len(text):
            gap = _GAP.search(text, start + (size if cut else HARD_LIMIT // 2), start + HARD_LIMIT)
            if not gap and len(text) <= start + HARD_LIMIT:
                break
            self.forced_cuts += not (gap and cut)
            stop = gap.start() if gap else start + HARD_LIMIT
            yield text[start:stop]
            start = gap.end() if gap and cut == "drop" else stop
        yield text[start:]

    def _find_cut(self, probe: Sequence[str]) -> str:
        """`keep` (a space begins the next piece), `drop` (it is left out), or empty: cutting changes ids."""
        texts = [text for text in probe if _GAP.search(text)]
        return next((cut for cut in ("keep", "drop") if all(self._same_in_pieces(text, cut) for text in texts)), "")

    def _same_in_pieces(self, text: str, cut: str) -> bool:
        pieces = [self._ids(piece) for piece in self._pieces(text, 1, cut)]
        return np.array_equal(np.concatenate(pieces), self._ids(text))


class SentencePieceEncoder(ReferenceEncoder):
    """`sentencepiece` on its own model: some 5 MB/s. RequestError where the package is not installed."""

    name = "sentencepiece"

    def __init__(self, model: bytes, probe: Sequence[str]) -> None:
        try:
            from sentencepiece import SentencePieceProcessor
        except ImportError as error:
            fix = "pip install 'corpus-forge[sentencepiece]'"
            raise RequestError(f"a SentencePiece model is encoded by the package sentencepiece: {fix}.") from error
        self._processor = SentencePieceProcessor(model_proto=model)
        self._begin(probe)

    def _ids(self, text: str) -> np.ndarray:
        return np.array(self._processor.encode(text), np.uint32)

"""Language models by file: ARPA by our own reader, KenLM's binaries by its module (extra `kenlm`), one load a process.

A binary is read by C++ code that trusts it, so it needs the digest of the file that somebody looked at; so does a SentencePiece
model. ARPA files are text, and only known by theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from corpus_forge.errors import InputError
from corpus_forge.language.model_file import checked_digest, file_digest
from corpus_forge.scoring.arpa import is_arpa, load_arpa

KIND = "language model, ARPA or a binary of KenLM"
BINARY = b"mmap lm http://kheafield.com/code"
_LOADED: dict[str, LanguageModel] = {}
_PIECES: dict[str, Callable[[str], list[str]]] = {}


class LanguageModel(Protocol):
    """Scores sentences."""

    def log10(self, sentences: Sequence[str]) -> np.ndarray:
        """float64[n]: log10 of the probability of each sentence and its end."""


class KenlmModel:
    """A model that KenLM reads."""

    def __init__(self, path: Path) -> None:
        import kenlm

        self._model = kenlm.Model(str(path))

    def log10(self, sentences: Sequence[str]) -> np.ndarray:
        """float64[n]."""
        return np.array([self._model.score(sentence) for sentence in sentences], np.float64)


def model_digest(model: str, sha256: str | None) -> str:
    """sha256 of the file. InputError when it is absent or another, and for a binary without a digest."""
    path = Path(model)
    found = file_digest(path, KIND)
    return found if sha256 is None and is_arpa(path) else checked_digest(path, sha256, KIND)


def load_language_model(model: str, sha256: str | None) -> LanguageModel:
    """The model. InputError when it is absent, another, none, or needs what is not installed."""
    digest = model_digest(model, sha256)
    if digest not in _LOADED:
        _LOADED[digest] = load_arpa(Path(model)) if is_arpa(Path(model)) else _load_binary(Path(model))
    return _LOADED[digest]


def pieces_digest(model: str, sha256: str | None) -> str:
    """sha256 of a SentencePiece model's file. InputError when it is absent or another, or no digest is given."""
    return checked_digest(Path(model), sha256, "SentencePiece model", "tokenizer_sha256")


def load_pieces(model: str, sha256: str | None) -> Callable[[str], list[str]]:
    """A function that cuts a text into the pieces of a SentencePiece model. InputError as for language models."""
    digest = pieces_digest(model, sha256)
    if digest not in _PIECES:
        try:
            from sentencepiece import SentencePieceProcessor
        except ImportError:
            raise InputError(f"model {model}: it needs sentencepiece. pip install 'corpus-forge[sentencepiece]'.") from None
        try:
            _PIECES[digest] = SentencePieceProcessor(model_file=model).encode_as_pieces
        except (OSError, RuntimeError) as error:
            raise InputError(f"model {model}: not a SentencePiece model: {error}") from None
    return _PIECES[digest]


def _load_binary(path: Path) -> LanguageModel:
    with path.open("rb") as file:
        if file.read(len(BINARY)) != BINARY:
            raise InputError(f"model {path}: neither an ARPA file nor a binary of KenLM.")
    try:
        return KenlmModel(path)
    except ImportError:
        needs = "a binary of KenLM needs its module: pip install 'corpus-forge[kenlm]' (it compiles), or give the ARPA file."
        raise InputError(f"model {path}: {needs}") from None
    except (OSError, RuntimeError) as error:
        raise InputError(f"model {path}: KenLM cannot read it: {error}") from None

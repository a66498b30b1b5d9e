"""Method `minhash`: documents that share most of their shingles. One without a word is a near duplicate of nothing."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from corpus_forge.dedup.folding import checked_foldings
from corpus_forge.dedup.lsh import band_keys, choose_preset, describe_curve
from corpus_forge.dedup.minhash import EMPTY, MAX_NGRAM, Unit, minhash_signatures
from corpus_forge.dedup.minhash import VERSION as MINHASH_VERSION
from corpus_forge.dedup.pairs import VerifyBy, similar_pairs, star_pairs, verified_pairs
from corpus_forge.dedup.shingles import shingles_of
from corpus_forge.steps.base import Look
from corpus_forge.steps.dedup.family import methods
from corpus_forge.steps.dedup.normalizes import Normalizes
from corpus_forge.steps.dedup.policy import as_keys, as_pairs
from corpus_forge.steps.dedup.self_test import self_test


@methods.add("minhash")
class MinhashDedup(Normalizes):
    """Remove documents most of whose text is in another one; one of them stays."""

    version: ClassVar[int] = 1
    implied_by: ClassVar[tuple[str, ...]] = ("preset",)
    unwritten: ClassVar[dict[str, Any]] = {
        **Normalizes.unwritten, "preset": None, "verify": None, "verify_by": "signature", "self_test": False,
    }  # fmt: skip

    method: Literal["minhash"] = Field(default="minhash", description="Most shingles in common.")
    preset: str | None = Field(default=None, description="The parameters of a published corpus, such as fineweb.")
    unit: Unit = Field(default="words", description="What a shingle is made of.")
    ngram: int = Field(default=5, ge=1, le=MAX_NGRAM, description="Units in a shingle.")
    bands: int = Field(default=14, ge=1, le=1000, description="One equal band makes two documents a pair.")
    rows: int = Field(default=8, ge=1, le=100, description="Hashes in a band.")
    seed: int = Field(default=1, ge=0, lt=1 << 32, description="Which permutations.")
    verify: float | None = Field(
        default=None, gt=0, le=1, description="Similarity that a pair must have to count; every pair by default."
    )
    verify_by: VerifyBy = Field(
        default="signature",
        description="What `verify` looks at. signature: the share of equal entries. jaccard: all shingles of both.",
    )
    self_test: bool = Field(
        default=False, description="Plant copies in a sample beside the run, and say how many are found. Changes nothing else."
    )
    normalize: tuple[str, ...] = Field(
        default=(), description="Before comparing: lower, punctuation, digits, accents, or none. The preset's by default."
    )

    @model_validator(mode="before")
    @classmethod
    def _written_out(cls, given: Any) -> Any:
        """What is not given is taken from the preset or the defaults."""
        if not isinstance(given, dict):
            return given
        given = {key: value for key, value in given.items() if value is not None or key == "normalize"}
        base = choose_preset(given.get("preset"))
        defaults = {"unit": base.unit, "ngram": base.ngram, "bands": base.bands, "rows": base.rows, "seed": 1}
        return {**defaults, "normalize": base.normalize, **given}

    @model_validator(mode="after")
    def _known_foldings(self) -> MinhashDedup:
        checked_foldings(self.normalize)
        if self.verify_by != "signature" and self.verify is None:
            raise ValueError("verify_by: jaccard needs the similarity to verify, such as `verify: 0.8`")
        return self

    def identity(self) -> dict[str, Any]:
        """A preset is known by what it stands for."""
        given = {key: value for key, value in super().identity().items() if key not in ("preset", "self_test")}
        return given | {"minhash_version": MINHASH_VERSION}

    def kernels(self) -> tuple[str, ...]:
        """Those over n-grams and lines."""
        return ("dedup",)

    def remarks(self) -> list[str]:
        """The curve, and earlier runs."""
        return [*super().remarks(), f"{self.bands} bands of {self.rows} rows; {describe_curve(self.bands, self.rows)}"]

    def _must_join(self) -> bool:
        """Near duplicates are connected by pairs."""
        return True

    def tests_itself(self) -> bool:
        """As configured."""
        return self.self_test

    def self_tested(self, texts: list[str], keys: np.ndarray) -> dict[str, Any]:
        """Recall beside the curve."""
        return self_test(self, texts, keys)

    def keys_per_document(self) -> int:
        """One a band."""
        return self.bands

    def notes_dtype(self) -> np.dtype | None:
        """The rank where a policy needs it, the signature where pairs are verified."""
        ranks = super().notes_dtype()
        fields: list[tuple[Any, ...]] = [("rank", "<u8", (2,))] if ranks is not None else []
        if self._by_signature():
            fields.append(("signature", "<u4", (self.bands * self.rows,)))
        return np.dtype(fields) if fields else None

    def survey(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray | None]:
        """A key for each band of each document that has words, and the notes on each document."""
        notes, size = self.ranked_notes(batch), self.bands * self.rows
        how: Any = {"unit": self.unit, "normalize": self.normalize, "seed": self.seed}
        signatures = minhash_signatures(batch["text"], self.ngram, size, **how)
        if notes is not None and self._by_signature():
            notes["signature"] = signatures
        rows = np.flatnonzero((signatures != EMPTY).any(axis=1))
        hi, lo = band_keys(signatures[rows], self.bands, self.rows)
        keys = as_keys(hi.reshape(-1), lo.reshape(-1), np.repeat(rows, self.bands))
        return self.salted(keys, batch), notes

    def notes_lists(self) -> bool:
        """The shingles, where pairs are verified by them."""
        return self.verify_by == "jaccard"

    def list_notes(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
        """The distinct shingles of each document, as ascending 64-bit hashes."""
        return shingles_of(batch["text"], self.ngram, self.unit, self.normalize)

    def pair(self, rows: np.ndarray, look: Look) -> np.ndarray:
        """REMOVAL_DTYPE[k]: documents with an equal band; verified where that is asked for."""
        rows = self.parted(rows)
        keys = rows["hi"], rows["lo"], rows["id"]
        if self.verify is None:
            return as_pairs(*star_pairs(*keys))
        if self.verify_by == "jaccard":
            return as_pairs(*similar_pairs(*keys, look, self.verify))
        return as_pairs(*verified_pairs(*keys, lambda ids: look(ids)["signature"], self.verify))

    def _by_signature(self) -> bool:
        return self.verify is not None and self.verify_by == "signature"

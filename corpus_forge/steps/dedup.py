"""Step `dedup`: of documents that are the same, or almost, one stays.

`exact` compares texts, `minhash` finds those that share most of their shingles. Which copy stays does not depend on workers or
on the order in which shards finish: it is the best by `keep`, and the first in input order among equals. Documents without
text are equal to each other; a document without a word is a near duplicate of nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from corpus_forge.dedup.exact import later_copies, text_keys
from corpus_forge.dedup.folding import checked_foldings
from corpus_forge.dedup.lsh import band_keys, choose_preset, describe_curve
from corpus_forge.dedup.minhash import EMPTY, MAX_NGRAM, Unit, minhash_signatures
from corpus_forge.dedup.minhash import VERSION as MINHASH_VERSION
from corpus_forge.dedup.pairs import star_pairs, verified_pairs
from corpus_forge.dedup.ranks import Keep, date_ranks, least_of_groups, length_ranks, source_ranks, value_ranks
from corpus_forge.errors import nearest
from corpus_forge.registry import steps
from corpus_forge.steps.base import KEY_DTYPE, REMOVAL_DTYPE, CorpusStep, Look
from corpus_forge.text.columns import text_column
from corpus_forge.text.signals import VERSION as SIGNALS_VERSION
from corpus_forge.text.signals import measured
from corpus_forge.text.signals import registry as signal_registry

METHODS = ("exact", "minhash")
OF_MINHASH = ("preset", "unit", "ngram", "bands", "rows", "seed", "verify")
LEFT_OUT = (*OF_MINHASH, "sources", "signal")
"""Parameters that are not written out where they say nothing."""
EXACT_NORMALIZE = ("whitespace", "lower")


@steps.add("dedup")
class DedupStep(CorpusStep):
    """Remove documents whose text, or most of it, is in another one anywhere in the run; one of them stays."""

    name: ClassVar[str] = "dedup"
    shorthand: ClassVar[str | None] = "method"

    method: Literal["exact", "minhash"] = Field(
        default="exact", description="What counts as the same. exact: equal text. minhash: most shingles in common."
    )
    preset: str | None = Field(default=None, description="minhash: the parameters of a published corpus, such as fineweb.")
    unit: Unit | None = Field(default=None, description="minhash: what a shingle is made of.")
    ngram: int | None = Field(default=None, ge=1, le=MAX_NGRAM, description="minhash: units in a shingle.")
    bands: int | None = Field(default=None, ge=1, le=1000, description="minhash: one equal band makes two documents a pair.")
    rows: int | None = Field(default=None, ge=1, le=100, description="minhash: hashes in a band.")
    seed: int | None = Field(default=None, ge=0, lt=1 << 32, description="minhash: which permutations.")
    verify: float | None = Field(
        default=None, gt=0, le=1, description="minhash: share of a pair's signatures that must be equal; every pair by default."
    )
    normalize: tuple[str, ...] = Field(
        default=(),
        description="Before comparing. exact: whitespace, lower. minhash: lower, punctuation, digits, accents. Or none.",
    )
    keep: Keep = Field(
        default="first",
        description="Which copy stays: the first in the input, the longest, the newest or oldest by date, or the one with the"
        " highest or lowest value of `signal`. Among equals the first.",
    )
    sources: tuple[str, ...] = Field(
        default=(), description="A copy from an earlier source of this list stays, whatever `keep`."
    )
    signal: str | None = Field(default=None, description="Name of the signal that keep: highest or lowest looks at.")

    @model_validator(mode="before")
    @classmethod
    def _written_out(cls, given: Any) -> Any:
        """A preset makes the method minhash; what minhash is not told it takes from the preset or the defaults."""
        if not isinstance(given, dict):
            return given
        given = {key: value for key, value in given.items() if value is not None or key == "normalize"}
        if "preset" in given:
            given.setdefault("method", "minhash")
        if given.get("method") != "minhash":
            return given
        base = choose_preset(given.get("preset"))
        defaults = {"unit": base.unit, "ngram": base.ngram, "bands": base.bands, "rows": base.rows, "seed": 1}
        return {**defaults, "normalize": base.normalize, **given}

    @field_validator("method", mode="before")
    @classmethod
    def _known(cls, method: Any) -> Any:
        if method not in METHODS:
            raise ValueError(f"no method of dedup is named '{method}'. {nearest(str(method), METHODS)}")
        return method

    @field_validator("normalize", mode="before")
    @classmethod
    def _as_a_list(cls, value: Any) -> Any:
        if value in (None, "none"):
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("normalize")
    @classmethod
    def _as_a_set(cls, normalize: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(normalize)))

    @model_validator(mode="after")
    def _belongs_together(self) -> DedupStep:
        if self.method == "minhash":
            checked_foldings(self.normalize)
        else:
            self._check_exact()
        needs_signal = self.keep in ("highest", "lowest")
        if needs_signal != (self.signal is not None):
            raise ValueError("keep: highest and lowest need `signal`, such as word_count, and nothing else does")
        if self.signal is not None:
            signal_registry.get(self.signal)
        return self

    def _check_exact(self) -> None:
        odd = [name for name in OF_MINHASH if getattr(self, name) is not None]
        if odd:
            raise ValueError(f"`{odd[0]}` belongs to method: minhash, and the method is exact")
        unknown = [name for name in self.normalize if name not in EXACT_NORMALIZE]
        if unknown:
            raise ValueError(f"normalize: '{unknown[0]}' is not known to method: exact. {nearest(unknown[0], EXACT_NORMALIZE)}")

    @model_serializer(mode="wrap")
    def _without_silence(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in dump(self).items() if key not in LEFT_OUT or value not in (None, [], ())}

    def identity(self) -> dict[str, Any]:
        """The parameters that the method has. A preset is known by what it stands for."""
        given = {key: value for key, value in super().identity().items() if key != "preset"}
        kernels = {"minhash_version": MINHASH_VERSION} if self.method == "minhash" else {}
        return given | kernels | ({"signals_version": SIGNALS_VERSION} if self.signal else {})

    def remarks(self) -> list[str]:
        """The curve of minhash."""
        if self.method != "minhash":
            return []
        return [f"{self.bands} bands of {self.rows} rows; {describe_curve(self._size('bands'), self._size('rows'))}"]

    def named_sources(self) -> tuple[str, ...]:
        """Those that are preferred."""
        return self.sources

    def rule(self) -> str:
        """`dedup.exact` or `dedup.minhash`."""
        return f"{self.name}.{self.method}"

    def measures(self) -> tuple[str, ...]:
        """How many documents the group has, where groups are joined."""
        return ("cluster_size",) if self.joins() else ()

    def joins(self) -> bool:
        """Near duplicates are connected by pairs; exact ones need it when another than the first may stay."""
        return self.method == "minhash" or self._ranks()

    def keys_per_document(self) -> int:
        """One a band."""
        return self._size("bands") if self.method == "minhash" else 1

    def notes_dtype(self) -> np.dtype | None:
        """The rank where a policy needs it, the signature where pairs are verified."""
        fields: list[tuple[Any, ...]] = [("rank", "<u8", (2,))] if self._ranks() else []
        if self.verify is not None:
            fields.append(("signature", "<u4", (self._size("bands") * self._size("rows"),)))
        return np.dtype(fields) if fields else None

    def partition(self, batch: pa.RecordBatch) -> np.ndarray:
        """KEY_DTYPE[m]: one key for each document, or for each band of each document that has words."""
        return self.survey(batch)[0]

    def survey(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray | None]:
        """Keys, and the notes on each document."""
        dtype = self.notes_dtype()
        notes = np.zeros(batch.num_rows, dtype) if dtype is not None else None
        if notes is not None and self._ranks():
            notes["rank"] = self._rank(batch)
        if self.method == "exact":
            return _keys(*text_keys(batch["text"], self.normalize), np.arange(batch.num_rows)), notes  # type: ignore[arg-type]
        signatures = self._signatures(batch)
        if notes is not None and self.verify is not None:
            notes["signature"] = signatures
        rows = np.flatnonzero((signatures != EMPTY).any(axis=1))
        hi, lo = band_keys(signatures[rows], self._size("bands"), self._size("rows"))
        return _keys(hi.reshape(-1), lo.reshape(-1), np.repeat(rows, self._size("bands"))), notes

    def reduce(self, rows: np.ndarray) -> np.ndarray:
        """REMOVAL_DTYPE[k]: all but the smallest id of each key."""
        return _pairs(*later_copies(rows["hi"], rows["lo"], rows["id"]))

    def pair(self, rows: np.ndarray, look: Look) -> np.ndarray:
        """REMOVAL_DTYPE[k]: documents with an equal band, or text; verified where that is asked for."""
        keys = rows["hi"], rows["lo"], rows["id"]
        if self.verify is None:
            return _pairs(*star_pairs(*keys))
        return _pairs(*verified_pairs(*keys, lambda ids: look(ids)["signature"], self.verify))

    def elect(self, ids: np.ndarray, groups: np.ndarray, look: Look) -> np.ndarray:
        """uint64[m]: the member with the least rank."""
        return least_of_groups(ids, groups, look(ids)["rank"]) if self._ranks() else groups

    def _ranks(self) -> bool:
        return self.keep != "first" or bool(self.sources)

    def _rank(self, batch: pa.RecordBatch) -> np.ndarray:
        """uint64[n, 2]."""
        ranks = np.zeros((batch.num_rows, 2), np.uint64)
        if self.sources:
            ranks[:, 0] = source_ranks(batch["source"], self.sources)
        if self.keep == "longest":
            ranks[:, 1] = length_ranks(batch["text"])
        elif self.keep in ("newest", "oldest"):
            ranks[:, 1] = date_ranks(batch["date"], self.keep == "newest")
        elif self.signal is not None:
            values = measured(text_column(batch["text"]), [signal_registry.get(self.signal)])[0]
            ranks[:, 1] = value_ranks(values.to_numpy(zero_copy_only=False), self.keep == "highest")
        return ranks

    def _signatures(self, batch: pa.RecordBatch) -> np.ndarray:
        size, seed = self._size("bands") * self._size("rows"), self._size("seed")
        how = {"unit": self.unit or "words", "normalize": self.normalize, "seed": seed}
        return minhash_signatures(batch["text"], self._size("ngram"), size, **how)  # type: ignore[arg-type]

    def _size(self, name: str) -> int:
        """A parameter that method: minhash always has."""
        return int(getattr(self, name))


def _keys(hi: np.ndarray, lo: np.ndarray, rows: np.ndarray) -> np.ndarray:
    keys = np.empty(len(hi), KEY_DTYPE)
    keys["hi"], keys["lo"], keys["row"] = hi, lo, rows
    return keys


def _pairs(later: np.ndarray, first: np.ndarray) -> np.ndarray:
    pairs = np.empty(len(later), REMOVAL_DTYPE)
    pairs["id"], pairs["kept"] = later, first
    return pairs

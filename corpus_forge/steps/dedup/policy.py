"""What the methods that remove whole documents share: which copy stays, and where copies count.

Whatever the policy, the first in input order stays among equals, so that the choice depends on nothing but the documents.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from corpus_forge.dedup.exact import later_copies
from corpus_forge.dedup.ranks import Keep, date_ranks, least_of_groups, length_ranks, source_ranks, value_ranks
from corpus_forge.dedup.scopes import Scope, parted, salted
from corpus_forge.steps.base import KEY_DTYPE, REMOVAL_DTYPE, CorpusStep, Look
from corpus_forge.text.columns import text_column
from corpus_forge.text.signals import VERSION as SIGNALS_VERSION
from corpus_forge.text.signals import measured
from corpus_forge.text.signals import registry as signal_registry


class DocumentDedup(CorpusStep):
    """A method that removes documents: the fields of its policy, and how the engine's questions follow from them."""

    name: ClassVar[str] = "dedup"
    shorthand: ClassVar[str | None] = "method"
    unwritten: ClassVar[dict[str, Any]] = {"sources": (), "signal": None, "scope": "run"}
    """Parameters that are not written out where they have this value: they came later, and what they say is as before."""
    implied_by: ClassVar[tuple[str, ...]] = ()

    method: str
    keep: Keep = Field(
        default="first",
        description="Which copy stays: the first in the input, the longest, the newest or oldest by date, or the one with the"
        " highest or lowest value of `signal`. Among equals the first.",
    )
    sources: tuple[str, ...] = Field(
        default=(), description="A copy from an earlier source of this list stays, whatever `keep`."
    )
    signal: str | None = Field(default=None, description="Name of the signal that keep: highest or lowest looks at.")
    scope: Scope = Field(
        default="run",
        description="Where a copy must be to count: anywhere in the run, in the same source, or in the same shard.",
    )

    @model_validator(mode="after")
    def _signal_where_needed(self) -> DocumentDedup:
        needs_signal = self.keep in ("highest", "lowest")
        if needs_signal != (self.signal is not None):
            raise ValueError("keep: highest and lowest need `signal`, such as word_count, and nothing else does")
        if self.signal is not None:
            signal_registry.get(self.signal)
        return self

    @model_serializer(mode="wrap")
    def _without_silence(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        nothing = {key: [] if value == () else value for key, value in self.unwritten.items()}
        return {
            key: value
            for key, value in dump(self).items()
            if key not in nothing or value not in (self.unwritten[key], nothing[key])
        }

    def identity(self) -> dict[str, Any]:
        """The parameters, and the version of the signals where one is measured."""
        return super().identity() | ({"signals_version": SIGNALS_VERSION} if self.signal else {})

    def named_sources(self) -> tuple[str, ...]:
        """Those that are preferred."""
        return self.sources

    def rule(self) -> str:
        """`dedup.` and the method."""
        return f"{self.name}.{self.method}"

    def measures(self) -> tuple[str, ...]:
        """How many documents the group has, where groups are joined."""
        return ("cluster_size",) if self.joins() else ()

    def joins(self) -> bool:
        """Equal keys need it only when another than the first may stay."""
        return self.has_ranks()

    def keys(self, batch: pa.RecordBatch) -> np.ndarray:
        """KEY_DTYPE[m] of the method, whatever the scope."""
        raise TypeError(f"dedup: {self.method} does not say what its keys are")

    def notes_dtype(self) -> np.dtype | None:
        """The rank, where a policy needs it."""
        return np.dtype([("rank", "<u8", (2,))]) if self.has_ranks() else None

    def partition(self, batch: pa.RecordBatch) -> np.ndarray:
        """KEY_DTYPE[m]."""
        return self.survey(batch)[0]

    def survey(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray | None]:
        """Keys, and the notes on each document."""
        return salted(self.keys(batch), self.scope, batch), self.ranked_notes(batch)

    def ranked_notes(self, batch: pa.RecordBatch) -> np.ndarray | None:
        """Notes with the rank filled in; None where the method keeps none."""
        dtype = self.notes_dtype()
        notes = np.zeros(batch.num_rows, dtype) if dtype is not None else None
        if notes is not None and self.has_ranks():
            notes["rank"] = self._rank(batch)
        return notes

    def reduce(self, rows: np.ndarray) -> np.ndarray:
        """REMOVAL_DTYPE[k]: all but the smallest id of each key."""
        rows = parted(rows, self.scope)
        return as_pairs(*later_copies(rows["hi"], rows["lo"], rows["id"]))

    def pair(self, rows: np.ndarray, look: Look) -> np.ndarray:
        """REMOVAL_DTYPE[k]: each document with the first of its key."""
        return self.reduce(rows)

    def elect(self, ids: np.ndarray, groups: np.ndarray, look: Look) -> np.ndarray:
        """uint64[m]: the member with the least rank."""
        return least_of_groups(ids, groups, look(ids)["rank"]) if self.has_ranks() else groups

    def has_ranks(self) -> bool:
        """Whether another than the first may stay."""
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


class Normalizes(DocumentDedup):
    """A method that folds texts before it compares them."""

    normalize: tuple[str, ...] = Field(default=(), description="What texts may differ in and be the same.")

    @field_validator("normalize", mode="before")
    @classmethod
    def _as_a_list(cls, value: Any) -> Any:
        return as_list(value)

    @field_validator("normalize")
    @classmethod
    def _as_a_set(cls, normalize: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(normalize)))


def as_list(value: Any) -> Any:
    """What `normalize` may be written as: nothing, `none`, one name or a list of names."""
    if value in (None, "none"):
        return ()
    return (value,) if isinstance(value, str) else value


def as_keys(hi: np.ndarray, lo: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """KEY_DTYPE[m] of its three columns."""
    keys = np.empty(len(hi), KEY_DTYPE)
    keys["hi"], keys["lo"], keys["row"] = hi, lo, rows
    return keys


def as_pairs(later: np.ndarray, first: np.ndarray) -> np.ndarray:
    """REMOVAL_DTYPE[k] of its two columns."""
    pairs = np.empty(len(later), REMOVAL_DTYPE)
    pairs["id"], pairs["kept"] = later, first
    return pairs

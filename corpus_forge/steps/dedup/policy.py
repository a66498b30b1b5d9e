"""What the methods that remove whole documents share: earlier runs, what becomes of copies, and the engine's questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from corpus_forge.dedup.exact import later_copies
from corpus_forge.dedup.ranks import least_of_groups
from corpus_forge.io.key_index import KeyIndex
from corpus_forge.steps.base import KEY_DTYPE, REMOVAL_DTYPE, Look
from corpus_forge.steps.dedup.against import earlier_index, earlier_problems
from corpus_forge.steps.dedup.keeps import Keeps
from corpus_forge.text.signals import VERSION as SIGNALS_VERSION

POLICY = ("keep", "sources", "signal", "column", "signals_version", "verify", "verify_by", "scope")
"""Parameters that say who stays and which pairs count, and leave the keys as they are. The scope is said apart, always."""
AFTERWARDS = ("weight_by", "weights", "action")
"""Parameters that change what is done with groups, not which there are."""
WEIGHTS = {1: 1.0, 2: 3.0, 6: 5.0, 101: 8.0, 1001: 10.0}
"""TxT360's upsampling by the number of copies (LLM360 2024, huggingface.co/spaces/LLM360/TxT360, results.py)."""


class DocumentDedup(Keeps):
    """A method that removes documents: the fields of its policy, and how the engine's questions follow from them."""

    name: ClassVar[str] = "dedup"
    shorthand: ClassVar[str | None] = "method"
    unwritten: ClassVar[dict[str, Any]] = {
        "sources": (),
        "signal": None,
        "column": None,
        "scope": "run",
        "within": None,
        "against": (),
        "weight_by": None,
        "weights": None,
        "action": "remove",
    }
    """Parameters that are not written out where they have this value: they came later, and what they say is as before."""
    implied_by: ClassVar[tuple[str, ...]] = ()

    method: str
    against: tuple[str, ...] = Field(
        default=(), description="Earlier runs, first come first: a document that is like one of theirs is removed for it."
    )
    action: Literal["remove", "mark"] = Field(
        default="remove",
        description="remove: one copy stays. mark: all do, beside the id of that one, `cluster_id`, and `cluster_size`.",
    )
    weight_by: Literal["cluster_size"] | None = Field(
        default=None, description="Add the column `cluster_weight`, for upsampling what has many copies."
    )
    weights: dict[int, float] | None = Field(
        default=None,
        description="Weight from each size of a cluster on; TxT360's by default: {1: 1, 2: 3, 6: 5, 101: 8, 1001: 10}.",
    )

    @field_validator("against", mode="before")
    @classmethod
    def _one_run_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _weights_make_sense(self) -> DocumentDedup:
        if self.weights is not None and self.weight_by is None:
            raise ValueError("weights need `weight_by: cluster_size`")
        if self.weights is not None and (
            min(self.weights, default=0) != 1 or not all(0 <= w < 1e6 for w in self.weights.values())
        ):
            raise ValueError("weights: from size 1 on, each between 0 and a million, such as {1: 1, 2: 3, 101: 8}")
        return self

    @model_validator(mode="after")
    def _goes_together(self) -> DocumentDedup:
        if self.against and self.scope == "shard":
            raise ValueError("scope: shard looks into one file at a time; `against` needs scope: run or source")
        if self.marks() and (self.against or self.weight_by):
            other = "against" if self.against else "weight_by"
            raise ValueError(f"action: mark leaves all copies where they are, and `{other}` is for action: remove")
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
        """The parameters, and the version of the signals where one is measured; paths of earlier runs are not in it."""
        given = {key: value for key, value in super().identity().items() if key != "against"}
        return given | ({"signals_version": SIGNALS_VERSION} if self.signal else {})

    def finding(self) -> dict[str, Any]:
        """With earlier runs by their content, and without what is only written beside what is found."""
        given = self.keying()
        if self.against:
            given["against"] = [[index.name, index.digest] for index in self.earlier()]
        return given | ({"joins": True} if self.joins() and not self._must_join() else {})

    def keying(self) -> dict[str, Any]:
        """Without earlier runs: keys are those of this run's documents."""
        return {key: value for key, value in self.identity().items() if key not in AFTERWARDS}

    def index_keys(self) -> dict[str, Any]:
        """What decides the keys alone, whoever then stays."""
        return {key: value for key, value in self.keying().items() if key not in POLICY} | {"scope": self.scope}

    def earlier(self) -> Sequence[KeyIndex]:
        """The index of each run of `against` that this step can look up; InputError where there is none."""
        return [earlier_index(run, self) for run in self.against]

    def problems(self) -> list[str]:
        """Earlier runs that cannot be looked up."""
        return earlier_problems(self)

    def remarks(self) -> list[str]:
        """How much there is to look up."""
        return [f"against {index.name}: {index.documents:,} documents by {index.rows:,} keys" for index in self.earlier()]

    def afterwards(self) -> dict[str, Any]:
        """Weights as configured, or TxT360's; marks."""
        weights = [list(each) for each in sorted((self.weights or WEIGHTS).items())]
        return ({"weights": weights} if self.weight_by else {}) | ({"marks": True} if self.marks() else {})

    def rule(self) -> str:
        """`dedup.` and the method."""
        return f"{self.name}.{self.method}"

    def measures(self) -> tuple[str, ...]:
        """How many documents the group has, where groups are joined, its weight, and its name."""
        there = {"cluster_size": self.joins(), "cluster_weight": self.weight_by is not None, "cluster_id": self.marks()}
        return tuple(name for name, given in there.items() if given)

    def marks(self) -> bool:
        """As configured."""
        return self.action == "mark"

    def joins(self) -> bool:
        """Equal keys need it only when another than the first may stay, or somebody asks how many there are."""
        return self._must_join() or self.weight_by is not None or self.marks()

    def _must_join(self) -> bool:
        return self.has_ranks() or bool(self.against)

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
        return self.salted(self.keys(batch), batch), self.ranked_notes(batch)

    def ranked_notes(self, batch: pa.RecordBatch) -> np.ndarray | None:
        """Notes with the rank filled in; None where the method keeps none."""
        dtype = self.notes_dtype()
        notes = np.zeros(batch.num_rows, dtype) if dtype is not None else None
        if notes is not None and self.has_ranks():
            notes["rank"] = self._rank(batch)
        return notes

    def reduce(self, rows: np.ndarray) -> np.ndarray:
        """REMOVAL_DTYPE[k]: all but the smallest id of each key."""
        rows = self.parted(rows)
        return as_pairs(*later_copies(rows["hi"], rows["lo"], rows["id"]))

    def pair(self, rows: np.ndarray, look: Look) -> np.ndarray:
        """REMOVAL_DTYPE[k]: each document with the first of its key."""
        return self.reduce(rows)

    def elect(self, ids: np.ndarray, groups: np.ndarray, look: Look) -> np.ndarray:
        """uint64[m]: the member with the least rank."""
        return least_of_groups(ids, groups, look(ids)["rank"]) if self.has_ranks() else groups


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

"""What a step is. The engine sees only this file.

A step is a frozen pydantic model (its fields are its YAML parameters) with a name, a version and a short function.
Two shapes only:

* `MapStep`: a batch in, an `Outcome` out; no document sees another. The engine fuses neighbours into one task a shard.
* `CorpusStep`: must see all shards. `partition` turns documents into fixed-size rows with a 128-bit key, the engine brings
  equal keys together, `reduce` says which documents leave. The engine removes them when the shard is next read.

Steps own no files, retries, progress or counts: the engine does. `version` is part of the fingerprint: raise it when the
same configuration would give other output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from corpus_forge.document import Outcome

KEY_DTYPE = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("row", "<u4")])
"""One row of a partition: a 128-bit key and the index of the document in the batch."""

GROUP_DTYPE = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("id", "<u8")])
"""What `reduce` sees: rows of one bucket from all shards, sorted by (hi, lo, id)."""

REMOVAL_DTYPE = np.dtype([("id", "<u8"), ("kept", "<u8")])
"""A document that leaves, and the one that stays for it."""


class Step(BaseModel):
    """Parameters of one item of a pipeline file. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    version: ClassVar[int] = 1
    shorthand: ClassVar[str | None] = None
    """Field that a bare value stands for: with `shorthand = "rules"`, `- filter: c4` means `- filter: {rules: c4}`."""
    needs: ClassVar[tuple[str, ...]] = ("text",)
    """Columns that must be there; `check` says which step or source would give a missing one."""
    gives: ClassVar[tuple[str, ...]] = ()
    """Columns that are there afterwards. `extract` gives `text` and takes `html` away."""
    takes: ClassVar[tuple[str, ...]] = ()
    """Columns that are gone afterwards."""

    def identity(self) -> dict[str, Any]:
        """What makes the output, in JSON values: the parameters as used, and digests of files they name."""
        return {"step": self.name, "version": self.version, **self.model_dump(mode="json")}

    def measures(self) -> tuple[str, ...]:
        """Columns that this very step adds beside the text, given its parameters: what `explain` shows of it."""
        return tuple(name for name in self.gives if name != "text")

    def problems(self) -> list[str]:
        """What can be known before spending: absent models, unreadable lists. Each a sentence with the fix."""
        return []


class MapStep(Step):
    """A step that looks at one document at a time."""

    costly: ClassVar[bool] = False
    """Its result is stored, so that a change after it never runs it again."""
    decides: ClassVar[bool] = False
    """A rule that people tune: what comes before the first such step is stored."""

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function over batches, made once a task. Models are loaded here and cached by the process."""
        raise TypeError(f"step '{self.name}' does not say how to start")


class CorpusStep(Step):
    """A step that must see all shards."""

    buckets: int | None = None
    """Number of reduce tasks; by default from the number of documents. The output does not depend on it."""

    def identity(self) -> dict[str, Any]:
        """Without the number of buckets."""
        return {k: v for k, v in super().identity().items() if k != "buckets"}

    def partition(self, batch: pa.RecordBatch) -> np.ndarray:
        """KEY_DTYPE[m]: any number of keys for each document of the batch."""
        raise TypeError(f"step '{self.name}' does not say how to partition")

    def reduce(self, rows: np.ndarray) -> np.ndarray:
        """REMOVAL_DTYPE[k] from GROUP_DTYPE[n], the rows of one bucket sorted by (hi, lo, id). Pure and total."""
        raise TypeError(f"step '{self.name}' does not say how to reduce")

    def rule(self) -> str:
        """Name of the rule that removed documents are counted under."""
        return self.name


def step_labels(steps: Sequence[Step]) -> list[str]:
    """What reports call each step: its name, and where a name comes twice, what it was given or its number too."""
    names = [step.name for step in steps]
    labels: list[str] = []
    for step in steps:
        label = step.name
        if names.count(label) > 1:
            given = getattr(step, step.shorthand, None) if step.shorthand else None
            label = f"{label}:{given}" if isinstance(given, str) else label
        repeats = sum(known.partition("#")[0] == label for known in labels)
        labels.append(f"{label}#{repeats + 1}" if repeats else label)
    return labels

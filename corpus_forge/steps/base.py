"""What a step is. The engine sees only this file.

A step is a frozen pydantic model (its fields are its YAML parameters) with a name, a version and a short function.
Two shapes only:

* `MapStep`: a batch in, an `Outcome` out; no document sees another. The engine fuses neighbours into one task a shard.
* `CorpusStep`: must see all shards. `partition` turns documents into fixed-size rows with a 128-bit key, the engine brings
  equal keys together, `reduce` says which documents leave. The engine removes them when the shard is next read.
  A step that *joins* says in `pair` who belongs together instead; the engine connects the pairs to groups, and `elect` says
  who of each group stays.

Steps own no files, retries, progress or counts: the engine does. `version` is part of the fingerprint: raise it when the
same configuration would give other output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from corpus_forge.document import Outcome
from corpus_forge.io.key_index import KeyIndex

KEY_DTYPE = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("row", "<u4")])
"""One row of a partition: a 128-bit key and the index of the document in the batch."""

GROUP_DTYPE = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("id", "<u8")])
"""What `reduce` sees: rows of one bucket from all shards, sorted by (hi, lo, id)."""

REMOVAL_DTYPE = np.dtype([("id", "<u8"), ("kept", "<u8")])
"""A document that leaves, and the one that stays for it. Of a step that joins: two documents that belong together."""

MEMBER_DTYPE = np.dtype([("id", "<u8"), ("kept", "<u8"), ("size", "<u4"), ("run", "<u4")])
"""A document of a group of two or more, the one of them that stays, how many they are, and whose document stays: 0 for this
run's own, k for the k-th earlier run that is named."""


class Look(Protocol):
    """Notes of documents, looked up by id."""

    def __call__(self, ids: np.ndarray) -> np.ndarray:
        """The notes of uint64[k] ids, of the dtype that the step names."""

    def list_lengths(self, ids: np.ndarray) -> np.ndarray:
        """int64[k]: how long their lists are."""

    def lists(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(values, offsets): uint64[m] and int64[k + 1], the lists of those documents one behind the other."""


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

    def kernels(self) -> tuple[str, ...]:
        """What it runs of warm_up.WARM_UPS: compiled once, before its first task, where a machine has none yet."""
        return ()

    def measures(self) -> tuple[str, ...]:
        """Columns that this very step adds beside the text, given its parameters: what `explain` shows of it."""
        return tuple(name for name in self.gives if name != "text")

    def problems(self) -> list[str]:
        """What can be known before spending: absent models, unreadable lists. Each a sentence with the fix."""
        return []

    def named_sources(self) -> tuple[str, ...]:
        """Sources of the pipeline that the parameters speak of; `check` says which do not exist."""
        return ()

    def facts(self) -> dict[str, Any] | None:
        """What a report says of the step besides counts, in JSON values with a `kind`; read once, when a run begins."""
        return None

    def remarks(self) -> list[str]:
        """What people should know of these parameters before they run them: sentences that `plan` prints."""
        return []


class MapStep(Step):
    """A step that looks at one document at a time."""

    costly: ClassVar[bool] = False
    """Its result is stored, so that a change after it never runs it again."""
    decides: ClassVar[bool] = False
    """A rule that people tune: what comes before the first such step is stored."""
    leaves_text: ClassVar[bool] = False
    """It never changes a text, so that filters before and behind it measure the same."""

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

    def finding(self) -> dict[str, Any]:
        """The part of the identity that decides what is found, and not what is then done with it."""
        return self.identity()

    def keying(self) -> dict[str, Any]:
        """The part of it that decides keys and notes."""
        return self.finding()

    def index_keys(self) -> dict[str, Any] | None:
        """What later runs must have in common with this step to look its keys up; None where no index is kept for them."""
        return None

    def earlier(self) -> Sequence[KeyIndex]:
        """Indexes of earlier runs whose documents come before all of this one's. Only for a step that joins."""
        return ()

    def tests_itself(self) -> bool:
        """Whether `self_tested` is to be asked, on a sample of the texts; that never changes what the step does."""
        return False

    def self_tested(self, texts: list[str], keys: np.ndarray) -> dict[str, Any]:
        """What the report says, with a `kind`, of distinct texts in an order of their own; keys: uint64[n] hashes of them."""
        raise TypeError(f"step '{self.name}' does not test itself")

    def afterwards(self) -> dict[str, Any]:
        """What is done with groups but removing all but one, in JSON values; a change of it finds nothing again.

        `weights`: [least size of a group, weight] ascending, for the column `cluster_weight`. `marks`, true: nobody leaves,
        and `cluster_id` has the one who would stay. Only for a step that joins.
        """
        return {}

    def partition(self, batch: pa.RecordBatch) -> np.ndarray:
        """KEY_DTYPE[m]: any number of keys for each document of the batch."""
        raise TypeError(f"step '{self.name}' does not say how to partition")

    def reduce(self, rows: np.ndarray) -> np.ndarray:
        """REMOVAL_DTYPE[k] from GROUP_DTYPE[n], the rows of one bucket sorted by (hi, lo, id). Pure and total."""
        raise TypeError(f"step '{self.name}' does not say how to reduce")

    def joins(self) -> bool:
        """Whether `pair` and `elect` take the place of `reduce`. The engine then adds the column `cluster_size`."""
        return False

    def keys_per_document(self) -> int:
        """About how many: the number of reduce tasks follows it."""
        return 1

    def notes_dtype(self) -> np.dtype | None:
        """What `pair` and `elect` may look up of each document; None for nothing."""
        return None

    def notes_lists(self) -> bool:
        """Whether `list_notes` has a list for each document besides."""
        return False

    def list_notes(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
        """(values, lengths): uint64[m] and int64[n], a list of any length for each document of the batch."""
        raise TypeError(f"step '{self.name}' keeps no lists")

    def survey(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray | None]:
        """(keys, notes): as `partition`, and one row of `notes_dtype` for each document."""
        return self.partition(batch), None

    def pair(self, rows: np.ndarray, look: Look) -> np.ndarray:
        """REMOVAL_DTYPE[k] from GROUP_DTYPE[n] sorted by (hi, lo, id): pairs, any of which connect their groups. Pure."""
        raise TypeError(f"step '{self.name}' does not say how to pair")

    def elect(self, ids: np.ndarray, groups: np.ndarray, look: Look) -> np.ndarray:
        """uint64[m]: who stays of the group of each of uint64[m] ids, ascending; groups are named by their smallest id."""
        return groups

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

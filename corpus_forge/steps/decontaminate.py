"""Step `decontaminate`: documents that hold items of evaluation sets are removed, cut or marked, and the report says which.

The sets are read and indexed once a process. Their content is part of the fingerprint, their paths are not. A rule of its own
for each set (`decontaminate.gsm8k`) says where a document was lost; one that holds items of several is counted under
the one of which it has the largest share. GPT-3's treatment is `action: cut, margin: 200, min_piece: 200, max_pieces: 10`, but
for its pieces becoming documents, where here they stay one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from corpus_forge.dedup.contamination import FOLDINGS, MAX_NGRAM, NGRAM, Contaminants
from corpus_forge.dedup.contamination import VERSION as FINDING_VERSION
from corpus_forge.dedup.folding import checked_foldings
from corpus_forge.document import Outcome
from corpus_forge.errors import ConfigError, InputError
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.contaminated import Finds, Treatment, treated
from corpus_forge.steps.evaluation_sets import EvaluationSet, LoadedSet, load_set


@steps.add("decontaminate")
class DecontaminateStep(MapStep):
    """Remove, cut or mark documents that share n-grams of words with evaluation sets."""

    name: ClassVar[str] = "decontaminate"
    shorthand: ClassVar[str | None] = "sets"
    gives: ClassVar[tuple[str, ...]] = ("text",)
    decides: ClassVar[bool] = True

    sets: tuple[EvaluationSet, ...] = Field(min_length=1, description="The evaluation sets, as files.")
    ngram: int = Field(default=NGRAM, ge=1, le=MAX_NGRAM, description="So many words in a row that both have are a find.")
    min_overlap: float = Field(
        default=0.0, ge=0, le=1, description="Share of an item's n-grams that makes it found; with 0 a single one does."
    )
    normalize: tuple[str, ...] = Field(
        default=FOLDINGS, description="What words may differ in: lower, punctuation, digits, accents, or none."
    )
    action: Literal["remove", "cut", "mark"] = Field(
        default="remove", description="Remove the document, cut what it shares out of it, or only say so in a column."
    )
    margin: int = Field(default=0, ge=0, description="Characters cut on either side of what is shared.")
    min_piece: int = Field(default=0, ge=0, description="A piece left between cuts with fewer characters goes too.")
    max_pieces: int = Field(default=10, ge=1, description="A document that cuts split into more pieces is removed.")

    @field_validator("sets", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, dict) else value

    @field_validator("normalize", mode="before")
    @classmethod
    def _known_foldings(cls, value: Any) -> Any:
        return checked_foldings(() if value in (None, "none") else value)

    @model_validator(mode="after")
    def _makes_sense(self) -> DecontaminateStep:
        repeated = [name for name, count in Counter(each.name for each in self.sets).items() if count > 1]
        if repeated:
            raise ValueError(f"two sets are named '{repeated[0]}'. Give each a name of its own, or list all paths under one.")
        for field in ("margin", "min_piece", "max_pieces"):
            if self.action != "cut" and getattr(self, field) != type(self).model_fields[field].default:
                raise ValueError(f"{field} is for action: cut, and this step's action is {self.action}. Drop one.")
        return self

    def kernels(self) -> tuple[str, ...]:
        """Those over n-grams and lines."""
        return ("dedup",)

    def identity(self) -> dict[str, Any]:
        """With the content of the sets instead of their paths. InputError when a file is absent."""
        known = [
            {**each.model_dump(mode="json", exclude={"paths"}), "files": [list(file) for file in each.digests()]}
            for each in self.sets
        ]
        return {**super().identity(), "sets": known, "finding_version": FINDING_VERSION}

    def measures(self) -> tuple[str, ...]:
        """The items in documents that stay."""
        return () if self.action == "remove" else ("contamination",)

    def problems(self) -> list[str]:
        """Files that are absent, broken or without items, the first of each set."""
        found = []
        for each in self.sets:
            try:
                _loaded(each, self._ngram(each), self._overlap(each), _key(each))
            except InputError as error:
                found.append(f"set {each.name}: {error}")
        return found

    def remarks(self) -> list[str]:
        """For each set, how many of its items can be found at all."""
        return [
            f"{one['name']}: {one['can_match']:,} of {one['items']:,} items have {one['ngram']} words or more and can be found"
            for one in self.facts()["sets"]
        ]

    def facts(self) -> dict[str, Any]:
        """What the report says of the sets besides counts: items, how many can be found, n, normalisation."""
        finds = self._finds()
        sets = [
            {
                "name": each.name,
                "ngram": self._ngram(each),
                "min_overlap": self._overlap(each),
                "items": loaded.items.items,
                "can_match": matchable,
                "too_short": loaded.items.items - matchable,
                "skipped": loaded.skipped,
            }
            for each, loaded, matchable in zip(self.sets, finds.sets, finds.known.matchable(), strict=True)
        ]
        return {"kind": "contamination", "action": self.action, "normalize": list(self.normalize), "sets": sets}

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that looks every document up. ConfigError when a set cannot be read."""
        try:
            finds = self._finds()
        except InputError as error:
            raise ConfigError("decontaminate.sets", str(error)) from None
        how = Treatment(self.action, self.margin, self.min_piece, self.max_pieces)
        return lambda batch: treated(batch, finds, how)

    def _finds(self) -> Finds:
        chosen = tuple((each, self._ngram(each), self._overlap(each), _key(each)) for each in self.sets)
        return _indexed(chosen, checked_foldings(self.normalize))

    def _ngram(self, given: EvaluationSet) -> int:
        return self.ngram if given.ngram is None else given.ngram

    def _overlap(self, given: EvaluationSet) -> float:
        return self.min_overlap if given.min_overlap is None else given.min_overlap


def _key(given: EvaluationSet) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(file) for file in given.digests())


@lru_cache(maxsize=64)
def _loaded(given: EvaluationSet, ngram: int, min_overlap: float, _content: tuple[tuple[str, ...], ...]) -> LoadedSet:
    return load_set(given, ngram, min_overlap)


@lru_cache(maxsize=2)
def _indexed(chosen: tuple[tuple[Any, ...], ...], how: Any) -> Finds:
    sets = [_loaded(*each) for each in chosen]
    return Finds([each[0].name for each in chosen], sets, Contaminants([one.items for one in sets], how))

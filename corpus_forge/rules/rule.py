"""What a rule is: a signal, the interval to keep, and perhaps the documents that it is for.

Intervals are closed: [low, high] keeps low and high, null is an open end. `when` names languages and sources: of other
documents a rule says nothing, so that one file can hold bounds for English and for German.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from corpus_forge.errors import RequestError, nearest
from corpus_forge.text.bare_lines import BARE_COUNTS
from corpus_forge.text.signals import registry

Interval = tuple[float | None, float | None]
"""Lowest and highest value to keep, both included; None is no bound."""

Given: TypeAlias = Mapping[str, pa.Array]
"""Columns that conditions look at, each [n] of strings: `language`, `source`."""

NAME = r"^[a-z][a-z0-9_]*$"


def checked_interval(keep: Interval) -> Interval:
    """The interval, if some number lies in it; ValueError else."""
    low, high = keep
    if any(bound is not None and not math.isfinite(bound) for bound in keep):
        raise ValueError("bounds are finite numbers, or null for no bound")
    if low is None and high is None:
        raise ValueError("[null, null] keeps everything; leave the rule out")
    if low is not None and high is not None and low > high:
        raise ValueError(f"no number is at least {low:g} and at most {high:g}")
    return keep


def interval(keep: Interval) -> str:
    """An interval in words: `50 to 100000`, `at most 0.1`."""
    low, high = keep
    if low is None:
        return f"at most {high:.12g}"
    return f"at least {low:.12g}" if high is None else f"{low:.12g} to {high:.12g}"


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class When(BaseModel):
    """The documents that a rule is for: of one of these languages, and from one of these sources; empty is any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Names = Field(default=(), description="As the column `language` has it: en, de.")
    source: Names = Field(default=(), description="Names of sources of the pipeline.")

    @model_validator(mode="after")
    def _names_something(self) -> When:
        if not self.language and not self.source:
            raise ValueError("names neither a language nor a source; leave `when` out for all documents")
        return self

    def conditions(self) -> dict[str, tuple[str, ...]]:
        """The values asked for, by column; columns of which any will do are left out."""
        return {name: names for name, names in (("language", self.language), ("source", self.source)) if names}

    def covers(self, given: Given, rows: int) -> np.ndarray:
        """bool[n]: is the rule for each document? Not for one without a value. RequestError for a column that is not given."""
        covered = np.ones(rows, bool)
        for column, names in self.conditions().items():
            if given.get(column) is None:
                raise RequestError(
                    f"a rule is for documents of one {column} only ({', '.join(names)}), and none is known here. "
                    f"Give the column `{column}`."
                )
            values = pc.is_in(given[column].cast(pa.string()), pa.array(names, pa.string()))
            covered &= values.to_numpy(zero_copy_only=False).astype(bool)
        return covered

    def covers_one(self, values: Mapping[str, Any]) -> bool:
        """The same of one document, by its values."""
        return all(values.get(column) in names for column, names in self.conditions().items())

    def words(self) -> str:
        """`language: en, de; source: web`."""
        return "; ".join(f"{column}: {', '.join(names)}" for column, names in self.conditions().items())


def is_bare(rule: Rule) -> bool:
    """Is it on bare lines, those between newlines, and not on stripped ones?"""
    return any(isinstance(count, BARE_COUNTS) for count in registry.get(rule.signal).counts)


class Rule(BaseModel):
    """A signal and the interval to keep. What fails is removed; `flag` keeps it and names the rule in a column.

    Of lines, `clean` takes out those that fail, `cut` a phrase of them, and `remove` removes a document with a line that fails.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = Field(
        default=None, pattern=NAME, description="What is counted; by default the signal. Two rules on one signal need names."
    )
    signal: str = Field(description="Name of a signal; `corpus-forge list signals` has all.")
    keep: Interval = Field(description="[low, high], both kept; null for no bound.")
    action: Literal["remove", "clean", "cut", "flag"] = "remove"
    when: When | None = Field(default=None, description="Only for documents of these languages or sources.")
    note: str = Field(default="", description="Where this reading differs from others.")

    @field_validator("signal")
    @classmethod
    def _exists(cls, name: str) -> str:
        if name not in registry:
            raise ValueError(f"no signal is named '{name}'. {nearest(name, registry)}")
        if registry.get(name).needs:
            raise ValueError(
                f"'{name}' is not measured on a text: it needs {registry.get(name).needs}. "
                "Put a step that writes it before, and a rule on its column into `select`"
            )
        return name

    @field_validator("keep")
    @classmethod
    def _holds_a_number(cls, keep: Interval) -> Interval:
        return checked_interval(keep)

    @model_validator(mode="after")
    def _fits_its_signal(self) -> Rule:
        if self.action in ("clean", "cut") and self.level == "document":
            raise ValueError(f"'{self.signal}' is a signal of whole documents: nothing of them can be cleaned by it")
        if self.action == "flag" and self.level == "line":
            raise ValueError(f"'{self.signal}' is a signal of lines, which are cleaned, or removed with their document")
        if self.action == "cut" and registry.get(self.signal).pattern is None:
            raise ValueError(f"'{self.signal}' counts no phrase, so that nothing can be cut out of a line by it")
        return self

    @property
    def key(self) -> str:
        """Its name in its file: what intervals are set by, and what it is counted under behind the family's name."""
        return self.name or self.signal

    @property
    def level(self) -> str:
        """Of its signal: document or line."""
        return registry.get(self.signal).level

    def covers(self, given: Given, rows: int) -> np.ndarray:
        """bool[n]: the documents that it is for."""
        return np.ones(rows, bool) if self.when is None else self.when.covers(given, rows)

    def covers_one(self, values: Mapping[str, Any]) -> bool:
        """Is it for a document with these values?"""
        return self.when is None or self.when.covers_one(values)

    def identity(self) -> dict[str, Any]:
        """What makes its verdicts, in JSON values."""
        return self.model_dump(mode="json", exclude={"note"}, exclude_none=True) | {"keep": list(self.keep)}

"""What a rule set is: signals, and the interval of each to keep. Data only; filters/README.md shows the template.

Intervals are closed: [low, high] keeps low and high, null is an open end. The first rule in file order that fails decides.
A shipped file never changes its verdicts: another reading of a family is another file.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from corpus_forge.errors import ConfigError, nearest
from corpus_forge.text.signals import Signal, registry
from corpus_forge.text.splitters import Words

Interval = tuple[float | None, float | None]
"""Lowest and highest value to keep, both included; None is no bound."""

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


class Rule(BaseModel):
    """A signal and the interval to keep. `flag` only counts what fails, `remove` removes it.

    Of lines, `clean` takes out those that fail, and `remove` removes a document with a line that fails.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    signal: str = Field(description="Name of a signal; `corpus-forge list signals` has all.")
    keep: Interval = Field(description="[low, high], both kept; null for no bound.")
    action: Literal["remove", "clean", "flag"] = "remove"
    note: str = Field(default="", description="Where this reading differs from others.")

    @field_validator("signal")
    @classmethod
    def _exists(cls, name: str) -> str:
        if name not in registry:
            raise ValueError(f"no signal is named '{name}'. {nearest(name, registry)}")
        return name

    @field_validator("keep")
    @classmethod
    def _holds_a_number(cls, keep: Interval) -> Interval:
        return checked_interval(keep)

    @model_validator(mode="after")
    def _fits_its_signal(self) -> Rule:
        if self.action == "clean" and self.level == "document":
            raise ValueError(f"'{self.signal}' is a signal of whole documents: nothing of them can be cleaned by it")
        if self.action == "flag" and self.level == "line":
            raise ValueError(f"'{self.signal}' is a signal of lines, which are cleaned, or removed with their document")
        return self

    @property
    def level(self) -> str:
        """Of its signal: document or line."""
        return registry.get(self.signal).level


class Repeat(BaseModel):
    """A piece of a golden text, repeated: long texts in one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat: str
    times: int = Field(ge=0, le=1_000_000)


class Golden(BaseModel):
    """A text and what the rule set says of it: the signal whose rule removes it, or null."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | tuple[Repeat, ...]
    removed_by: str | None
    value: float | None = None
    cleaned: str | None = Field(default=None, description="What is left of the text.")

    def full_text(self) -> str:
        """The text, repeats written out."""
        return self.text if isinstance(self.text, str) else "".join(part.repeat * part.times for part in self.text)


class RuleSet(BaseModel):
    """A file of rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: str = Field(pattern=NAME, description="Part before the @ of its name: gopher_quality.")
    reading: str = Field(default="own", pattern=NAME, description="Whose reading of the family: datatrove, paper.")
    version: int = Field(default=1, ge=1)
    title: str = Field(min_length=1, description="One sentence for lists.")
    source: str = Field(min_length=1, description="Paper, code or person, so that others can look it up.")
    rules: tuple[Rule, ...] = Field(min_length=1)
    citations: Literal["keep", "remove"] = Field(default="keep", description="Of lines, when they are cleaned: [12], [edit].")
    words: Words = Field(default="default", description="What a word is to its signals: default, whitespace or uax29.")
    golden: tuple[Golden, ...] = ()

    @model_validator(mode="after")
    def _one_rule_a_signal(self) -> RuleSet:
        names = [rule.signal for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two rules look at '{name}'; write one interval")
        for golden in self.golden:
            if golden.removed_by is not None and golden.removed_by not in names:
                raise ValueError(
                    f"golden text expects '{golden.removed_by}', which no rule looks at. {nearest(golden.removed_by, names)}"
                )
        return self

    @property
    def name(self) -> str:
        """Full name: `gopher_quality@datatrove`."""
        return f"{self.family}@{self.reading}"

    def signals(self) -> list[Signal]:
        """The signals that the rules look at, in file order."""
        return [registry.get(rule.signal) for rule in self.rules]

    def document_signals(self) -> list[Signal]:
        """Those of them that a whole document has."""
        return [signal for signal in self.signals() if signal.level == "document"]

    @property
    def cleans(self) -> bool:
        """Does it look at lines, so that the text may become another?"""
        return any(rule.level == "line" for rule in self.rules)

    @property
    def removed_lines(self) -> str:
        """Name of the column that counts the lines that were taken out."""
        return f"{self.family}_removed_lines"

    def line_column(self, signal: str) -> str:
        """Name of the column with the line's value that a rule on lines removes documents by."""
        return f"{self.family}_{signal}"

    def rule_name(self, rule: Rule) -> str:
        """What removed documents are counted under: `gopher_quality.word_count`."""
        return f"{self.family}.{rule.signal}"

    def with_intervals(self, intervals: dict[str, Interval]) -> RuleSet:
        """The same rules with other intervals. ConfigError for a signal that no rule looks at."""
        known = [rule.signal for rule in self.rules]
        for name in intervals:
            if name not in known:
                raise ConfigError(f"set.{name}", f"{self.name} has no rule on '{name}'.", nearest(name, known))
        rules = tuple(rule.model_copy(update={"keep": intervals.get(rule.signal, rule.keep)}) for rule in self.rules)
        return self.model_copy(update={"rules": rules})

    def identity(self) -> dict[str, Any]:
        """What makes its verdicts, in JSON values: no titles, no golden texts."""
        rules = [rule.model_dump(mode="json", exclude={"note"}) for rule in self.rules]
        citations = {"citations": self.citations} if self.cleans else {}
        words = {"words": self.words} if self.words != "default" else {}
        return {"name": self.name, "version": self.version, "rules": rules, **citations, **words}

"""What a rule set is: rules in an order, where they come from, and golden texts. Data only; filters/README.md has the template.

The first rule in file order that fails decides. A shipped file never changes its verdicts: another reading of a family is
another file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from corpus_forge.errors import ConfigError, nearest
from corpus_forge.rules.golden import Golden
from corpus_forge.rules.rule import NAME, Interval, Rule, When, is_bare
from corpus_forge.text.signals import Signal, registry
from corpus_forge.text.splitters import Words


class RuleSet(BaseModel):
    """A file of rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: str = Field(pattern=NAME, description="Part before the @ of its name: gopher_quality.")
    reading: str = Field(default="own", pattern=NAME, description="Whose reading of the family: datatrove, paper.")
    version: int = Field(default=1, ge=1)
    title: str = Field(min_length=1, description="One sentence for lists.")
    source: str = Field(min_length=1, description="Paper, code or person, so that others can look it up.")
    rules: tuple[Rule, ...] = Field(min_length=1)
    measure: tuple[str, ...] = Field(
        default=(), description="Signals of what is left that no rule looks at, to be kept beside the documents."
    )
    citations: Literal["keep", "remove"] = Field(default="keep", description="Of lines, when they are cleaned: [12], [edit].")
    words: Words = Field(default="default", description="What a word is to its signals: default, whitespace or uax29.")
    golden: tuple[Golden, ...] = ()

    @field_validator("measure")
    @classmethod
    def _are_of_documents(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in registry:
                raise ValueError(f"no signal is named '{name}'. {nearest(name, registry)}")
            if registry.get(name).level == "line":
                raise ValueError(f"'{name}' is a signal of lines, of which a document has many")
        return tuple(dict.fromkeys(names))

    @model_validator(mode="after")
    def _rules_have_names_of_their_own(self) -> RuleSet:
        names = self.keys()
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two rules look at '{name}'; write one interval, or give each a `name` and a `when`")
        return self

    @model_validator(mode="after")
    def _signals_are_measured_once(self) -> RuleSet:
        """A column holds one value: no signal of documents stands both before and behind rules on lines."""
        seen: set[str] = set()
        for group in self.groups():
            names = {rule.signal for rule in group if rule.level == "document"}
            if seen & names:
                raise ValueError(f"'{min(seen & names)}' is looked at before and behind rules on lines; look at it once")
            seen |= names
            if group[0].level == "line" and len({is_bare(rule) for rule in group}) > 1:
                raise ValueError("rules on lines stand side by side that see stripped lines and bare ones; use one kind")
        return self

    @model_validator(mode="after")
    def _golden_texts_name_rules(self) -> RuleSet:
        for golden in self.golden:
            for name in (golden.removed_by, *golden.flagged):
                if name is not None and name not in self.keys():
                    raise ValueError(f"golden text expects '{name}', which no rule looks at. {nearest(name, self.keys())}")
        return self

    @property
    def name(self) -> str:
        """Full name: `gopher_quality@datatrove`."""
        return f"{self.family}@{self.reading}"

    def keys(self) -> list[str]:
        """Names of the rules within the set, in file order."""
        return [rule.key for rule in self.rules]

    def groups(self) -> Iterator[list[Rule]]:
        """Neighbouring rules of one level: what is measured together."""
        return (list(group) for _, group in groupby(self.rules, key=lambda rule: rule.level))

    def signals(self) -> list[Signal]:
        """The signals that the rules look at, in file order."""
        return [registry.get(rule.signal) for rule in self.rules]

    def document_signals(self) -> list[Signal]:
        """Those that a whole document has, and those that are only measured, each once."""
        names = [rule.signal for rule in self.rules if rule.level == "document"]
        return [registry.get(name) for name in dict.fromkeys([*names, *self.measure])]

    @property
    def cleans(self) -> bool:
        """Does it look at lines, so that the text may become another?"""
        return any(rule.level == "line" for rule in self.rules)

    @property
    def flags(self) -> str | None:
        """Name of the column with the names of the flagging rules that fail; None where no rule flags."""
        return f"{self.family}_flags" if any(rule.action == "flag" for rule in self.rules) else None

    def conditions(self, column: str) -> tuple[str, ...]:
        """Languages or sources that rules are only for, sorted."""
        return tuple(sorted({name for rule in self.rules if rule.when for name in rule.when.conditions().get(column, ())}))

    @property
    def removed_lines(self) -> str:
        """Name of the column that counts the lines that were taken out."""
        return f"{self.family}_removed_lines"

    def line_column(self, key: str) -> str:
        """Name of the column with the line's value that a rule on lines removes documents by."""
        return f"{self.family}_{key}"

    def rule_name(self, rule: Rule) -> str:
        """What removed documents are counted under: `gopher_quality.word_count`."""
        return f"{self.family}.{rule.key}"

    def with_intervals(self, intervals: dict[str, Interval]) -> RuleSet:
        """The same rules with other intervals, by the rules' keys. ConfigError for one that no rule has."""
        for name in intervals:
            if name not in self.keys():
                raise ConfigError(f"set.{name}", f"{self.name} has no rule on '{name}'.", nearest(name, self.keys()))
        rules = tuple(rule.model_copy(update={"keep": intervals.get(rule.key, rule.keep)}) for rule in self.rules)
        return self.model_copy(update={"rules": rules})

    def only_when(self, when: When | None) -> RuleSet:
        """The same rules, those without a condition of their own only for these documents."""
        if when is None:
            return self
        return self.model_copy(
            update={"rules": tuple(rule.model_copy(update={"when": rule.when or when}) for rule in self.rules)}
        )

    def identity(self) -> dict[str, Any]:
        """What makes its verdicts, in JSON values: no titles, no golden texts."""
        citations = {"citations": self.citations} if self.cleans else {}
        measure = {"measure": list(self.measure)} if self.measure else {}
        rules = [rule.identity() for rule in self.rules]
        words = {"words": self.words} if self.words != "default" else {}
        return {"name": self.name, "version": self.version, "rules": rules, **measure, **citations, **words}

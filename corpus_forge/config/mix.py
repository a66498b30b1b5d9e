"""The `mix` part of a pipeline file: which documents make a part, and how much of it a model should read.

mix:
  tokens: 10B
  max_epochs: 4
  parts:
    web: 60                                                          # a weight
    wiki: {epochs: 3}
    code: 20%                                                        # a share of all
    edu: {source: web, where: {language: [en], fineweb_edu: [3, null]}, tokens: 1B}

What is wanted of a part is kept apart from what belongs to it, because only the latter is a matter of token shards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from corpus_forge.rules.columns import Interval, checked_columns
from corpus_forge.units import Count, Share

ASKS = ("weight", "share", "tokens", "epochs")


class MixPart(BaseModel):
    """Some documents of one source, and how much of the mixture they are: at most one of weight, share, tokens and epochs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str | None = Field(None, min_length=1, description="Whose documents; by default the source of the part's name.")
    where: dict[str, tuple[str, ...] | Interval] = Field(
        {}, description="Only documents whose columns lie in intervals or lists: {language: [en], quality: [0.5, null]}."
    )
    sample: Share = Field(1.0, gt=0, le=1, description="Only this share of them, drawn by id.")
    weight: float | None = Field(None, ge=0, allow_inf_nan=False, description="Relative to the other parts' weights.")
    share: Share | None = Field(None, gt=0, le=1, description="Of all tokens of the mixture, such as 20%.")
    tokens: Count | None = Field(None, ge=1, description="Tokens to be read of it, such as 1B.")
    epochs: float | None = Field(None, gt=0, le=1000, description="How often all of it is read.")
    max_epochs: float | None = Field(None, gt=0, description="It is read no more often, whatever was asked for.")
    available: Count | None = Field(None, description="Tokens it holds, for `plan`, where you know better than an estimate.")

    @field_validator("where")
    @classmethod
    def _can_keep_something(cls, where: dict[str, Any]) -> dict[str, Any]:
        return dict(checked_columns(where))

    @model_validator(mode="after")
    def _asked_once(self) -> MixPart:
        given = self.asked()
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(given)}; give one of {', '.join(ASKS)}")
        return self

    @property
    def is_subset(self) -> bool:
        """Whether some documents of its source are not its own."""
        return bool(self.where) or self.sample < 1

    def asked(self) -> list[str]:
        """Which of weight, share, tokens and epochs are given."""
        return [name for name in ASKS if getattr(self, name) is not None]


class MixConfig(BaseModel):
    """What a model should read. Changing how much of a part is wanted makes nothing again; other parts pack theirs anew."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: Count | None = Field(
        None, ge=1, description="Tokens of the whole; by default what asks by weight, read once, decides."
    )
    max_epochs: float | None = Field(None, gt=0, description="No part is read more often; what it leaves goes to the others.")
    temperature: float | None = Field(
        None, ge=1, le=1000, description="Weights from sizes: size ** (1 / temperature). 1 is by size, larger is flatter."
    )
    unimax: bool = Field(False, description="Equal weights under max_epochs and tokens: UniMax, arXiv:2304.09151.")
    parts: dict[str, MixPart] = Field(
        {},
        description="By name; order counts. A bare number is a weight, 20% a share, 1B tokens. Without any, each source.",
    )
    materialise: bool = Field(False, description="Write one shuffled mixture into tokens/, in place of shards of each part.")

    def resolved(self) -> dict[str, Any]:
        """JSON values; parts as a list, because their order counts and JSON that is sorted would lose it."""
        values = self.model_dump(mode="json")
        return {**values, "parts": [{"name": name, **part} for name, part in values["parts"].items()]}

    @model_validator(mode="after")
    def _one_method(self) -> MixConfig:
        weighted = [name for name, part in self.parts.items() if part.weight is not None]
        free = [name for name, part in self.parts.items() if not part.asked()]
        if self.unimax and self.temperature is not None:
            raise ValueError("has temperature and unimax; give one")
        if weighted and (self.unimax or self.temperature is not None):
            by = "unimax" if self.unimax else "temperature"
            raise ValueError(f"has {by}, which makes the weights, and a weight for '{weighted[0]}'; give one of the two")
        if weighted and free:
            raise ValueError(f"part '{free[0]}' has none of {', '.join(ASKS)}, but '{weighted[0]}' has a weight: give it one")
        if self.unimax and (self.tokens is None or self.max_epochs is None):
            raise ValueError("unimax needs `tokens` and `max_epochs`, such as {tokens: 10B, max_epochs: 4}")
        return self

    @model_validator(mode="after")
    def _adds_up(self) -> MixConfig:
        shares = sum(part.share or 0.0 for part in self.parts.values())
        others = [name for name, part in self.parts.items() if part.share is None and part.weight != 0]
        if shares > 1 + 1e-9 or (shares > 1 - 1e-9 and others):
            rest = f", and '{others[0]}' is to have some too" if others else ""
            raise ValueError(f"the shares of its parts add up to {shares:.1%}{rest}")
        counted = sum(part.tokens or 0 for part in self.parts.values())
        if self.tokens is not None and counted + shares * self.tokens > self.tokens * (1 + 1e-9):
            raise ValueError(
                f"its parts ask for {counted:,} tokens and {shares:.1%} of `tokens: {self.tokens}`, more than there are"
            )
        if self.parts and shares < 1 - 1e-9 and not others:
            raise ValueError(f"the shares of its parts add up to {shares:.1%}, and no other part takes the rest")
        return self


def with_parts(mix: dict[str, Any]) -> dict[str, Any]:
    """Plain values of a `mix` with bare values of parts written out; what has no such shape is left for the check to name."""
    parts = mix.get("parts")
    if isinstance(parts, list):
        named = [(each, None) if isinstance(each, str) else _named(each) for each in parts]
        known = {pair[0]: pair[1] for pair in named if pair}
        parts = known if len(known) == len(parts) else parts
    return {**mix, "parts": {name: _written_out(part) for name, part in parts.items()}} if isinstance(parts, dict) else mix


def _named(part: Any) -> tuple[str, Any] | None:
    """(name, parameters) of an entry `{name: web, weight: 3}`."""
    if not isinstance(part, dict) or not isinstance(part.get("name"), str):
        return None
    return part["name"], {key: value for key, value in part.items() if key != "name"}


def parts_of(mix: MixConfig, sources: Sequence[str]) -> dict[str, MixPart]:
    """The parts with their sources filled in, in the order of the file; ValueError, naming the part, where that cannot be.

    A document belongs to the first part of its source that takes it, so a part that takes all must come last.
    """
    found: dict[str, MixPart] = {}
    whole: dict[str, str] = {}
    for name, part in mix.parts.items() or [(source, MixPart.model_validate({})) for source in sources]:
        source = part.source or name
        _check_place(name, part, source, sources)
        if source in whole:
            raise ValueError(f"mix.parts.{name}: '{whole[source]}' before it takes all of '{source}'; put '{name}' first")
        if not part.is_subset:
            whole[source] = name
        found[name] = part.model_copy(update={"source": source})
    return found


def _check_place(name: str, part: MixPart, source: str, sources: Sequence[str]) -> None:
    if source not in sources:
        fix = "" if part.source else f"; give `source:`, such as {name}: {{source: {sources[0]}, weight: 1}}"
        raise ValueError(f"mix.parts.{name}: no source is named '{source}', there are {', '.join(sources)}{fix}")
    if name in sources and name != source:
        raise ValueError(f"mix.parts.{name}: it takes documents of '{source}', but another source has its name")
    if name in sources and part.is_subset:
        raise ValueError(f"mix.parts.{name}: some documents of a source need a name that no source has, such as '{name}_best'")


def _written_out(part: Any) -> Any:
    """A bare value as parameters; anything else as it is, for pydantic to judge."""
    if isinstance(part, str):
        return {"share": part} if part.rstrip().endswith("%") else {"tokens": part}
    return {"weight": part} if isinstance(part, int | float) and not isinstance(part, bool) else part or {}

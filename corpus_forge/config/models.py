"""The typed pipeline: what a pipeline file says once every name in it is known to exist and every value has its type.

All of it is frozen, and `resolved` turns it back into plain JSON values that give the same pipeline again: that is what
workers are sent and what run.json keeps. Steps are held as `Any`, because the arrows between folders go from `config`
to `steps`; each is a `corpus_forge.steps.base.Step`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from corpus_forge.config.mix import MixConfig, MixPart, parts_of
from corpus_forge.config.tokenize import TokenizeConfig
from corpus_forge.io.source import Source


class PipelineConfig(BaseModel):
    """A pipeline file, resolved: names looked up, shorthands written out, units turned into numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="Names the run: letters, digits, `_`, `.`, `-`.")
    seed: int = Field(0, ge=0, lt=1 << 63, description="Key of everything random.")
    sources: tuple[Source, ...] = Field(min_length=1, description="Where documents come from.")
    steps: tuple[Any, ...] = Field((), description="What happens to documents, in order.")
    tokenize: TokenizeConfig | None = Field(
        None, description="How kept documents become token shards; leave out to stop before."
    )

    mix: MixConfig | None = Field(None, description="How much of each source, or of a part of it, a model should read.")

    keep_signals: bool = Field(
        False, description="Keep all signals of removed documents, so that `whatif` can say what other intervals would keep."
    )

    ledger: Literal["first", "full"] = Field(
        "first", description="full: removed/ has every rule that a document fails on, not the first alone."
    )

    training: dict[str, Any] | None = Field(
        None, description="A model trained on the tokens at the end of the run: the keys of a training file (docs/training.md)."
    )

    @model_validator(mode="after")
    def _weights_name_sources(self) -> PipelineConfig:
        train = self.tokenize.train if self.tokenize else None
        unknown = sorted(set(train.weights if train else ()) - {source.name for source in self.sources})
        if unknown:
            names = ", ".join(source.name for source in self.sources)
            raise ValueError(f"tokenize.train.weights: no source is named '{unknown[0]}'; there are {names}")
        return self

    @model_validator(mode="after")
    def _parts_are_of_sources(self) -> PipelineConfig:
        if self.mix and not self.tokenize:
            raise ValueError("mix: there are no tokens to mix; add `tokenize:`, or take `mix:` out")
        self.mixed_parts()
        return self

    @model_validator(mode="after")
    def _steps_keep_signals(self) -> PipelineConfig:
        if self.keep_signals:
            made = tuple(_keeping(step, self.steps[index + 1 :]) for index, step in enumerate(self.steps))
            object.__setattr__(self, "steps", made)
        return self

    @model_validator(mode="after")
    def _steps_keep_a_ledger(self) -> PipelineConfig:
        if self.ledger == "full":
            made = tuple(_keeping_ledger(step) for step in self.steps)
            object.__setattr__(self, "steps", made)
        return self

    def mixed_parts(self) -> dict[str, MixPart]:
        """The parts of `mix`, each with its source; none without `mix`."""
        return parts_of(self.mix, [source.name for source in self.sources]) if self.mix else {}

    def resolved(self) -> dict[str, Any]:
        """JSON values from which `pipeline_from_dict` makes this configuration again, with every default written out."""
        return {
            "name": self.name,
            "seed": self.seed,
            "keep_signals": self.keep_signals,
            "ledger": self.ledger,
            "sources": [_dump_source(source) for source in self.sources],
            "steps": [{step.name: _dump(step)} for step in self.steps],
            "tokenize": _dump(self.tokenize) if self.tokenize else None,
            **({"mix": self.mix.resolved()} if self.mix else {}),
            **({"training": self.training} if self.training is not None else {}),
        }


def _keeping(step: Any, following: tuple[Any, ...]) -> Any:
    """The step as it is when signals are kept; steps that measure none stay as they are."""
    return step.keeping_signals(following) if hasattr(step, "keeping_signals") else step


def _keeping_ledger(step: Any) -> Any:
    """The step as it is when all failing rules are kept; steps without rules stay as they are."""
    return step.model_copy(update={"ledger": "full"}) if "ledger" in type(step).model_fields else step


def _dump_source(source: Source) -> dict[str, Any]:
    values = {"format": source.format, **_dump(source)}
    return values if source.corpus else {key: value for key, value in values.items() if key != "corpus"}


def _dump(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True)

"""A small set of steps and formats of our own, so that these tests do not depend on what real ones look like."""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field, field_validator

from corpus_forge import registry
from corpus_forge.io.source import Source
from corpus_forge.registry import Registry
from corpus_forge.steps.base import CorpusStep, MapStep
from corpus_forge.units import ByteSize


class Pages(Source):
    """Web pages. And more that is not the summary."""

    format: ClassVar[str] = "pages"
    gives: ClassVar[tuple[str, ...]] = ("html",)
    paths: list[str] = Field(min_length=1, description="Where they are.")


class Texts(Source):
    """Texts, ready made."""

    format: ClassVar[str] = "texts"
    paths: list[str]
    chunk: ByteSize = 1000

    @field_validator("paths", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class Extract(MapStep):
    """Pages to texts."""

    name: ClassVar[str] = "extract"
    shorthand: ClassVar[str] = "engine"
    needs: ClassVar[tuple[str, ...]] = ("html",)
    gives: ClassVar[tuple[str, ...]] = ("text",)
    takes: ClassVar[tuple[str, ...]] = ("html",)
    engine: Literal["fast", "precise"] = "fast"


class Keep(MapStep):
    """Keep documents by rules."""

    name: ClassVar[str] = "keep"
    shorthand: ClassVar[str] = "rules"
    rules: str
    set: dict[str, tuple[float | None, float | None]] = Field(default={}, description="Other intervals.")

    def problems(self) -> list[str]:
        return ["the rules are absent; put them there."] if self.rules == "absent" else []


class Score(MapStep):
    """Give every text a score."""

    name: ClassVar[str] = "score"
    gives: ClassVar[tuple[str, ...]] = ("score",)
    languages: list[str] = Field(default=[])
    least: float = Field(0.5, ge=0, le=1)
    size: int | list[int] = 1


class Best(CorpusStep):
    """Keep the best by score."""

    name: ClassVar[str] = "best"
    needs: ClassVar[tuple[str, ...]] = ("text", "score")


PIPELINE: dict[str, Any] = {
    "name": "tiny",
    "sources": [{"name": "web", "format": "pages", "paths": ["a.warc"]}],
    "steps": ["extract", {"score": None}, {"keep": "gopher"}, {"best": {}}],
    "tokenize": {"train": {"vocab_size": 1000}, "seq_len": 256},
}


@pytest.fixture(autouse=True)
def tiny_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registries that hold the classes above and nothing else."""
    steps: Registry = Registry("step")
    formats: Registry = Registry("source format")
    for step in (Extract, Keep, Score, Best):
        steps.add(step.name)(step)
    for source in (Pages, Texts):
        formats.add(source.format)(source)
    monkeypatch.setattr(registry, "steps", steps)
    monkeypatch.setattr(registry, "formats", formats)


@pytest.fixture
def pipeline() -> dict[str, Any]:
    """A correct pipeline as plain values; each test its own copy."""
    return copy.deepcopy(PIPELINE)

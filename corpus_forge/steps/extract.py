"""The step `extract`: decoded pages become text, in a sandbox that a hostile page cannot leave.

A page whose extraction crashes, hangs, runs out of memory or raises is quarantined with that reason; a page without text is
removed as `extract.empty`; a page over `max_html_bytes` is quarantined unparsed. All else is kept, deep nesting and a hundred
thousand attributes included: what parsers cannot take, the sandbox shows. `sandbox: false` gives the same texts, some tens of
microseconds a page sooner, and stakes the process on the parser. The engine `forge` is our own, bounded in time and memory for
any bytes and fuzzed; it takes whole columns, and runs without the sandbox unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator, model_validator

from corpus_forge.document import Fault, Outcome, Removal
from corpus_forge.errors import RequestError
from corpus_forge.extract import make_engine
from corpus_forge.extract.engine import engine_identity
from corpus_forge.registry import extractors, steps
from corpus_forge.sandbox.guard import DEFAULT_MEMORY, DEFAULT_TIMEOUT_S
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.extract_look import identities, looks, survivors
from corpus_forge.steps.extract_runner import Runner, is_guarded_by_default, runner
from corpus_forge.steps.listed import one_is_a_list
from corpus_forge.units import ByteSize

ENGINE_OPTIONS = ("model", "format", "comments", "tables", "links", "alt", "slow", "unsure")


@steps.add("extract")
class Extract(MapStep):
    """HTML to text by a named engine; `- extract: trafilatura` for short."""

    name = "extract"
    shorthand = "engine"
    needs = ("html",)
    gives = ("text",)
    takes = ("html",)
    costly = True

    engine: str = Field(
        "resiliparse",
        description="`forge` (learned, fastest), `resiliparse` (fast), `trafilatura` (precise), `cascade` (forge, and"
        " trafilatura where it is unsure), or a plugin's engine.",
    )
    model: str | None = Field(None, description="Of the engine forge: a model's name, or the path of a .npz file; forge-1.")
    format: Literal["text", "markdown"] | None = Field(None, description="Of the engine forge: what comes out; text.")
    comments: Literal["keep", "drop"] | None = Field(None, description="Of the engine forge: comment sections; keep.")
    tables: Literal["keep", "drop"] | None = Field(None, description="Of the engine forge: tables of data; keep.")
    links: bool | None = Field(None, description="Of the engine forge: links with their addresses, in markdown; false.")
    alt: bool | None = Field(None, description="Of the engine forge: alternative texts of images; false.")
    slow: str | None = Field(None, description="Of the engine cascade: who is asked where forge is unsure; trafilatura.")
    unsure: float | None = Field(
        None, ge=0, le=1, description="Of the engine cascade: expected F1 below which forge counts as unsure; 0.85."
    )
    languages: tuple[str, ...] | None = Field(
        None, min_length=1, description="Of the engine cascade: only pages in these languages are worth the slow engine."
    )
    quality: str | None = Field(
        None, description="Of the engine cascade: only texts that pass this rule set are worth it, such as gopher_quality."
    )
    timeout: float = Field(DEFAULT_TIMEOUT_S, gt=0, le=86400, description="Seconds a page may take before it counts as hung.")
    memory: ByteSize = Field(DEFAULT_MEMORY, ge=64 << 20, description="Memory that extracting one page may take.")
    max_html_bytes: ByteSize = Field(64 << 20, ge=1, description="Longer pages are quarantined, not parsed.")
    sandbox: bool | None = Field(
        None,
        description="Extract in a guarded process; true, but for the engine forge. Without it, a page that crashes the parser"
        " ends the task.",
    )

    _one_is_a_list = field_validator("languages", mode="before")(one_is_a_list)

    @field_validator("engine", "slow")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                extractors.get(value)
        except RequestError as error:
            raise ValueError(str(error)) from None
        return value

    @model_validator(mode="after")
    def _fitting(self) -> Extract:
        """Options that the engine has, with values that it takes."""
        known = getattr(extractors.get(self.engine), "option_names", ())
        for name in self._options():
            if name not in known:
                owner = "cascade" if name in ("slow", "unsure") else "forge"
                raise ValueError(f"`{name}` belongs to the engine {owner}, and the engine is {self.engine}.")
        if (self.languages or self.quality) and self.engine != "cascade":
            raise ValueError(
                f"`languages` and `quality` belong to the engine cascade, and the engine is {self.engine}. To keep languages or"
                " texts of some quality, put the steps `language` and `filter` behind this one."
            )
        try:
            make_engine(self.engine, self._options())
            looks(self.languages, self.quality)
        except RequestError as error:
            raise ValueError(str(error)) from None
        return self

    def _options(self) -> dict[str, Any]:
        """Of the engine alone; what the step does with them is not the engine's."""
        return {name: getattr(self, name) for name in ENGINE_OPTIONS if getattr(self, name) is not None}

    def _guarded(self) -> bool:
        return is_guarded_by_default(self.engine) if self.sandbox is None else self.sandbox

    def identity(self) -> dict[str, Any]:
        """Parameters and what the engine is: its library's version or its model's, and the plugin file that brought it."""
        given = {name: value for name, value in super().identity().items() if value is not None}
        made = engine_identity(self.engine, self._options())
        return {**given, "sandbox": self._guarded(), **made, **identities(looks(self.languages, self.quality))}

    def kernels(self) -> tuple[str, ...]:
        """Those of the engine forge, of what stands on it, and of the cheap look."""
        own = ("extract", "metadata") if getattr(extractors.get(self.engine), "columnar", False) else ()
        return (*own, *(name for look in looks(self.languages, self.quality) for name in look.kernels()))

    def problems(self) -> list[str]:
        """A model that does not exist, or cannot be read; languages that nobody knows."""
        try:
            self.identity()
        except RequestError as error:
            return [str(error)]
        return [problem for look in looks(self.languages, self.quality) for problem in look.problems()]

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """The sandbox is the process's own, shared by its tasks."""
        guard = (self.timeout, self.memory) if self._guarded() else None
        survives = survivors(looks(self.languages, self.quality))
        return partial(self._extract, runner(self.engine, self._options(), guard, survives))

    def _extract(self, run: Runner, batch: pa.RecordBatch) -> Outcome:
        if "html" not in batch.schema.names:
            return Outcome(batch)
        html = batch.column("html")
        too_long = self._too_long(html)
        if too_long:
            html = pc.if_else(pa.array(np.isin(np.arange(len(html)), list(too_long))), pa.scalar(None, html.type), html)
        urls = batch.column("url") if "url" in batch.schema.names else pa.nulls(len(html), pa.string())
        texts, faults = run(html, urls)
        faults = {**faults, **too_long}
        removed = {row: Removal("extract.empty") for row in _blank(texts) if row not in faults}
        return Outcome(_replace_html(batch, texts), removed, faults)

    def _too_long(self, html: pa.Array) -> dict[int, Fault]:
        sizes = pc.fill_null(pc.binary_length(html), 0).to_numpy()
        limit = self.max_html_bytes
        rows = np.flatnonzero(sizes > limit).tolist()
        return {
            row: Fault("limit:html_bytes", f"the page has {sizes[row]:,} bytes; max_html_bytes is {limit:,}") for row in rows
        }


def _blank(texts: pa.Array) -> list[int]:
    lengths = pc.binary_length(pc.utf8_trim_whitespace(texts))
    return np.flatnonzero(pc.fill_null(lengths, 0).to_numpy() == 0).tolist()


def _replace_html(batch: pa.RecordBatch, texts: pa.Array) -> pa.RecordBatch:
    if "text" in batch.schema.names:
        batch = batch.drop_columns(["text"])
    return batch.set_column(batch.schema.get_field_index("html"), "text", texts)

"""Method `bloom`: paragraphs and documents most of whose n-grams came before, by one filter in one pass, as BFF and DCLM do.

One task walks through everything, and what it removes depends on the order of the input, which the other methods avoid. It is
for those who want DCLM's recipe (ngram 13, threshold 0.8, false-positive rate 0.01; Li et al. 2024, arXiv 2406.11794).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from corpus_forge.dedup.bloom import VERSION as BLOOM_VERSION
from corpus_forge.dedup.bloom import FilterSize, Walk, filter_for, filter_of, list_units
from corpus_forge.dedup.folding import checked_foldings
from corpus_forge.steps.dedup.family import methods
from corpus_forge.steps.dedup.normalizes import as_list
from corpus_forge.steps.dedup.places import PartDedup
from corpus_forge.steps.ordered_step import OrderedStep
from corpus_forge.steps.span_step import ROW_SPAN_DTYPE
from corpus_forge.text.columns import text_column
from corpus_forge.units import ByteSize, Count, format_size

Level = Literal["paragraph", "document", "both"]
TO_THE_END = 0xFFFFFFFF
LISTED = ("level", "ngram", "min_ngram", "normalize")


@methods.add("bloom")
class BloomDedup(PartDedup, OrderedStep):
    """Cut paragraphs, and remove documents, most of whose word n-grams came before, by a Bloom filter."""

    version: ClassVar[int] = 1
    parts: ClassVar[str] = "paragraphs"

    method: Literal["bloom"] = Field(default="bloom", description="Most n-grams seen before, in input order.")
    level: Level = Field(
        default="both",
        description="paragraph: cut lines. document: whole documents. both: lines, and the document when the same share of all"
        " its n-grams came before (BFF's old-both, DCLM's choice).",
    )
    ngram: int = Field(default=13, ge=1, le=1000, description="Words in an n-gram.")
    min_ngram: int = Field(
        default=13, ge=1, le=1000, description="A line of fewer words than ngram is one n-gram if it has these."
    )
    threshold: float = Field(default=0.8, ge=0, lt=1, description="More than this share of n-grams seen before, and it leaves.")
    normalize: tuple[str, ...] = Field(
        default=(), description="What words may differ in: lower, punctuation, digits, accents, or none, as in BFF."
    )
    false_positive_rate: float = Field(default=0.01, gt=0, lt=1, description="Of the filter when all n-grams are in it.")
    expected_ngrams: Count | None = Field(
        default=None, ge=1, description="The filter is made for so many; by default for those that the input has, counted."
    )
    size: ByteSize | None = Field(default=None, ge=8, description="Memory of the filter, in place of false_positive_rate.")

    @field_validator("normalize", mode="before")
    @classmethod
    def _known_foldings(cls, value: Any) -> Any:
        value = as_list(value)
        return tuple(sorted(checked_foldings(value))) if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _makes_sense(self) -> BloomDedup:
        if self.min_ngram > self.ngram:
            raise ValueError(f"min_ngram: {self.min_ngram} is more than ngram, {self.ngram}. Lower it.")
        return self

    @model_serializer(mode="wrap")
    def _without_silence(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        unset = ("drop_above", "expected_ngrams", "size")
        return {key: value for key, value in dump(self).items() if key not in unset or value is not None}

    def identity(self) -> dict[str, Any]:
        """With the version of the walk."""
        return {**super().identity(), "bloom_version": BLOOM_VERSION}

    def listing(self) -> dict[str, Any]:
        """What n-grams depend on: another threshold or filter lists nothing again."""
        identity = self.identity()
        shared = {key: identity[key] for key in ("step", "version", "bloom_version", *LISTED)}
        return {**shared, "level": "document" if self.level == "document" else "paragraph"}

    def remarks(self) -> list[str]:
        """Memory, as far as it is known before n-grams are counted."""
        if self.size is None and self.expected_ngrams is None:
            each = filter_for(1_000_000, self.false_positive_rate).bytes / 1_000_000
            return [f"a filter of {each:.2f} bytes for each n-gram of the input, in one task; `size` bounds it"]
        made = self._filter(self.expected_ngrams or 0)
        says = f"a filter of {format_size(made.bytes)}, {made.hashes} hashes, in one task"
        if self.expected_ngrams is None:
            return [says]
        return [f"{says}; false-positive rate {made.rate(self.expected_ngrams):.2g} at {self.expected_ngrams:,} n-grams"]

    def units(self, batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
        """Lines, or documents, and the hashes of their n-grams."""
        how = checked_foldings(self.normalize)
        return list_units(text_column(batch["text"]), self.ngram, self.min_ngram, how, self.level == "document")

    def walker(self, values: int) -> BloomWalker:
        """The filter, empty."""
        made = self._filter(self.expected_ngrams or values)
        return BloomWalker(Walk(made, self.threshold, self.level == "both"), self.expected_ngrams or values)

    def _filter(self, entries: int) -> FilterSize:
        return filter_for(entries, self.false_positive_rate) if self.size is None else filter_of(self.size, entries)


class BloomWalker:
    """A walk that says spans."""

    def __init__(self, walk: Walk, expected: int) -> None:
        self._walk, self._expected = walk, expected

    def walk(self, units: np.ndarray, values: np.ndarray) -> Iterator[np.ndarray]:
        """ROW_SPAN_DTYPE[k]: units that leave, and from 0 to the end the texts that leave whole."""
        for leaving, whole in self._walk.feed(units, values):
            spans = np.empty(len(leaving) + len(whole), ROW_SPAN_DTYPE)
            spans["row"] = np.concatenate([leaving["row"], whole])
            spans["start"] = np.concatenate([leaving["start"], np.zeros(len(whole), np.uint32)])
            spans["stop"] = np.concatenate([leaving["stop"], np.full(len(whole), TO_THE_END, np.uint32)])
            yield spans[np.lexsort((spans["start"], spans["row"]))]

    def facts(self) -> dict[str, Any]:
        """The filter, what it was made for, and its rate as it turned out."""
        expected = {"expected_ngrams": self._expected, "expected_rate": self._walk.size.rate(self._expected)}
        return {"kind": "bloom", **expected, **self._walk.facts()}

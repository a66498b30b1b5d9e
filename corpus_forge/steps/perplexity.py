"""Step `perplexity`: how surprised a language model of the document's language is, and CCNet's buckets head, middle and tail.

The numbers are stored: a rule behind this step (`select`) is tuned without scoring again. Documents in a language without a
model have no perplexity, and CCNet's bucket `all`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, field_validator

from corpus_forge.document import Outcome, with_column
from corpus_forge.errors import ConfigError, InputError
from corpus_forge.registry import steps
from corpus_forge.rules.columns import Interval, check_keep, judged
from corpus_forge.scoring.language_model import LanguageModel, load_language_model, load_pieces, model_digest, pieces_digest
from corpus_forge.scoring.perplexity import ALL, Pieces, buckets, perplexity
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.own_columns import OwnColumns

EVERY = "*"
Bucket = Literal["head", "middle", "tail", "all"]


class LanguageModelFile(BaseModel):
    """The model of one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="Path of an ARPA file, or of a binary of KenLM (extra kenlm).")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$", description="Digest of the file; a binary needs it.")
    tokenizer: str | None = Field(default=None, description="Path of the SentencePiece model that it was made with.")
    tokenizer_sha256: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$", description="Digest of that file.")
    cutoffs: tuple[float, float] | None = Field(
        default=None, description="Perplexities below which are head and middle; CCNet: 30th and 60th percentile."
    )

    @field_validator("cutoffs")
    @classmethod
    def _ascend(cls, cutoffs: tuple[float, float] | None) -> tuple[float, float] | None:
        if cutoffs is not None and not 0 <= cutoffs[0] <= cutoffs[1]:
            raise ValueError("[head, middle] must be numbers from 0 on, the lower one first")
        return cutoffs

    def identity(self) -> dict[str, Any]:
        """Digests in place of paths. InputError when a file is absent or another."""
        tokenizer = pieces_digest(self.tokenizer, self.tokenizer_sha256) if self.tokenizer else None
        return {"model": model_digest(self.model, self.sha256), "tokenizer": tokenizer, "cutoffs": self.cutoffs}

    def load(self) -> tuple[LanguageModel, Pieces | None]:
        """The model and what cuts texts for it. InputError when one is unusable."""
        pieces = load_pieces(self.tokenizer, self.tokenizer_sha256) if self.tokenizer else None
        return load_language_model(self.model, self.sha256), pieces


@steps.add("perplexity")
class PerplexityStep(MapStep):
    """Measure each document's perplexity by an n-gram language model, as CCNet does, and keep intervals or buckets."""

    name: ClassVar[str] = "perplexity"
    needs: ClassVar[Any] = OwnColumns(lambda step: ("text",) if set(step.models) == {EVERY} else ("text", "language"))
    gives: ClassVar[Any] = OwnColumns(lambda step: (step.column, step.bucket_column()))
    costly: ClassVar[bool] = True
    leaves_text: ClassVar[bool] = True

    models: dict[str, LanguageModelFile] = Field(
        min_length=1, description="By language: {en: {model: en.arpa.bin, sha256: …, tokenizer: en.sp.model}}; `*` for others."
    )
    column: str = Field(
        default="perplexity",
        pattern=r"^[A-Za-z][A-Za-z0-9_]*$",
        description="Name of the column; that of buckets ends in _bucket.",
    )
    keep: Interval | None = Field(default=None, description="Perplexities to keep: [null, 1500]. No perplexity leaves.")
    keep_buckets: tuple[Bucket, ...] | None = Field(default=None, min_length=1, description="Buckets to keep: [head, middle].")

    @field_validator("keep")
    @classmethod
    def _can_keep_something(cls, keep: Interval | None) -> Interval | None:
        if keep is not None:
            check_keep("keep", keep)
        return keep

    def bucket_column(self) -> str:
        """Name of the column of buckets."""
        return f"{self.column}_bucket"

    def identity(self) -> dict[str, Any]:
        """With the digests of all models in place of their paths."""
        models = {language: model.identity() for language, model in sorted(self.models.items())}
        return {**super().identity(), "models": models}

    def kernels(self) -> tuple[str, ...]:
        """Those of scoring/."""
        return ("scoring",)

    def problems(self) -> list[str]:
        """Models that are absent (with where they are published), others, or none."""
        said = []
        for language, model in sorted(self.models.items()):
            try:
                model.load()
            except InputError as error:
                said.append(f"{language}: {error}")
        return said

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that adds both columns and removes what is not to be kept. ConfigError when a model is unusable."""
        try:
            loaded = {language: model.load() for language, model in self.models.items()}
        except InputError as error:
            raise ConfigError("perplexity.models", str(error)) from None
        return lambda batch: self._measured(batch, loaded)

    def _measured(self, batch: pa.RecordBatch, loaded: dict[str, tuple[LanguageModel, Pieces | None]]) -> Outcome:
        values = np.full(batch.num_rows, np.nan)
        named = np.full(batch.num_rows, ALL, object)
        for language, rows in self._rows_by_model(batch).items():
            found = perplexity(batch["text"].take(pa.array(rows)), *loaded[language])
            values[rows] = pc.fill_null(found, np.nan).to_numpy(zero_copy_only=False)
            named[rows] = buckets(found, self.models[language].cutoffs)
        column = pa.array(values, mask=np.isnan(values))
        batch = with_column(with_column(batch, self.column, column), self.bucket_column(), pa.array(named, pa.string()))
        keep = {self.column: self.keep, self.bucket_column(): self.keep_buckets}
        return Outcome(batch, removed=judged(batch, {name: each for name, each in keep.items() if each}, self.name))

    def _rows_by_model(self, batch: pa.RecordBatch) -> dict[str, np.ndarray]:
        """Rows by the key of their model."""
        if set(self.models) == {EVERY}:
            return {EVERY: np.arange(batch.num_rows)}
        spoken = batch["language"].to_pylist()
        keys = [each if each in self.models else EVERY for each in spoken]
        return {key: np.flatnonzero([each == key for each in keys]) for key in self.models if key in keys}

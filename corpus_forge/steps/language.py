"""Step `language`: labels each document with its language, and keeps the languages that were asked for.

The labels are stored, since they cost 0.6 to 1 ms a document: changing a rule after this step does not label again.
Changing `keep` or `min_score` here does, which is the price of one step for both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from corpus_forge.document import Outcome, Removal, with_column
from corpus_forge.errors import ConfigError, InputError, nearest
from corpus_forge.language.detect import CHARACTERS, best_labels
from corpus_forge.language.fasttext_model import BUNDLED, load_model, model_digest
from corpus_forge.language.sentences import foreign_sentence_share
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.listed import one_is_a_list
from corpus_forge.steps.own_columns import OwnColumns

LABELS = ("language", "language_score")
FOREIGN_SENTENCES = "foreign_sentence_share_madlad"


@steps.add("language")
class LanguageStep(MapStep):
    """Label each document with its language by fastText, and keep the languages asked for."""

    name: ClassVar[str] = "language"
    shorthand: ClassVar[str | None] = "keep"
    gives: ClassVar[Any] = OwnColumns(lambda step: (FOREIGN_SENTENCES,) if step.sentences else (), always=LABELS)
    costly: ClassVar[bool] = True
    leaves_text: ClassVar[bool] = True

    keep: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="Languages to keep, as the model names them: en, de. By default all; only labelled.",
    )
    min_score: float = Field(
        default=0.65,
        ge=0,
        le=1,
        description="Least probability of the language, when keep is given. FineWeb and datatrove use 0.65.",
    )
    model: str = Field(default=BUNDLED, description="lid.176, which comes with corpus-forge, or the path of a fastText model.")
    sha256: str | None = Field(
        default=None,
        pattern=r"^[0-9a-fA-F]{64}$",
        description="Digest of the model's file; needed for a model given by its path.",
    )
    characters: int = Field(default=CHARACTERS, ge=1, description="Look at the first so many characters of the text.")

    sentences: bool = Field(
        default=False,
        description="Label each sentence, too: foreign_sentence_share_madlad is the share in another language (MADLAD-400).",
    )

    _one_is_a_list = field_validator("keep", mode="before")(one_is_a_list)

    @field_validator("keep")
    @classmethod
    def _as_a_set(cls, keep: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Sorted: the order in the file changes nothing, so it is not part of the fingerprint."""
        if keep == ():
            raise ValueError("an empty list would keep nothing. Name the languages, or leave keep out to label only.")
        return None if keep is None else tuple(sorted(set(keep)))

    def identity(self) -> dict[str, Any]:
        """With the digest of the model's content instead of its path. InputError when the file is absent or another."""
        made = {**super().identity(), "model": None, "sha256": model_digest(self.model, self.sha256)}
        return made if self.sentences else {name: value for name, value in made.items() if name != "sentences"}

    def kernels(self) -> tuple[str, ...]:
        """Those that part sentences, where they are labelled."""
        return ("madlad",) if self.sentences else ()

    def problems(self) -> list[str]:
        """A model that is absent, another, or no fastText model; languages that it does not know."""
        try:
            labels = load_model(self.model, self.sha256).labels()
        except InputError as error:
            return [str(error)]
        return [f"the model {self.model} has no language '{name}'. {nearest(name, labels)}" for name in self._not_in(labels)]

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that adds both columns and removes what is not to be kept. ConfigError when the model is unusable."""
        try:
            model = load_model(self.model, self.sha256)
        except InputError as error:
            raise ConfigError("language.model", str(error)) from None

        def label(batch: pa.RecordBatch) -> Outcome:
            languages, scores = best_labels(model, batch["text"], self.characters)
            labelled = with_column(with_column(batch, "language", languages), "language_score", scores)
            if self.sentences:
                shares = foreign_sentence_share(model, batch["text"], languages, self.characters)
                labelled = with_column(labelled, FOREIGN_SENTENCES, shares)
            return Outcome(labelled, removed=self._removals(languages, scores))

        return label

    def _not_in(self, labels: list[str]) -> list[str]:
        return [name for name in self.keep or () if name not in labels]

    def _removals(self, languages: pa.Array, scores: pa.Array) -> dict[int, Removal]:
        """`language.keep` for other languages, `language.min_score` for the right one without enough confidence."""
        if self.keep is None:
            return {}
        wanted = pc.is_in(languages, pa.array(self.keep, languages.type)).to_numpy(zero_copy_only=False)
        # Compared as stored, in float32, so that 0.65 is the same number for the rule and for a reader of the column.
        sure = scores.to_numpy() >= np.float32(self.min_score)
        return {
            row: Removal("language.min_score" if wanted[row] else "language.keep", scores[row].as_py(), languages[row].as_py())
            for row in np.flatnonzero(~(wanted & sure)).tolist()
        }

"""Method `url`: documents of the same canonical URL. One without a URL is a duplicate of nothing."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from corpus_forge.dedup.url import VERSION, url_keys
from corpus_forge.steps.dedup.family import methods
from corpus_forge.steps.dedup.policy import DocumentDedup, as_keys


@methods.add("url")
class UrlDedup(DocumentDedup):
    """Remove documents whose URL is another way to write that of another document; one of them stays."""

    version: ClassVar[int] = 1

    method: Literal["url"] = Field(default="url", description="Equal URL, written canonically.")

    def identity(self) -> dict[str, Any]:
        """With the version of the canonical form."""
        return super().identity() | {"url_version": VERSION}

    def keys(self, batch: pa.RecordBatch) -> np.ndarray:
        """KEY_DTYPE[m]: one key for each document with a URL."""
        rows, hi, lo = url_keys(batch["url"])
        return as_keys(hi, lo, rows)

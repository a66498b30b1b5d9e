"""Methods that remove whole documents and fold texts before they compare them."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from corpus_forge.steps.dedup.policy import DocumentDedup


class Normalizes(DocumentDedup):
    """A method that folds texts before it compares them."""

    normalize: tuple[str, ...] = Field(default=(), description="What texts may differ in and be the same.")

    @field_validator("normalize", mode="before")
    @classmethod
    def _as_a_list(cls, value: Any) -> Any:
        return as_list(value)

    @field_validator("normalize")
    @classmethod
    def _as_a_set(cls, normalize: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(normalize)))


def as_list(value: Any) -> Any:
    """What `normalize` may be written as: nothing, `none`, one name or a list of names."""
    if value in (None, "none"):
        return ()
    return (value,) if isinstance(value, str) else value

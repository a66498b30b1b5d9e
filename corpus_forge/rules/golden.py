"""Golden texts of a rule set: a text on either side of an edge, and what the set says of it. They are what a reading is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Repeat(BaseModel):
    """A piece of a golden text, repeated: long texts in one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat: str
    times: int = Field(ge=0, le=1_000_000)


class Golden(BaseModel):
    """A text and what the rule set says of it: the rule that removes it, or null."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | tuple[Repeat, ...]
    removed_by: str | None
    value: float | None = None
    cleaned: str | None = Field(default=None, description="What is left of the text.")
    flagged: tuple[str, ...] = Field(default=(), description="Rules with action flag that fail on it.")
    signals: dict[str, float | None] = Field(default={}, description="Values of signals, to nine digits.")
    language: str | None = Field(default=None, description="Of the text, for rules with `when`.")
    source: str | None = Field(default=None, description="Of the text, for rules with `when`.")

    def full_text(self) -> str:
        """The text, repeats written out."""
        return self.text if isinstance(self.text, str) else "".join(part.repeat * part.times for part in self.text)

"""What a user may ask of the engine `forge`. Plain data: imports nothing that compiles."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from corpus_forge.errors import RequestError
from corpus_forge.extract.forge.catalog import DEFAULT

FORMATS = ("text", "markdown")
KEEP_OR_DROP = ("keep", "drop")
MARKDOWN, LINKS, ALT, DROP_COMMENTS, DROP_TABLES = 1, 2, 4, 8, 16
"""Bits of the kernels."""


@dataclass(frozen=True)
class ForgeOptions:
    """model: a name, or the path of a .npz file. RequestError for values that do not exist."""

    model: str = DEFAULT
    format: Literal["text", "markdown"] = "text"
    comments: Literal["keep", "drop"] = "keep"
    tables: Literal["keep", "drop"] = "keep"
    links: bool = False
    """Links as `[text](address)`; needs markdown."""
    alt: bool = False
    """Alternative texts of images that stand in the text; with `links`, the images."""

    def __post_init__(self) -> None:
        for key, known in (("format", FORMATS), ("comments", KEEP_OR_DROP), ("tables", KEEP_OR_DROP)):
            if getattr(self, key) not in known:
                raise RequestError(f"`{key}` of the engine forge is {getattr(self, key)!r}; it may be {' or '.join(known)}.")
        if self.links and self.format != "markdown":
            raise RequestError("`links` of the engine forge needs `format: markdown`: plain text has no place for addresses.")

    def bits(self) -> int:
        """The options as the kernels take them."""
        return (
            MARKDOWN * (self.format == "markdown")
            + LINKS * self.links
            + ALT * self.alt
            + DROP_COMMENTS * (self.comments == "drop")
            + DROP_TABLES * (self.tables == "drop")
        )

    def given(self) -> dict[str, Any]:
        """The options by name."""
        return asdict(self)

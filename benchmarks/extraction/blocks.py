"""What forge sees of a page and decides: its blocks with their places on the page, the chance it gives each, what it keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHORT = 20
"""Words of a short paragraph."""
LINKS = 0.5
"""Share of words in links from which on a block is links."""
_IN = ("figcaption", "aside", "footer", "nav", "header", "form", "blockquote", "pre", "table", "li", "dl")
"""Elements that say most of a block's place, in this order."""
_ALIKE = ("related", "caption", "comment", "advertisement", "sidebar", "share", "byline", "cookie", "footer", "form")
"""Groups of class words, the same."""


@dataclass(frozen=True)
class Seen:
    """A block: its text, what it is, the chance of being text, whether it is kept."""

    text: str
    words: int
    what: str
    chance: float
    kept: bool


def seen(engine: object, html: str) -> list[Seen]:
    """All blocks of a page as the engine forge judges them."""
    from corpus_forge.extract.forge.extractor import extractor_of
    from corpus_forge.extract.forge.layout import Block, State

    extractor = extractor_of(engine.options.model)  # type: ignore[attr-defined]
    data = np.frombuffer(html.encode("utf-8", "replace"), np.uint8)
    extractor.extract(data, np.array([0, len(data)], np.int64))
    work = extractor._work  # the tables of the page that was read last
    count = int(work.state[State.BLOCKS])
    out = work.out[: work.state[State.OUT]].tobytes()
    kept = np.flatnonzero(work.keep[:count])
    first, last = (int(kept[0]), int(kept[-1])) if len(kept) else (count, count)
    found = []
    for b in range(count):
        row = work.blocks[b]
        text, words = out[row[Block.START] : row[Block.END]].decode(), int(row[Block.WORDS])
        where = "" if not len(kept) else ", before the text" if b < first else ", behind the text" if b > last else ""
        what = _what(work, row, words) + where
        chance = float(1 / (1 + np.exp(-work.scores[b])))
        found.append(Seen(text, words, what, chance, bool(work.keep[b])))
    return found


def _what(work: object, row: np.ndarray, words: int) -> str:
    from corpus_forge.extract.forge.layout import Block, Sign
    from corpus_forge.extract.forge.lexicon import GROUPS
    from corpus_forge.extract.forge.tags import MARKS

    signs = work.signs[row[Block.ELEMENT]]  # type: ignore[attr-defined]
    marks = {name for bit, name in enumerate(MARKS) if int(signs[Sign.MARKS]) >> bit & 1}
    groups = {name for bit, name in enumerate(GROUPS) if int(signs[Sign.ALL]) >> bit & 1}
    heading = bool(marks & {"h1", "h2", "h3", "h456"})
    length = "heading" if heading else "short block" if words <= SHORT else "paragraph"
    inside = next((f" in {name}" for name in _IN if name in marks), "")
    alike = next((f" of class {name}" for name in _ALIKE if name in groups), "")
    links = ", links" if row[Block.LINK_WORDS] > LINKS * max(1, words) else ""
    return f"{length}{inside}{alike}{links}"

"""Where snippets of a page lie: the blocks that hold their words in order.

Snippets are words, for white space, marks and letter case differ between a page and what somebody copied from it. Where no
place has them as whole words, they may begin and end within words, as cut-out pieces do. Every place counts: a teaser that is
on the page twice is unwanted twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus_forge.extract.training.evaluate import words_of


class Places:
    """The words of a page's blocks as one string, and the block at each place of it."""

    def __init__(self, texts: Sequence[str]) -> None:
        words = [words_of(text) for text in texts]
        self._block = np.repeat(np.arange(len(words)), [len(each) for each in words])
        flat = [word for each in words for word in each]
        self._text = f" {' '.join(flat)} "
        self._ends = np.cumsum([len(word) + 1 for word in flat])

    def of(self, snippet: str) -> list[int]:
        """Blocks that the snippet lies in, at every place where it does."""
        needle = " ".join(words_of(snippet))
        if not needle:
            return []
        return self._found(f" {needle} ") or self._found(needle)

    def _found(self, needle: str) -> list[int]:
        blocks: set[int] = set()
        at = self._text.find(needle)
        while at >= 0:
            first, last = at + needle.startswith(" "), at + len(needle) - needle.endswith(" ") - 1
            start, stop = np.searchsorted(self._ends, [first - 1, last - 1], "right").tolist()
            blocks.update(self._block[start : stop + 1].tolist())
            at = self._text.find(needle, at + 1)
        return sorted(blocks)

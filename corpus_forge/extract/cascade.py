"""The engine `cascade`: `forge` for every page, a slow engine for those where forge is unsure.

forge says of each text which word-F1 it expects. Where that is below `unsure`, the slow engine extracts the page too, and its
text is taken if forge found none, or if it lies within forge's (nine tenths of its words are among forge's): two engines that
read differently agree on it, and what forge has beyond is mostly boilerplate. Texts that disagree stay forge's, as does that of
a page on which the slow engine fails. docs/extraction.md has F1 against time.

In a pipeline only pages that the caller's `survives` approves are sent on, and the slow engine runs in the sandbox.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from corpus_forge.errors import InputError, RequestError
from corpus_forge.extract.engine import extract_text, make_engine
from corpus_forge.extract.forge.catalog import DEFAULT
from corpus_forge.extract.forge.engine import Forge
from corpus_forge.registry import extractors

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from corpus_forge.document import Fault

    Run = Callable[[pa.Array, pa.Array], tuple[pa.Array, dict[int, Fault]]]
    Survives = Callable[[pa.Array], np.ndarray]

POLICY = 1
"""Raised when another text is chosen of the same two."""
UNSURE, WITHIN = 0.85, 0.9
_WORD = re.compile(r"\w+")


@extractors.add("cascade")
class Cascade:
    """Options: forge's `model`, the name of the `slow` engine, and the expected F1 below which forge is `unsure`."""

    columnar = True
    calls_another = True
    option_names = ("model", "slow", "unsure")

    def __init__(self, model: str = DEFAULT, slow: str = "trafilatura", unsure: float = UNSURE) -> None:
        if slow in ("forge", "cascade"):
            raise RequestError(f"`slow` of the engine cascade is '{slow}'; it needs another engine than forge: trafilatura.")
        if not 0 <= unsure <= 1:
            raise RequestError(f"`unsure` of the engine cascade is {unsure}; it is an expected F1, from 0 to 1.")
        self.fast, self.unsure, self.slow = Forge(model=model), unsure, slow
        self._slow = make_engine(slow)

    @property
    def version(self) -> str:
        """Versions of the choice and of both engines."""
        return f"{POLICY}+{self.fast.version}+{self.slow}-{self._slow.version}"

    def extract(self, html: str, url: str | None) -> str:
        """Text of one page; what the slow engine raises counts as no text of its. InputError as forge's."""
        import pyarrow as pa

        texts, faults = self.columns(pa.array([html], pa.large_string()), pa.array([url], pa.string()))
        if faults:
            raise InputError(faults[0].detail)
        return texts[0].as_py()

    def columns(
        self, pages: pa.Array, urls: pa.Array, slow: Run | None = None, survives: Survives | None = None
    ) -> tuple[pa.Array, dict[int, Fault]]:
        """Texts of a column and faults by row. slow: how the slow engine is run, by default here. survives: bool[n] of forge's
        texts, those worth the slow engine.
        """
        import numpy as np
        import pyarrow as pa

        texts, faults, sure = self.fast.judged(pages)
        unsure = (sure < self.unsure) & pages.is_valid().to_numpy(zero_copy_only=False)
        if survives is not None and unsure.any():
            unsure[unsure] = survives(texts.filter(pa.array(unsure)))
        rows = np.flatnonzero(unsure)
        if not len(rows):
            return texts, faults
        others, failed = (slow or self._run_here)(pages.take(pa.array(rows)), urls.take(pa.array(rows)))
        chosen = texts.to_pylist()
        for place, row in enumerate(rows.tolist()):
            other = others[place].as_py()
            if place not in failed and other and is_better(other, chosen[row] or ""):
                chosen[row] = other
                faults.pop(row, None)
        return pa.array(chosen, pa.large_string()), faults

    def _run_here(self, pages: pa.Array, urls: pa.Array) -> tuple[pa.Array, dict[int, Any]]:
        import pyarrow as pa

        from corpus_forge.document import Fault

        texts: list[str] = []
        failed: dict[int, Any] = {}
        for row, (page, url) in enumerate(zip(pages.to_pylist(), urls.to_pylist(), strict=True)):
            try:
                texts.append(extract_text(self._slow, page or "", url))
            except Exception as error:  # noqa: BLE001 - a library may raise anything; forge's text stays
                texts.append("")
                failed[row] = Fault(type(error).__name__)
        return pa.array(texts, pa.large_string()), failed


def is_better(slow: str, fast: str) -> bool:
    """Is the slow engine's text to be taken? Where forge has none, or where it is forge's without something."""
    if not fast.strip():
        return bool(slow.strip())
    words, known = (Counter(_WORD.findall(text.lower())) for text in (slow, fast))
    return bool(words) and (words & known).total() >= WITHIN * words.total()

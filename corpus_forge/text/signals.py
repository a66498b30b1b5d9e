"""Measuring signals: texts in, one column per signal out, all from one pass over the bytes.

The kernels are imported when they are first needed: importing this module costs no numba.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pyarrow as pa

from corpus_forge.errors import RequestError
from corpus_forge.text import document_signals as _document_signals  # noqa: F401 - registers them
from corpus_forge.text import line_signals as _line_signals  # noqa: F401 - registers them
from corpus_forge.text import repetition_signals as _repetition_signals  # noqa: F401 - registers them
from corpus_forge.text.cleaning import sentence_counts
from corpus_forge.text.columns import TextColumn, Texts, text_column
from corpus_forge.text.counts import LOOPS, Count
from corpus_forge.text.line_counts import LineCount
from corpus_forge.text.signal import Signal, registry
from corpus_forge.text.splitters import Words

VERSION = 2
"""Raise it when a kernel gives another number for the same text: it is part of every fingerprint."""


def signals(texts: Texts, names: Sequence[str] | str | None = None, words: Words = "default") -> pa.Table:
    """One row per text, one column per signal (all of documents by default), in the order asked for.

    Texts: a sequence of str, or a pyarrow string or large_string Array or ChunkedArray, sliced or not; null counts as empty.
    `words`: what a word is where a definition says no other: `default` (English), `whitespace` or `uax29` (docs/signals.md).
    RequestError, with the nearest name, for a signal or a kind of words that does not exist, and for a signal of lines.
    """
    wanted = [names] if isinstance(names, str) else names
    chosen = [registry.get(name) for name in (document_signals() if wanted is None else dict.fromkeys(wanted))]
    for one in chosen:
        if one.level == "line":
            raise RequestError(f"'{one.name}' is a signal of lines, of which a text has many. Rules that clean use it.")
    arrays = measured(text_column(texts), chosen, words)
    return pa.table({one.name: array for one, array in zip(chosen, arrays, strict=True)})


def document_signals() -> list[str]:
    """Names of the signals that a whole text has, sorted."""
    return [name for name in registry.names() if registry.get(name).level == "document"]


def measured(column: TextColumn, chosen: Iterable[Signal], words: Words = "default") -> list[pa.Array]:
    """The values of each signal, int64[n] or float64[n] as its type says, from one pass over the texts."""
    wanted = list(chosen)
    needed = {index for one in wanted for index in one.counts if isinstance(index, Count)}
    counts = count(column, frozenset(needed), words)
    lines = any(isinstance(index, LineCount) for one in wanted for index in one.counts)
    sentences = sentence_counts(column) if lines else np.empty(0, np.int64)
    return [
        pa.array(one.compute(lambda index: counts[:, index] if isinstance(index, Count) else sentences), one.type)
        for one in wanted
    ]


def count(column: TextColumn, wanted: frozenset[Count], words: Words = "default") -> np.ndarray:
    """int64[n, len(Count)]; only the loops that the wanted counts need are run, columns of others are 0 or not whole."""
    from corpus_forge.text.measure import measure
    from corpus_forge.text.tables import english_tables

    loops = tuple(bool(wanted & loop) for loop in LOOPS)
    return measure(column.data, column.offsets, english_tables(words), loops)


@cache
def warm_up() -> None:
    """Compile the kernels that measure documents, or load them from numba's cache: corpus_forge/warm_up.py."""
    from corpus_forge.text.measure import segment
    from corpus_forge.text.tables import english_tables

    column = text_column(["Hello, world."])
    count(column, frozenset(Count))
    segment(column.data, 0, len(column.data), english_tables())

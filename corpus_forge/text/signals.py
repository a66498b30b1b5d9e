"""Measuring signals: texts in, one column per signal out, all from one pass over the bytes.

The kernels are imported when they are first needed: importing this module costs no numba.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pyarrow as pa

from corpus_forge.errors import RequestError
from corpus_forge.text import bare_signals as _bare_signals  # noqa: F401 - registers them
from corpus_forge.text import dclm_signals as _dclm_signals  # noqa: F401 - registers them
from corpus_forge.text import document_signals as _document_signals  # noqa: F401 - registers them
from corpus_forge.text import juicer_signals as _juicer_signals  # noqa: F401 - registers them
from corpus_forge.text import line_signals as _line_signals  # noqa: F401 - registers them
from corpus_forge.text import madlad_signals as _madlad_signals  # noqa: F401 - registers them
from corpus_forge.text import nemo_signals as _nemo_signals  # noqa: F401 - registers them
from corpus_forge.text import repetition_signals as _repetition_signals  # noqa: F401 - registers them
from corpus_forge.text import rps_line_signals as _rps_line_signals  # noqa: F401 - registers them
from corpus_forge.text import rps_needing as _rps_needing  # noqa: F401 - registers them
from corpus_forge.text import rps_signals as _rps_signals  # noqa: F401 - registers them
from corpus_forge.text.cleaning import sentence_counts
from corpus_forge.text.columns import TextColumn, Texts, text_column
from corpus_forge.text.counts import LOOPS, Count
from corpus_forge.text.line_counts import LineCount
from corpus_forge.text.passes import counted, counts_of
from corpus_forge.text.signal import Signal, registry
from corpus_forge.text.splitters import Words

VERSION = 3
"""Raise it when a kernel gives another number for the same text: it is part of every fingerprint."""


def signals(texts: Texts, names: Sequence[str] | str | None = None, words: Words = "default") -> pa.Table:
    """One row per text, one column per signal (by default all that a text alone has), in the order asked for.

    Texts: a sequence of str, or a pyarrow string or large_string Array or ChunkedArray, sliced or not; null counts as empty.
    A signal that needs more, a model say, is a column of nulls, with what it needs in the field's metadata. `words`: what a
    word is where a definition says no other: `default` (English), `whitespace` or `uax29` (docs/signals.md).
    RequestError, with the nearest name, for a signal or a kind of words that does not exist, and for a signal of lines.
    """
    wanted = [names] if isinstance(names, str) else names
    chosen = [registry.get(name) for name in (text_signals() if wanted is None else dict.fromkeys(wanted))]
    for one in chosen:
        if one.level == "line":
            raise RequestError(f"'{one.name}' is a signal of lines, of which a text has many. Rules that clean use it.")
    arrays = measured(text_column(texts), chosen, words)
    fields = [pa.field(one.name, one.type, metadata={"needs": one.needs} if one.needs else None) for one in chosen]
    return pa.table(arrays, schema=pa.schema(fields))


def text_signals() -> list[str]:
    """Names of the signals that a whole text has and that need nothing else, sorted."""
    return [name for name in document_signals() if not registry.get(name).needs]


def document_signals() -> list[str]:
    """Names of the signals that a whole text has, sorted."""
    return [name for name in registry.names() if registry.get(name).level == "document"]


def measured(
    column: TextColumn, chosen: Iterable[Signal], words: Words = "default", before: TextColumn | None = None
) -> list[pa.Array]:
    """The values of each signal, int64[n] or float64[n] as its type says, from one pass over the texts.

    `before`: the texts as they came, for signals that say what became of them; without it they are the same.
    """
    wanted = list(chosen)
    of = counted(column, [count for one in wanted for count in one.counts], words)
    comparing = [count for one in wanted if one.compares for count in one.counts]
    of_before = counted(before, comparing, words) if before is not None and comparing else of

    def values(one: Signal) -> pa.Array:
        if one.needs:
            return pa.nulls(len(column.offsets) - 1, one.type)
        return pa.array(one.compute(of, of_before) if one.compares else one.compute(of), one.type)

    return [values(one) for one in wanted]


@counts_of(Count)
def count(column: TextColumn, wanted: frozenset[Count], words: Words = "default") -> np.ndarray:
    """int64[n, len(Count)]; only the loops that the wanted counts need are run, columns of others are 0 or not whole."""
    from corpus_forge.text.measure import measure
    from corpus_forge.text.tables import english_tables

    loops = tuple(bool(wanted & loop) for loop in LOOPS)
    return measure(column.data, column.offsets, english_tables(words), loops)


@counts_of(LineCount, "lines")
def count_sentences(column: TextColumn, wanted: frozenset[LineCount], words: Words) -> np.ndarray:  # noqa: ARG001
    """int64[n, len(LineCount)]: of a document only its sentences, line by line, are counted."""
    counts = np.zeros((len(column.offsets) - 1, len(LineCount)), np.int64)
    counts[:, LineCount.SENTENCES] = sentence_counts(column)
    return counts


@cache
def warm_up() -> None:
    """Compile the kernels that measure documents, or load them from numba's cache: corpus_forge/warm_up.py."""
    from corpus_forge.text.measure import segment
    from corpus_forge.text.tables import english_tables

    column = text_column(["Hello, world."])
    count(column, frozenset(Count))
    segment(column.data, 0, len(column.data), english_tables())

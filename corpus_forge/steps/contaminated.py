"""What becomes of documents that hold evaluation items: removed, cut or marked, and what is said of each.

Places are characters of the text as the step saw it, so that `text[start:stop]` shows them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.dedup.contamination import Contaminants, characters
from corpus_forge.document import Outcome, Removal, with_column
from corpus_forge.steps.evaluation_sets import LoadedSet
from corpus_forge.text.columns import text_array, text_column

NAMED = 5
"""Items that a removal's detail names; of more it says how many."""
COLUMN = pa.list_(
    pa.struct(
        [
            ("set", pa.string()),
            ("item", pa.string()),
            ("ngrams", pa.uint32()),
            ("overlap", pa.float32()),
            ("start", pa.uint64()),
            ("stop", pa.uint64()),
        ]
    )
)


class Find(NamedTuple):
    """An item in a document. ngrams: different ones; overlap: their share of the item's; [start, stop): the longest run."""

    set: str
    item: str
    ngrams: int
    overlap: float
    start: int
    stop: int

    def __str__(self) -> str:
        return f"{self.set}:{self.item} at {self.start}-{self.stop} ({self.overlap:.0%} of its n-grams)"


class Treatment(NamedTuple):
    """What to do with documents that hold items: see the step's parameters."""

    action: Literal["remove", "cut", "mark"]
    margin: int
    min_piece: int
    max_pieces: int


class Finds(NamedTuple):
    """The sets, ready to be looked for."""

    names: list[str]
    sets: list[LoadedSet]
    known: Contaminants

    def of(self, texts: pa.Array) -> tuple[dict[int, list[Find]], dict[int, list[tuple[int, int]]]]:
        """By row, for rows that hold any: the items, and where their n-grams are, in characters."""
        column = text_column(texts)
        rows, hits = self.known.find(column)
        places = characters(column, rows[:, 0], rows[:, 3:])
        runs = characters(column, hits[:, 0], hits[:, 1:])
        items: dict[int, list[Find]] = {}
        for row, (start, stop) in zip(rows.tolist(), places.tolist(), strict=True):
            items.setdefault(row[0], []).append(self._find(row[1], row[2], start, stop))
        spans: dict[int, list[tuple[int, int]]] = {}
        for text, (start, stop) in zip(hits[:, 0].tolist(), runs.tolist(), strict=True):
            spans.setdefault(text, []).append((start, stop))
        return items, spans

    def _find(self, item: int, ngrams: int, start: int, stop: int) -> Find:
        number = int(self.known.set_of(np.array([item]))[0])
        label = self.sets[number].labels[item - int(self.known.firsts[number])]
        return Find(self.names[number], label, ngrams, ngrams / int(self.known.grams[item]), start, stop)


def treated(batch: pa.RecordBatch, finds: Finds, how: Treatment) -> Outcome:
    """The batch as the treatment leaves it. `found` counts documents by set, and by set and item."""
    texts = text_array(batch["text"])
    items, spans = finds.of(texts)
    marked = batch if how.action == "remove" else with_column(batch, "contamination", _column(items, batch.num_rows))
    removed: dict[int, Removal] = {}
    cleaned: Counter[str] = Counter()
    if how.action == "remove":
        removed = {row: removal(found) for row, found in items.items()}
    elif how.action == "mark":
        cleaned["contaminated documents marked"] = len(items)
    else:
        marked, removed = _cut(marked, texts, items, spans, how)
        cleaned["contaminated documents cut"] = len(items) - len(removed)
    return Outcome(marked, removed=removed, cleaned=+cleaned, found=_counted(items))


def removal(found: Sequence[Find]) -> Removal:
    """By the item of which the document has the largest share, with the first items as detail."""
    worst = max(found, key=lambda find: find.overlap)
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return Removal(f"decontaminate.{worst.set}", worst.overlap, "; ".join(map(str, found[:NAMED])) + more)


def pieces_between(text: str, spans: Sequence[tuple[int, int]], how: Treatment) -> list[str]:
    """What is left of a text without the spans, ascending by start, widened by the margin: pieces that are long enough."""
    left, at = [], 0
    for start, stop in spans:
        left.append(text[at : max(start - how.margin, at)].strip())
        at = max(at, stop + how.margin)
    left.append(text[at:].strip())
    return [piece for piece in left if piece and len(piece) >= how.min_piece]


def _cut(
    batch: pa.RecordBatch,
    texts: pa.Array,
    items: dict[int, list[Find]],
    spans: dict[int, list[tuple[int, int]]],
    how: Treatment,
) -> tuple[pa.RecordBatch, dict[int, Removal]]:
    """Texts without what they share; pieces are joined by an empty line. Documents of too many pieces, or none, leave."""
    removed: dict[int, Removal] = {}
    values = texts.to_pylist() if items else []
    for row, found in items.items():
        pieces = pieces_between(values[row], list(_merged(spans[row])), how)
        if not pieces or len(pieces) > how.max_pieces:
            why = removal(found)
            says = f"{len(pieces)} pieces left" if pieces else "nothing left"
            removed[row] = why._replace(detail=f"{says}; {why.detail}")
        else:
            values[row] = "\n\n".join(pieces)
    return (with_column(batch, "text", pa.array(values, texts.type)) if items else batch), removed


def _merged(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans, ascending, that overlap or touch as one."""
    begin, end = spans[0]
    for start, stop in spans[1:]:
        if start > end:
            yield begin, end
            begin = start
        end = max(end, stop)
    yield begin, end


def _column(items: dict[int, list[Find]], rows: int) -> pa.Array:
    return pa.array([[find._asdict() for find in items.get(row, [])] for row in range(rows)], COLUMN)


def _counted(items: dict[int, list[Find]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for found in items.values():
        counts.update(f"{find.set}:{find.item}" for find in found)
        counts.update(name for name, _ in groupby(find.set for find in found))
    return dict(sorted(counts.items()))

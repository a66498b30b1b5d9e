"""The chosen blocks as text or markdown. Imports numba: inside functions only.

In both formats paragraphs are parted by a blank line, items of a list and rows of a table are lines, items have their mark
(`-`, or their number) and the indent of their depth, cells are parted by `|`, and `pre` keeps its white space. Markdown adds
the marks of headings, quotations, tables and code, and those inside a line (inline.py). A row whose cells hold long text or
many blocks lays out a page: its blocks are paragraphs.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.aggregates import SUM_BLOCKS, SUM_WORDS
from corpus_forge.extract.forge.inline import BLANK, NEWLINE, TICK, put, put_marked
from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block, Element, Sign, Span, State
from corpus_forge.extract.forge.options import ALT, LINKS, MARKDOWN
from corpus_forge.extract.forge.tags import MARKS as MARK_NAMES
from corpus_forge.extract.forge.tags import TAGS
from corpus_forge.text.eight import moved

START, END, ELEMENT, PRE = int(Block.START), int(Block.END), int(Block.ELEMENT), int(Block.PRE)
PARENT, TAG, ITEMS, ITEM = int(Element.PARENT), int(Element.TAG), int(Element.ITEMS), int(Element.ITEM)
LI, LIST, NESTED, CODE = int(Element.LI), int(Element.LIST), int(Element.NESTED), int(Element.CODE)
ROW, CELL, TABLE = int(Element.ROW), int(Element.CELL), int(Element.TABLE)
MARKS, AT, SPANS = int(Sign.MARKS), int(Span.AT), int(State.SPANS)
H1, H6, OL, DT, DD = (TAGS[name] for name in ["h1", "h6", "ol", "dt", "dd"])
QUOTE = np.uint64(1 << MARK_NAMES.index("blockquote"))
HASH, BAR, DASH, DOT, ANGLE = (ord(each) for each in "#|-.>")
CELL_WORDS, CELL_BLOCKS, MAX_CELLS, MAX_INDENT = 50, 3, 32, 8
ROOM = 288
"""Bytes beside its text and its links that a block takes at most: indent, number, MAX_CELLS bars and dashes."""


@inner
def record_of(work, row):
    """The row itself if it is a record of short cells; 0 for none, and for a row that lays out a page."""
    cells, sums = work.elements[row, ITEMS], work.sums[row]
    is_short = sums[SUM_WORDS] <= CELL_WORDS * cells and sums[SUM_BLOCKS] <= CELL_BLOCKS * cells
    return row if row > 0 and cells >= 2 and is_short else 0


@inner
def put_times(out, at, byte, count):
    """Append a byte so many times."""
    for _ in range(count):
        at = put(out, at, byte)
    return at


@inner
def put_number(out, at, value):
    """Append a positive number in digits."""
    power = 1
    while value // power >= 10:
        power *= 10
    while power > 0:
        at = put(out, at, 48 + value // power % 10)
        power //= 10
    return at


@inner
def put_item(work, here, out, at):
    """Append the indent of a list item, and its mark if this is its first line."""
    item, depth = work.elements[here[LI]], min(MAX_INDENT, max(0, here[NESTED] - 1))
    if item[ITEM] < 0:
        return put_times(out, at, BLANK, 2 * depth + 2)
    at = put_times(out, at, BLANK, 2 * depth)
    if work.elements[item[PARENT], TAG] == OL:  # noqa: SIM108 - two calls a branch
        at = put(out, put_number(out, at, item[ITEM]), DOT)
    else:
        at = put(out, at, DASH)
    # A negative number says that the mark has been written.
    item[ITEM] = -item[ITEM]
    return put(out, at, BLANK)


@inner
def heading_level(work, e):
    """1 to 6, 0 for no heading."""
    tag, above = work.elements[e, TAG], work.elements[max(0, work.elements[e, PARENT]), TAG]
    if H1 <= tag <= H6:
        return tag - H1 + 1
    return above - H1 + 1 if H1 <= above <= H6 else 0


@inner
def is_near(last, here, record):
    """Do two blocks stand on neighbouring lines, as items, rows and lines of code do? last, here: rows of elements."""
    if record or (here[CODE] and here[CODE] == last[CODE]):
        return here[TABLE] == last[TABLE]
    if here[LI] and last[LI]:
        return here[LIST] == last[LIST]
    return (here[TAG] == DD or here[TAG] == DT) and (last[TAG] == DT or last[TAG] == DD)


@inner
def put_fence(out, at):
    """Append a fence of code."""
    return put_times(out, at, TICK, 3)


@called
def end_line(work, last, record, fenced, options, out, at):
    """End the row that is open in markdown, with the line below the first one of its table."""
    if fenced:
        return put_fence(out, put(out, at, NEWLINE))
    if not record or not options & MARKDOWN:
        return at
    at = put(out, put(out, at, BLANK), BAR)
    table = work.elements[last[TABLE]]
    if table[ITEM] == 0 and last[TABLE]:
        table[ITEM] = 1
        at = put(out, put(out, at, NEWLINE), BAR)
        for _ in range(min(MAX_CELLS, work.elements[record, ITEMS])):
            at = put(out, put_times(out, at, DASH, 3), BAR)
    return at


@called
def begin_line(work, e, here, record, fenced, options, out, at):
    """Append what stands before the text of a line that is no row: mark of an item, a heading, a quotation, a fence."""
    if fenced:
        return put(out, put_fence(out, at), NEWLINE)
    if here[LI] and not here[CODE] and not record:
        return put_item(work, here, out, at)
    if options & MARKDOWN and not here[CODE] and not record:
        level = heading_level(work, e)
        if level:
            return put(out, put_times(out, at, HASH, level), BLANK)
        if work.signs[e, MARKS] & QUOTE:
            return put(out, put(out, at, ANGLE), BLANK)
    return at


@called
def put_cells(here, before, begins, options, out, at):
    """Append the bars between the cell `before` and this one. begins: this is the first of its row."""
    bars = max(0, min(MAX_CELLS, here[ITEM] - before))
    if begins and not options & MARKDOWN:
        bars -= 1
    for _ in range(bars):
        if not begins and out[at - 1] > BLANK:
            at = put(out, at, BLANK)
        at = put(out, put(out, at, BAR), BLANK)
    return put(out, at, BLANK) if not bars and not begins else at


@inner
def first_span(work, span, start):
    """The first span from `span` on that is not before `start`."""
    while span < work.state[SPANS] and work.spans[span, AT] < start:
        span += 1
    return span


@called
def put_block(data, work, row, span, options, joined, out, at):
    """Append the text of a block."""
    start, end = row[START], row[END]
    if row[PRE] or not options & (MARKDOWN | ALT | LINKS):
        if not joined:
            moved(work.out, start, out, at, end - start)  # type: ignore[call-arg]
            return at + end - start
        options = 0
    return put_marked(data, work, start, end, span, options, joined, out, at)


@called
def render(data, work, count, options, out, begin):
    """Append the chosen blocks to out at `begin`; the new end. There must be room, see ROOM."""
    at, last, record, cell, span, code = begin, 0, 0, 0, 0, 0
    work.elements[0, :] = 0
    for b in range(count):
        if not work.keep[b]:
            continue
        row = work.blocks[b]
        e = row[ELEMENT]
        here = work.elements[e]
        new = record_of(work, here[ROW])
        if not (new and new == record):
            pre = here[CODE] if row[PRE] and not new and options & MARKDOWN else 0
            at = end_line(work, work.elements[last], record, code and pre != code, options, out, at)
            if at > begin:
                at = put(out, at, NEWLINE)
                if not is_near(work.elements[last], here, new and record):
                    at = put(out, at, NEWLINE)
            at = begin_line(work, e, here, new, pre and pre != code, options, out, at)
            code, cell = pre, 0
        if new:
            at = put_cells(work.elements[here[CELL]], cell, new != record, options, out, at)
            cell = work.elements[here[CELL], ITEM]
        span = first_span(work, span, row[START])
        at = put_block(data, work, row, span, options, new > 0, out, at)
        last, record = e, new
    return end_line(work, work.elements[last], record, code, options, out, at)

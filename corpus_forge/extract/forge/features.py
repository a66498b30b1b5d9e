"""Features of every block, from its counts and the sums around it. Imports numba: inside functions only.

Blocks come in chunks of LANES: `x[column, lane]`, the layout in which trees.py compares one column of a whole chunk at a time,
and small enough to stay in the cache. columns.py names the columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus_forge.extract.forge import aggregates as a
from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.ancestors import climb, parent_of
from corpus_forge.extract.forge.core import put_surroundings
from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block, Element, Page, Sign
from corpus_forge.extract.forge.learned import mean_of, put_names, put_words
from corpus_forge.extract.forge.tables import HIDDEN
from corpus_forge.extract.forge.tags import TAGS

LANES = 64
CHUNKS = 16
"""Pages of more than CHUNKS * LANES blocks, one in fifty, are described twice."""
OWN_AT, PLACE_AT, ANCESTORS_AT = 0, columns.offset_of(columns.PLACE), columns.offset_of(columns.ANCESTORS)
AROUND_AT, LEARNED_AT, PAGE_AT = (
    columns.offset_of(columns.AROUND),
    columns.offset_of(columns.LEARNED),
    columns.offset_of(columns.PAGE),
)
BITS_AT, LEVELS = len(columns.NUMBERS) + len(columns.LOOK), columns.LEVELS
OWN_COLUMNS = np.array([int(Block[name]) for name in ["COMMAS", "STOPS", "CAPITALISED", "NUMBERS", "UPPER_WORDS"]])
B = Block
ELEMENT, AT, WORDS, LINK_WORDS, STOPS, BUCKET = (
    int(B.ELEMENT),
    int(B.AT),
    int(B.WORDS),
    int(B.LINK_WORDS),
    int(B.STOPS),
    int(B.BUCKET),
)
LINKS, CHARS, WORD_BYTES, FIRST_CLASS, LAST_CLASS = (
    int(B.LINKS),
    int(B.CHARS),
    int(B.WORD_BYTES),
    int(B.FIRST_CLASS),
    int(B.LAST_CLASS),
)
TITLE_WORDS, SEPARATORS, FORMATS, IMAGES, BREAKS = (
    int(B.TITLE_WORDS),
    int(B.SEPARATORS),
    int(B.FORMATS),
    int(B.IMAGES),
    int(B.BREAKS),
)
PAGE_LINKS, HIGH_BYTES, COPYRIGHTS, PRE, CONTROLS = (
    int(B.PAGE_LINKS),
    int(B.HIGH_BYTES),
    int(B.COPYRIGHTS),
    int(B.PRE),
    int(B.CONTROLS),
)
PARENT, TAG, DEPTH = int(Element.PARENT), int(Element.TAG), int(Element.DEPTH)
OWN, ALL, MARKS = int(Sign.OWN), int(Sign.ALL), int(Sign.MARKS)
OG_TYPE, LD_TYPES, BODY = int(Page.OG_TYPE), int(Page.LD_TYPES), int(Page.BODY)
H1, H6 = TAGS["h1"], TAGS["h6"]
HIDDEN_BIT, ONE = np.uint64(HIDDEN), np.uint64(1)
F = np.float32
R_WORDS, R_H1S, R_SINCE_H1, R_DISTANCE, R_LEVEL, R_HEADING = range(6)
"""int64 columns of `run`: what came before the next block of the page."""


class Chunk(NamedTuple):
    """Scratch for the features of a page's blocks, LANES at a time."""

    x: np.ndarray
    """float32[CHUNKS, columns, LANES]: of the last blocks of a page; the second look finds there what the first has filled"""
    bits: np.ndarray
    """uint64[6, LANES]"""
    alive: np.ndarray
    """uint32[LANES]"""
    scores: np.ndarray
    """float32[LANES]"""
    totals: np.ndarray
    """int64[8], of aggregates.py"""
    cores: np.ndarray
    """int64[2, 3], of core.py: the core and the wide core"""
    run: np.ndarray
    """int64[6]"""


def make_chunk(bits: int) -> Chunk:
    """A Chunk for so many bits beside the numbers and what the second look sees."""
    return Chunk(
        np.zeros((CHUNKS, BITS_AT + bits, LANES), np.float32),
        np.zeros((6, LANES), np.uint64),
        np.zeros(LANES, np.uint32),
        np.zeros(LANES, np.float32),
        np.zeros(8, np.int64),
        np.zeros((2, 3), np.int64),
        np.zeros(6, np.int64),
    )


class Span(NamedTuple):
    """What the features of one page need besides its tables."""

    blocks: int
    elements: int
    words: int
    """Words in `buckets`."""
    size: int
    """Bytes of the page."""


@inner
def put_own(x, lane, row):
    """The block's own counts; those of words as shares."""
    words = F(max(1, row[WORDS]))
    x[0, lane], x[1, lane], x[2, lane], x[3, lane] = (
        row[WORDS],
        F(row[LINK_WORDS]) / words,
        row[LINKS],
        F(row[WORD_BYTES]) / words,
    )
    for k in range(5):
        x[4 + k, lane] = F(row[OWN_COLUMNS[k]]) / words
    x[9, lane], x[10, lane], x[11, lane] = row[LAST_CLASS], row[FIRST_CLASS], F(row[TITLE_WORDS]) / words
    x[12, lane], x[13, lane], x[14, lane], x[15, lane] = row[SEPARATORS], row[FORMATS], row[IMAGES], row[BREAKS]
    x[16, lane], x[17, lane] = row[PAGE_LINKS], F(row[HIGH_BYTES]) / F(max(1, row[CHARS]))
    x[18, lane], x[19, lane], x[20, lane], x[21, lane] = row[COPYRIGHTS], row[CHARS], row[PRE], row[CONTROLS]


@inner
def put_template(x, lane, work, b, e, p, g):
    """Tags around the block, and how often the template repeats them."""
    k = PLACE_AT
    x[k, lane], x[k + 1, lane], x[k + 2, lane] = work.elements[e, TAG], work.elements[p, TAG], work.elements[g, TAG]
    x[k + 3, lane] = work.elements[e, DEPTH]
    slot = work.copy_slots[b]
    # A copy that was seen is told by its negative count: the first comes with the true one.
    copies = work.copy_counts[slot]
    x[k + 7, lane], x[k + 8, lane] = abs(copies), copies > 0
    work.copy_counts[slot] = -abs(copies)
    group = work.groups[work.sums[e, a.SLOT]]
    words = F(max(1, group[a.GROUP_WORDS]))
    x[k + 9, lane], x[k + 10, lane] = group[a.GROUP_BLOCKS], words / F(group[a.GROUP_BLOCKS])
    x[k + 11, lane], x[k + 12, lane] = F(group[a.GROUP_LINKS]) / words, F(group[a.GROUP_STOPS]) / words
    x[k + 13, lane] = group[a.GROUP_ELEMENTS]
    x[k + 14, lane] = work.groups[work.sums[p, a.SLOT], a.GROUP_ELEMENTS]
    x[k + 15, lane] = work.groups[work.sums[g, a.SLOT], a.GROUP_ELEMENTS]


@inner
def put_ancestors(x, lane, work, e, page_words):
    """What share of the page lies in each ancestor, and what it is made of."""
    k, up = ANCESTORS_AT, e
    for _ in range(LEVELS):
        sums = work.sums[up]
        words = F(max(1, sums[a.SUM_WORDS]))
        x[k, lane], x[k + 1, lane] = F(sums[a.SUM_WORDS]) / page_words, F(sums[a.SUM_LINKS]) / words
        x[k + 2, lane], x[k + 3, lane] = F(sums[a.SUM_TEXT]) / words, sums[a.SUM_BLOCKS]
        x[k + 4, lane] = work.groups[sums[a.SLOT], a.GROUP_ELEMENTS]
        k += 5
        up = parent_of(work.elements, up)


@inner
def put_neighbours(x, lane, work, b, count):
    """The three blocks before and after; -1 where there is none."""
    k = AROUND_AT
    for n in range(6):
        c = b + n - 3 if n < 3 else b + n - 2
        if 0 <= c < count:
            row = work.blocks[c]
            words = F(max(1, row[WORDS]))
            x[k, lane], x[k + 1, lane], x[k + 2, lane] = row[WORDS], F(row[LINK_WORDS]) / words, F(row[STOPS]) / words
            x[k + 3, lane] = work.elements[row[ELEMENT], TAG]
            x[k + 4, lane] = climb(work.elements, work.blocks[b, ELEMENT], row[ELEMENT])
        else:
            for q in range(5):
                x[k + q, lane] = -1
        k += 5


@inner
def put_page(x, lane, work, totals, count, element_count):
    """What is the same for all blocks of the page."""
    k, words = PAGE_AT, F(max(1, totals[a.T_WORDS]))
    x[k, lane], x[k + 1, lane], x[k + 2, lane] = totals[a.T_WORDS], F(totals[a.T_LINKS]) / words, count
    x[k + 3, lane], x[k + 4, lane], x[k + 5, lane] = F(totals[a.T_TEXT]) / words, work.page[OG_TYPE], work.page[LD_TYPES]
    x[k + 6, lane], x[k + 7, lane], x[k + 8, lane] = totals[a.T_ARTICLE], totals[a.T_MAIN], element_count
    x[k + 9, lane], x[k + 10, lane] = F(totals[a.T_HIDDEN]) / words, F(totals[a.T_NOSCRIPT]) / words
    x[k + 11, lane] = mean_of(work, 0)


@inner
def note_bits(bits, lane, work, e, p, g):
    """uint64[6, LANES]: the words of bits that columns.BITS names."""
    signs = work.signs
    third = parent_of(work.elements, g)
    bits[0, lane], bits[1, lane] = signs[e, MARKS], signs[e, MARKS] & ~signs[third, MARKS]
    bits[2, lane] = signs[e, ALL]
    bits[3, lane] = signs[e, OWN] | signs[p, OWN] | signs[g, OWN] | signs[third, OWN]
    bits[4, lane], bits[5, lane] = signs[e, OWN], np.uint64(work.page[BODY])


@inner
def put_bits(x, bits, chosen):
    """Write the bits that the model asks for. chosen: int32[m, 2] of word and bit."""
    for k in range(len(chosen)):
        word, bit = chosen[k, 0], np.uint64(chosen[k, 1])
        for lane in range(LANES):
            x[BITS_AT + k, lane] = F((bits[word, lane] >> bit) & ONE)


@inner
def put_place(x, lane, work, b, e, totals, page, run):
    """Where in the page the block lies, and what came before it. page, run: as in fill."""
    k, row, tag = PLACE_AT, work.blocks[b], work.elements[e, TAG]
    if tag == H1:
        run[R_H1S] += 1
        run[R_SINCE_H1] = 0
    if H1 <= tag <= H6:
        run[R_DISTANCE], run[R_LEVEL], run[R_HEADING] = 0, tag - H1 + 1, b
    x[k + 4, lane], x[k + 5, lane] = F(b) / F(page.blocks), F(run[R_WORDS]) / F(max(1, totals[a.T_WORDS]))
    x[k + 6, lane] = F(row[AT]) / F(page.size)
    x[k + 16, lane], x[k + 17, lane] = run[R_H1S], totals[a.T_H1]
    x[k + 18, lane], x[k + 19, lane] = run[R_DISTANCE], run[R_LEVEL]
    x[k + 20, lane], x[k + 21, lane] = work.since[b], work.until[b]
    x[k + 22, lane], x[k + 23, lane] = work.signs[e, MARKS] & HIDDEN_BIT != np.uint64(0), run[R_SINCE_H1]
    run[R_WORDS] += row[WORDS]
    run[R_SINCE_H1] += row[WORDS]
    run[R_DISTANCE] = min(50, run[R_DISTANCE] + 1)


@inner
def begin_run(run):
    """Nothing came before the first block. run: int64[6]."""
    run[:] = 0
    run[R_DISTANCE], run[R_HEADING] = 50, -1


@called
def fill(work, chunk, x, first, stop, page, word_weights, chosen):
    """Features of the blocks first to stop, LANES at most; chunks of a page must come in order.

    x: float32[columns, LANES], written. chunk: a Chunk. page: a Span. word_weights: int8[buckets], 1/32 each. chosen:
    int32[m, 2], the bits that are wanted.
    """
    bits, totals, run = chunk.bits, chunk.totals, chunk.run
    for b in range(first, stop):
        lane = b - first
        e = work.blocks[b, ELEMENT]
        p = parent_of(work.elements, e)
        g = parent_of(work.elements, p)
        put_own(x, lane, work.blocks[b])
        put_template(x, lane, work, b, e, p, g)
        put_place(x, lane, work, b, e, totals, page, run)
        put_ancestors(x, lane, work, e, F(max(1, totals[a.T_WORDS])))
        put_neighbours(x, lane, work, b, page.blocks)
        put_words(x, lane, work, b, page.blocks, page.words, word_weights)
        put_names(x, lane, work, e, p, g)
        put_page(x, lane, work, totals, page.blocks, page.elements)
        at = run[R_WORDS] - work.blocks[b, WORDS]
        put_surroundings(x, lane, work, b, e, p, at, run[R_HEADING], totals, chunk.cores)
        note_bits(bits, lane, work, e, p, g)
    put_bits(x, bits, chosen)

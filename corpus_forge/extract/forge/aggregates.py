"""Sums over elements and over what a template repeats: what features compare a block with. Imports numba: inside functions
only.

Children come after their parents in `elements`, so one walk from the last to the first adds up every subtree, and one from the
first to the last hands down what ancestors say: all there is of a document tree.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block, Element, Sign
from corpus_forge.extract.forge.tables import HIDDEN
from corpus_forge.extract.forge.tags import MARKS as MARK_NAMES
from corpus_forge.extract.forge.tags import TAGS

B = Block
ELEMENT, WORDS, LINK_WORDS, STOPS, COMMAS = int(B.ELEMENT), int(B.WORDS), int(B.LINK_WORDS), int(B.STOPS), int(B.COMMAS)
BUCKET = int(B.BUCKET)
PARENT, TAG, NAMES = int(Element.PARENT), int(Element.TAG), int(Element.NAMES)
MARKS, PATH = int(Sign.MARKS), int(Sign.PATH)
H1 = TAGS["h1"]
HIDDEN_BIT = np.uint64(HIDDEN)
ARTICLE, MAIN, NOSCRIPT = (np.uint64(1 << MARK_NAMES.index(name)) for name in ("article", "main", "noscript"))
ZERO, ONE, FOLD = np.uint64(0), np.uint64(1), np.uint64(31)

SUM_WORDS, SUM_LINKS, SUM_TEXT, SUM_BLOCKS, SLOT = range(5)
"""int32 columns of `sums`, one row an element: words, words in links and words of good text in its subtree, blocks, and its
slot in the table of paths."""
OWN_NAMES, ALL_NAMES, MIN_NAMES, MAX_NAMES, SUM_SCORES = range(5)
"""float32 columns of `weights`, one row an element: learned weights of its class words, of those of it and its ancestors, the
least and most of any of them, and the weights of the words in its subtree."""
GROUP_ELEMENTS, GROUP_BLOCKS, GROUP_WORDS, GROUP_LINKS, GROUP_STOPS, GROUP_TEXT, GROUP_WEIGHT = range(7)
"""int32 columns of `groups`: what elements of one path have in all; the weight of words in 1/32."""
T_WORDS, T_LINKS, T_TEXT, T_H1, T_HIDDEN, T_NOSCRIPT, T_ARTICLE, T_MAIN = range(8)
"""int64 totals of the page."""


@inner
def slot_of(keys, mask, key):
    """Slot of the key in an open-addressing table; the empty slot where it would be."""
    slot = (key ^ (key >> FOLD)) & mask
    while keys[slot] != ZERO and keys[slot] != key:
        slot = (slot + ONE) & mask
    return slot


@inner
def is_text(row):
    """Does the block look like running text, in any language: a dozen words, few in links, and marks between them?"""
    return row[WORDS] >= 12 and row[LINK_WORDS] * 3 < row[WORDS] and row[STOPS] + row[COMMAS] > 0


@inner
def table_mask(entries, slots):
    """Slots to use for so many entries, less one: twice as many, a power of two."""
    size = 64
    while size < 2 * entries and size < slots:
        size *= 2
    return np.uint64(size - 1)


@inner
def weigh(values, table, start, end):
    """Sum of the learned weights of values[start:end]."""
    total = 0
    for i in range(start, end):
        total += table[values[i]]
    return np.float32(total) * np.float32(1 / 32)


@inner
def begin_elements(work, count, mask, name_weights, name_end):
    """Clear the sums, count paths, and hand down the weights of class words."""
    work.paths[: mask + ONE] = ZERO
    work.groups[: mask + ONE, :] = 0
    for e in range(count):
        work.sums[e, :] = 0
        key = work.signs[e, PATH] | ONE
        slot = slot_of(work.paths, mask, key)
        work.paths[slot] = key
        work.groups[slot, GROUP_ELEMENTS] += 1
        work.sums[e, SLOT] = slot
        last = work.elements[e + 1, NAMES] if e + 1 < count else name_end
        own = weigh(work.names, name_weights, work.elements[e, NAMES], last)
        row = work.weights[e]
        row[OWN_NAMES], row[SUM_SCORES] = own, 0
        row[ALL_NAMES] = own
        row[MIN_NAMES], row[MAX_NAMES] = min(own, np.float32(9)), max(own, np.float32(-9))
        if e > 0:
            above = work.weights[work.elements[e, PARENT]]
            row[ALL_NAMES] += above[ALL_NAMES]
            row[MIN_NAMES], row[MAX_NAMES] = min(own, above[MIN_NAMES]), max(own, above[MAX_NAMES])


@inner
def add_blocks(work, count, copies_mask, word_weights, word_end, totals):
    """Add each block to its element, its group, the copies of its text, and the page."""
    work.copies[: copies_mask + ONE] = ZERO
    work.copy_counts[: copies_mask + ONE] = 0
    for b in range(count):
        row = work.blocks[b]
        e, words, links = row[ELEMENT], row[WORDS], row[LINK_WORDS]
        good = words if is_text(row) else 0
        sums, group = work.sums[e], work.groups[work.sums[e, SLOT]]
        sums[SUM_WORDS] += words
        sums[SUM_LINKS] += links
        sums[SUM_TEXT] += good
        sums[SUM_BLOCKS] += 1
        group[GROUP_BLOCKS] += 1
        group[GROUP_WORDS] += words
        group[GROUP_LINKS] += links
        group[GROUP_STOPS] += row[STOPS]
        group[GROUP_TEXT] += good
        slot = slot_of(work.copies, copies_mask, work.texts[b] | ONE)
        work.copies[slot] = work.texts[b] | ONE
        work.copy_counts[slot] += 1
        work.copy_slots[b] = slot
        last = work.blocks[b + 1, BUCKET] if b + 1 < count else word_end
        work.word_sums[b] = weigh(work.buckets, word_weights, row[BUCKET], last)
        group[GROUP_WEIGHT] += int(work.word_sums[b] * 32)
        work.weights[e, SUM_SCORES] += work.word_sums[b]
        totals[T_WORDS] += words
        totals[T_LINKS] += links
        totals[T_TEXT] += good
        totals[T_H1] += work.elements[e, TAG] == H1
        totals[T_HIDDEN] += words if work.signs[e, MARKS] & HIDDEN_BIT else 0
        totals[T_NOSCRIPT] += words if work.signs[e, MARKS] & NOSCRIPT else 0


@inner
def sum_subtrees(work, count, totals):
    """Add every element to its parent, last to first."""
    for e in range(count - 1, 0, -1):
        p = work.elements[e, PARENT]
        for k in range(SLOT):
            work.sums[p, k] += work.sums[e, k]
        work.weights[p, SUM_SCORES] += work.weights[e, SUM_SCORES]
        totals[T_ARTICLE] |= work.signs[e, MARKS] & ARTICLE != ZERO
        totals[T_MAIN] |= work.signs[e, MARKS] & MAIN != ZERO


@inner
def measure_text_distances(work, count):
    """Words since the last good text before each block, and to the next after it, 2,000 at most."""
    gap = 2000
    for b in range(count):
        work.since[b] = gap
        row = work.blocks[b]
        gap = 0 if is_text(row) else gap
        gap = min(2000, gap + row[WORDS])
    gap = 2000
    for b in range(count - 1, -1, -1):
        work.until[b] = gap
        row = work.blocks[b]
        gap = 0 if is_text(row) else gap
        gap = min(2000, gap + row[WORDS])


@called
def aggregate(work, block_count, element_count, word_end, name_end, word_weights, name_weights, totals):
    """All sums of one page. *_weights: int8[buckets], 1/32 each. totals: int64[8], written."""
    totals[:] = 0
    begin_elements(work, element_count, table_mask(element_count, len(work.paths)), name_weights, name_end)
    add_blocks(work, block_count, table_mask(block_count, len(work.copies)), word_weights, word_end, totals)
    sum_subtrees(work, element_count, totals)
    measure_text_distances(work, block_count)

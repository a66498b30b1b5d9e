"""Where most of a page's good text lies, what a block's template says of it, and the heading above it. Imports numba: inside
functions only.

The core is the deepest element with more than half of the good text; the wide core has four fifths. Teasers below an article
look like text themselves: what tells them is that they lie outside, and that their heading says so.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge import aggregates as a
from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.ancestors import climb
from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block, Element
from corpus_forge.extract.forge.learned import word_mean

ELEMENT, WORDS, LINK_WORDS, TITLE_WORDS = int(Block.ELEMENT), int(Block.WORDS), int(Block.LINK_WORDS), int(Block.TITLE_WORDS)
DEPTH = int(Element.DEPTH)
F = np.float32
GAPS_AT, GROUPS_AT, HEADING_AT, SHARES_AT = (
    columns.NUMBERS.index(name) for name in ("core_gap", "group_text", "heading_words", "core_share")
)
ELEMENT_OF, BEFORE, BEHIND = range(3)
"""int64 columns of a core: the element, words before it, and words up to its end."""


@inner
def deepest(work, count, part, total):
    """The deepest element with more than 1 - 1/part of `total` words of good text: the last, for they lie in one another."""
    core = 0
    for e in range(1, count):
        if (total - work.sums[e, a.SUM_TEXT]) * part < total:
            core = e
    return core


@called
def find_core(work, block_count, element_count, part, total, found):
    """Find a core and write it to `found`, int64[3]. total: words of good text on the page."""
    core = deepest(work, element_count, part, total)
    last = core + 1
    while last < element_count and work.elements[last, DEPTH] > work.elements[core, DEPTH]:
        last += 1
    words, before, behind = 0, -1, 0
    for b in range(block_count):
        inside = core <= work.blocks[b, ELEMENT] < last
        if inside and before < 0:
            before = words
        words += work.blocks[b, WORDS]
        if inside:
            behind = words
    found[ELEMENT_OF], found[BEFORE], found[BEHIND] = core, max(0, before), behind


@inner
def put_core(x, lane, work, e, at, found, k):
    """Words between the block and a core, negative before it, and levels up to what holds both. at: words before the block."""
    gap = at - found[BEFORE] if at < found[BEFORE] else max(0, at + 1 - found[BEHIND])
    x[k, lane], x[k + 1, lane] = gap, climb(work.elements, e, found[ELEMENT_OF])


@inner
def put_groups(x, lane, work, e, p, total):
    """Shares of the page's good text that have the paths of the block and of its parent, and the words of its path."""
    k, text = GROUPS_AT, F(max(1, total))
    group = work.groups[work.sums[e, a.SLOT]]
    x[k, lane] = F(group[a.GROUP_TEXT]) / text
    x[k + 1, lane] = F(work.groups[work.sums[p, a.SLOT], a.GROUP_TEXT]) / text
    x[k + 2, lane] = F(group[a.GROUP_WEIGHT]) / F(max(1, group[a.GROUP_WORDS]))


@inner
def put_heading(x, lane, work, heading, b):
    """What the last heading says, the block itself if it is one; -1 for none."""
    k = HEADING_AT
    if heading < 0:
        x[k, lane] = x[k + 1, lane] = x[k + 2, lane] = x[k + 3, lane] = -1
        return
    row = work.blocks[heading]
    words = F(max(1, row[WORDS]))
    x[k, lane], x[k + 1, lane] = row[WORDS], F(row[LINK_WORDS]) / words
    x[k + 2, lane], x[k + 3, lane] = word_mean(work, heading, b + 1), F(row[TITLE_WORDS]) / words


@inner
def put_shares(x, lane, work, totals, cores):
    """How much of the page the cores are: the same for all its blocks."""
    k, words = SHARES_AT, F(max(1, totals[a.T_WORDS]))
    core, wide = work.sums[cores[0, ELEMENT_OF]], work.sums[cores[1, ELEMENT_OF]]
    x[k, lane], x[k + 1, lane] = F(core[a.SUM_WORDS]) / words, F(core[a.SUM_LINKS]) / F(max(1, core[a.SUM_WORDS]))
    x[k + 2, lane] = F(wide[a.SUM_WORDS]) / words


@inner
def put_surroundings(x, lane, work, b, e, p, at, heading, totals, cores):
    """All of these features. at: words before the block. heading: the last heading's block, -1 for none. cores: int64[2, 3]."""
    put_core(x, lane, work, e, at, cores[0], GAPS_AT)
    put_core(x, lane, work, e, at, cores[1], GAPS_AT + 2)
    put_groups(x, lane, work, e, p, totals[a.T_TEXT])
    put_heading(x, lane, work, heading, b)
    put_shares(x, lane, work, totals, cores)

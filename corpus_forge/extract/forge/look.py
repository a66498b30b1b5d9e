"""Features of a second look at a block: what the first look made of it and of what lies around it. Imports numba: inside
functions only.

The first look scores each block by itself. People who read do not: a short paragraph between two that are text is text, a
teaser that looks like text is none where its template is none elsewhere. So a second set of trees sees the first one's chances
of neighbours, of ancestors, of all that one template repeats, of the section (Tu, Auto-context, CVPR 2008). columns.LOOK names
the columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus_forge.extract.forge import aggregates as a
from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge import expectations as x_
from corpus_forge.extract.forge.ancestors import climb, parent_of
from corpus_forge.extract.forge.expectations import expect, mean_in
from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block
from corpus_forge.extract.forge.model import STEPS
from corpus_forge.extract.forge.select import RANGE, step_of, threshold

ELEMENT, WORDS = int(Block.ELEMENT), int(Block.WORDS)
LOOK_AT = len(columns.NUMBERS)
NEAR_AT, ABOVE_AT, ALIKE_AT, SECTION_AT, WHOLE_AT, CORE_AT = (
    LOOK_AT + columns.LOOK.index(name)
    for name in ("score", "chance_up0", "chance_alike0", "chance_section_before", "expected_share", "expected_core_climb")
)
F = np.float32
LEARNED_DOUBT = 0.7
"""A part of the features, whatever the selection counts unlikely words as: with another value models must be trained again."""


class Seen(NamedTuple):
    """What the first look says of a whole page."""

    blocks: int
    words: int
    expected: np.float32
    """Words that are expected to be text."""
    sections: int
    first: int
    """The step from which on blocks would be kept."""
    f1: np.float32
    """The word-F1 that is expected of them."""
    core: int
    """The deepest element with more than half of the expected words."""
    wide: int
    """The same with more than four fifths."""


@inner
def deepest_expected(work, elements, least):
    """The deepest element with more than `least` expected words."""
    found = 0
    for e in range(1, elements):
        if work.expected[e] > least:
            found = e
    return found


@called
def begin_look(work, blocks, elements, words, chances):
    """Add up what the second look looks at, from work.scores; a Seen."""
    first, f1 = threshold(work, blocks, chances, LEARNED_DOUBT)
    better = 0
    for step in range(STEPS - 1, -1, -1):
        here = work.steps[step]
        work.steps[step] = better
        better += here
    expected, sections = expect(work, blocks, elements, a.table_mask(elements, len(work.paths)), chances)
    core = deepest_expected(work, elements, expected * F(0.5))
    wide = deepest_expected(work, elements, expected * F(0.8))
    return Seen(blocks, words, expected, sections, first, F(f1), core, wide)


@inner
def hope_of(work, b, blocks):
    """Chance of a block; -1 where there is none."""
    return work.hopes[b] if 0 <= b < blocks else F(-1)


@inner
def put_near(x, lane, work, b, seen):
    """Its own score, and the chances of the three blocks before and behind."""
    k = NEAR_AT
    x[k, lane] = work.scores[b]
    for n in range(3):
        x[k + 1 + n, lane], x[k + 4 + n, lane] = hope_of(work, b - 3 + n, seen.blocks), hope_of(work, b + 1 + n, seen.blocks)


@inner
def put_above(x, lane, work, e):
    """Mean chances in its ancestors, and in what they hold beside the way to the block."""
    k, up = ABOVE_AT, e
    for level in range(5):
        x[k + level, lane] = mean_in(work.expected[up], work.sums[up, a.SUM_WORDS])
        last, up = up, parent_of(work.elements, up)
        if level < 3:
            beside = work.sums[up, a.SUM_WORDS] - work.sums[last, a.SUM_WORDS]
            x[k + 5 + level, lane] = mean_in(work.expected[up] - work.expected[last], beside)


@inner
def put_alike(x, lane, work, b, e):
    """Mean chances of what has the path of the block, of its parent and of its grandparent, and of the first less itself."""
    k, up = ALIKE_AT, e
    for level in range(3):
        alike = work.alike[work.sums[up, a.SLOT]]
        x[k + level, lane] = mean_in(alike[0], alike[1])
        up = parent_of(work.elements, up)
    alike, words = work.alike[work.sums[e, a.SLOT]], F(work.blocks[b, WORDS])
    x[k + 3, lane] = mean_in(alike[0] - work.hopes[b] * words, alike[1] - words)


@inner
def section_mean(work, section, sections):
    """Mean chance of a section without its heading; -1 where there is none."""
    return mean_in(work.sections[section, 0], work.sections[section, 1]) if 0 <= section < sections else F(-1)


@inner
def put_section(x, lane, work, b, seen):
    """Mean chances of its section, and of those before and behind."""
    k, section = SECTION_AT, work.places[b, x_.SECTION]
    for n in range(3):
        x[k + n, lane] = section_mean(work, section - 1 + n, seen.sections)


@inner
def put_whole(x, lane, work, b, seen):
    """What is expected of the page, and how the block stands in it."""
    k = WHOLE_AT
    x[k, lane], x[k + 1, lane], x[k + 2, lane] = mean_in(seen.expected, seen.words), seen.expected, seen.f1
    x[k + 3, lane] = work.scores[b] - F(seen.first * (2 * RANGE / STEPS) - RANGE)
    x[k + 4, lane] = F(work.steps[step_of(work.scores[b])]) / F(max(1, seen.words))
    x[k + 5, lane] = work.trails[b, x_.EXPECTED_BEFORE] / max(F(1), seen.expected)
    x[k + 6, lane], x[k + 7, lane] = work.places[b, x_.SINCE], work.places[b, x_.UNTIL]
    for n in range(4):
        x[k + 8 + n, lane] = work.trails[b, x_.SHORT_BEFORE + n]


@inner
def put_core(x, lane, work, e, seen):
    """Levels from where most of the expected text lies up to what holds the block too, and what share of it lies there."""
    k = CORE_AT
    x[k, lane], x[k + 1, lane] = climb(work.elements, seen.core, e), climb(work.elements, seen.wide, e)
    x[k + 2, lane] = work.expected[seen.core] / max(F(1), seen.expected)
    x[k + 3, lane] = mean_in(work.expected[seen.core], work.sums[seen.core, a.SUM_WORDS])
    x[k + 4, lane] = mean_in(work.expected[seen.wide], work.sums[seen.wide, a.SUM_WORDS])


@called
def fill_look(work, x, first, stop, seen):
    """Features of the second look of the blocks first to stop into x, rows LOOK_AT on. seen: a Seen."""
    for b in range(first, stop):
        lane, e = b - first, work.blocks[b, ELEMENT]
        put_near(x, lane, work, b, seen)
        put_above(x, lane, work, e)
        put_alike(x, lane, work, b, e)
        put_section(x, lane, work, b, seen)
        put_whole(x, lane, work, b, seen)
        put_core(x, lane, work, e, seen)

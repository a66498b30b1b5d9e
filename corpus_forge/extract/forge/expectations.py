"""What the first look expects of a page: its chances added up over elements, templates and sections. Imports numba: inside
functions only.

A block of w words with the chance p is expected to hold p w words of the text. These are added up as counts are in
aggregates.py, by one walk from the last element to the first. Chances are read from the model's table of steps: no exponential
whose last digit could differ between machines.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge import aggregates as a
from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block, Element
from corpus_forge.extract.forge.select import step_of
from corpus_forge.extract.forge.tags import TAGS

ELEMENT, WORDS = int(Block.ELEMENT), int(Block.WORDS)
PARENT, TAG = int(Element.PARENT), int(Element.TAG)
H1, H6 = TAGS["h1"], TAGS["h6"]
F = np.float32
LIKELY = F(0.5)
FAR = 2000
"""Words beyond which distances are not told apart."""
SHORT, LONG = F(20), F(200)
"""Words over which the chances before and behind a block are averaged."""

SECTION, SINCE, UNTIL = range(3)
"""int32 columns of `places`, one row a block: its section, words since the last likely block, words to the next."""
EXPECTED_BEFORE, SHORT_BEFORE, LONG_BEFORE, SHORT_BEHIND, LONG_BEHIND = range(5)
"""float32 columns of `trails`, one row a block: expected words before it, and mean chances of the words around it."""


@inner
def mean_in(expected, words):
    """Mean chance of so many words; -1 where there are none."""
    return F(expected) / F(words) if words > 0 else F(-1)


@inner
def add_chances(work, blocks, chances):
    """Chance of every block, and what that makes for its element; the expected words of the page."""
    total = F(0)
    for b in range(blocks):
        chance = chances[step_of(work.scores[b])]
        words = chance * F(work.blocks[b, WORDS])
        work.hopes[b] = chance
        work.expected[work.blocks[b, ELEMENT]] += words
        total += words
    return total


@inner
def sum_elements(work, elements):
    """Add every element to its parent, last to first, and its subtree to those of the same path."""
    for e in range(elements - 1, -1, -1):
        slot = work.sums[e, a.SLOT]
        work.alike[slot, 0] += work.expected[e]
        work.alike[slot, 1] += F(work.sums[e, a.SUM_WORDS])
        if e > 0:
            work.expected[work.elements[e, PARENT]] += work.expected[e]


@inner
def walk_forward(work, blocks):
    """Sections and what lies before each block; how many sections."""
    section, gap, before, short, long = 0, FAR, F(0), F(0), F(0)
    work.sections[0, 0] = work.sections[0, 1] = F(0)
    for b in range(blocks):
        tag, words, chance = work.elements[work.blocks[b, ELEMENT], TAG], work.blocks[b, WORDS], work.hopes[b]
        if H1 <= tag <= H6:
            section += 1
            work.sections[section, 0] = work.sections[section, 1] = F(0)
        else:
            work.sections[section, 0] += chance * F(words)
            work.sections[section, 1] += F(words)
        work.places[b, SECTION], work.places[b, SINCE] = section, gap
        trail = work.trails[b]
        trail[EXPECTED_BEFORE], trail[SHORT_BEFORE], trail[LONG_BEFORE] = before, short, long
        before += chance * F(words)
        short = (short * SHORT + chance * F(words)) / (SHORT + F(words))
        long = (long * LONG + chance * F(words)) / (LONG + F(words))
        gap = 0 if chance > LIKELY else min(FAR, gap + words)
    return section + 1


@inner
def walk_back(work, blocks):
    """What lies behind each block."""
    gap, short, long = FAR, F(0), F(0)
    for b in range(blocks - 1, -1, -1):
        words, chance = work.blocks[b, WORDS], work.hopes[b]
        work.places[b, UNTIL] = gap
        work.trails[b, SHORT_BEHIND], work.trails[b, LONG_BEHIND] = short, long
        short = (short * SHORT + chance * F(words)) / (SHORT + F(words))
        long = (long * LONG + chance * F(words)) / (LONG + F(words))
        gap = 0 if chance > LIKELY else min(FAR, gap + words)


@called
def expect(work, blocks, elements, mask, chances):
    """Fill work.hopes, expected, alike, sections, places and trails from work.scores: (expected words, sections).

    mask: of the table of paths. chances: float32[STEPS].
    """
    work.expected[:elements] = 0
    work.alike[: mask + np.uint64(1)] = 0
    total = add_chances(work, blocks, chances)
    sum_elements(work, elements)
    sections = walk_forward(work, blocks)
    walk_back(work, blocks)
    return total, sections

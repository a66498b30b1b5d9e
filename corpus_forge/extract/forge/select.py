"""Which blocks are the text: the set with the greatest expected F1. Imports numba: inside functions only.

With p the chance that a block belongs to the text and w its words, keeping the blocks with p of at least t has an expected F1
of about 2 Σ p w / (Σ kept w + Σ all p w). The best t is found over 1,024 steps of the score, without sorting. The second sum
counts as a part of itself, DOUBT: many blocks of a small chance each are boilerplate together or text together, and mostly the
former. On held-out domains that gives a point and a half of precision for as much of recall, at no loss of F1. A page of fewer
than MIN_WORDS expected words has no text. A block without words, a mark or a bullet, goes with its neighbours.
"""

from __future__ import annotations

from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block
from corpus_forge.extract.forge.model import STEPS

RANGE = 8
"""Scores from -RANGE to RANGE are told apart in STEPS steps."""
MIN_WORDS = 10.0
DOUBT = 0.6
WORDS = int(Block.WORDS)


@inner
def step_of(score):
    """The step that a score falls into."""
    return min(STEPS - 1, max(0, int((score + RANGE) * (STEPS / (2 * RANGE)))))


@called
def threshold(work, count, chances, doubt):
    """(step from which on blocks are kept, its expected F1); STEPS keeps nothing. doubt: the part that unlikely words count."""
    words, scores = work.steps, work.scores
    words[:] = 0
    for b in range(count):
        words[step_of(scores[b])] += work.blocks[b, WORDS]
    expected = 0.0
    for step in range(STEPS):
        expected += chances[step] * words[step]
    best, kept, good, result, f1 = -1.0, 0.0, 0.0, STEPS, 0.0
    if expected < MIN_WORDS:
        return STEPS, 0.0
    for step in range(STEPS - 1, -1, -1):
        if words[step] == 0:
            continue
        kept += words[step]
        good += chances[step] * words[step]
        value = good / (kept + doubt * expected)
        if value > best:
            best, result, f1 = value, step, 2 * good / (kept + expected)
    return result, f1


@called
def select(work, count, chances):
    """Say in work.keep which blocks are the text; the expected F1. chances: float32[STEPS]."""
    first, f1 = threshold(work, count, chances, DOUBT)
    scores, keep = work.scores, work.keep
    before = False
    for b in range(count):
        if work.blocks[b, WORDS] > 0:
            keep[b] = before = step_of(scores[b]) >= first
        else:
            keep[b] = before
    after = False
    for b in range(count - 1, -1, -1):
        if work.blocks[b, WORDS] > 0:
            after = keep[b]
        else:
            keep[b] = keep[b] and after
    return f1

"""What a user leaves out of the text that the model chose: comments, tables. Imports numba: inside functions only.

Comments are blocks in an element whose class or id speaks of comments (lexicon.py). Where they are most of the text they are
what the page is about (a forum) and stay. Tables are rows of short cells, as render.py shows them; tables that lay out a page
stay.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block, Element, Sign
from corpus_forge.extract.forge.lexicon import GROUPS
from corpus_forge.extract.forge.options import DROP_COMMENTS, DROP_TABLES
from corpus_forge.extract.forge.render import record_of

ELEMENT, WORDS = int(Block.ELEMENT), int(Block.WORDS)
ROW, ALL = int(Element.ROW), int(Sign.ALL)
COMMENT, NONE = np.uint64(1 << GROUPS.index("comment")), np.uint64(0)


@inner
def is_comment(work, b):
    """Does the block lie in comments?"""
    return work.signs[work.blocks[b, ELEMENT], ALL] & COMMENT != NONE


@called
def drop_comments(work, count):
    """Unchoose comments, unless they are more than half of the words."""
    words, comments = 0, 0
    for b in range(count):
        if work.keep[b]:
            words += work.blocks[b, WORDS]
            comments += work.blocks[b, WORDS] if is_comment(work, b) else 0
    if 2 * comments > words:
        return
    for b in range(count):
        work.keep[b] = work.keep[b] and not is_comment(work, b)


@called
def apply_policy(work, count, options):
    """Unchoose what the options leave out."""
    if options & DROP_COMMENTS:
        drop_comments(work, count)
    if options & DROP_TABLES:
        for b in range(count):
            row = work.elements[work.blocks[b, ELEMENT], ROW]
            work.keep[b] = work.keep[b] and record_of(work, row) == 0

"""Open elements: a stack of numbers, and the implied ends of HTML. Imports numba: inside functions only.

Of the standard's tree construction what changes which text lies in which block: `p`, `li`, `dt`, `dd`, cells and rows end by
themselves, end tags close nothing outside their cell, list or table, others that match nothing are ignored. Inline elements
are not on the stack. Nothing is moved (no foster parents, no adoption): text comes in the order of the page.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import MAX_DEPTH, Element, Page, Sign, State
from corpus_forge.extract.forge.tables import MARK_BITS
from corpus_forge.extract.forge.tags import TAGS
from corpus_forge.extract.forge.tokenizer import PRIME

PARENT, TAG, DEPTH, NAMES, ITEMS, ITEM, IN_LI, IN_LIST, NESTED, CODE, ROW, CELL, IN_TABLE = (int(each) for each in Element)
OWN, ALL, MARKS, PATH = (int(each) for each in Sign)
OPEN, ELEMENTS, STATE_NAMES, PRE = int(State.DEPTH), int(State.ELEMENTS), int(State.NAMES), int(State.PRE)
TOO_DEEP = int(Page.TOO_DEEP)
P, LI, TD, TH, TR, DT, DD, DL = (TAGS[name] for name in ["p", "li", "td", "th", "tr", "dt", "dd", "dl"])
UL, OL, MENU, TABLE, DIV, PRE_TAG, BUTTON, NOSCRIPT = (
    TAGS[name] for name in ["ul", "ol", "menu", "table", "div", "pre", "button", "noscript"]
)
TBODY, THEAD, TFOOT = (TAGS[name] for name in ["tbody", "thead", "tfoot"])
ONE, SPREAD, SEED = np.uint64(1), np.uint64(29), np.uint64(1000003)


@inner
def pop_to(stack, depth, elements, state):
    """Leave `depth` elements open."""
    while state[OPEN] > depth:
        state[OPEN] -= 1
        if elements[stack[state[OPEN]], TAG] == PRE_TAG:
            state[PRE] -= 1


@inner
def is_cell(tag):
    """A cell of a table?"""
    return tag == TD or tag == TH


@inner
def is_list(tag):
    """A list of items?"""
    return tag == UL or tag == OL or tag == MENU


@inner
def is_part(tag):
    """A part of a table?"""
    return tag == TR or tag == TBODY or tag == THEAD or tag == TFOOT


@called
def implied_depth(tag, stack, elements, depth):  # noqa: C901, PLR0911, PLR0912 - the standard's rules, one by one
    """How many of `depth` open elements stay open when one of this tag begins."""
    if depth > 1 and elements[stack[depth - 1], TAG] == P and tag != BUTTON and tag != NOSCRIPT:
        depth -= 1
    if tag != LI and tag != DT and tag != DD and tag != TR and not is_cell(tag):
        return depth
    stays = depth
    for level in range(depth - 1, 0, -1):
        open_tag = elements[stack[level], TAG]
        if tag == LI:
            if open_tag == LI:
                return level
            if is_list(open_tag) or open_tag == DIV or open_tag == TABLE:
                return stays
        elif tag == DT or tag == DD:
            if open_tag == DT or open_tag == DD:
                return level
            if open_tag == DL or open_tag == DIV or open_tag == TABLE:
                return stays
        elif is_cell(open_tag):
            if tag != TR:
                return level
            stays = level
        elif open_tag == TR:
            return level if tag == TR else stays
        elif open_tag == TABLE:
            return stays
    return stays


@inner
def note_place(tag, element, parent, row):
    """Note in the element's row in which list, table or code it lies, which its parent's row has said for the rest."""
    if tag == LI or is_cell(tag):
        parent[ITEMS] += 1
        row[ITEM] = parent[ITEMS]
    if tag == LI:
        row[IN_LI] = element
    elif is_list(tag):
        row[NESTED] += 1
        if row[IN_LIST] == 0:
            row[IN_LIST] = element
    elif tag == PRE_TAG:
        row[CODE] = element
    elif tag == TABLE:
        row[IN_TABLE], row[ROW], row[CELL] = element, 0, 0
    elif tag == TR:
        row[ROW], row[CELL] = element, 0
    elif is_cell(tag):
        row[CELL] = element


@called
def open_element(tag, groups, classes, marks, first_name, stack, elements, signs, state, page):
    """Push an element; False where there are too many open ones, which is counted."""
    pop_to(stack, implied_depth(tag, stack, elements, state[OPEN]), elements, state)
    depth = state[OPEN]
    if depth >= MAX_DEPTH:
        page[TOO_DEEP] += 1
        return False
    element, parent = state[ELEMENTS], stack[depth - 1]
    elements[element, PARENT], elements[element, TAG], elements[element, DEPTH] = parent, tag, depth
    elements[element, NAMES] = first_name
    elements[element, ITEMS] = elements[element, ITEM] = 0
    for column in range(IN_LI, IN_TABLE + 1):
        elements[element, column] = elements[parent, column]
    note_place(tag, element, elements[parent], elements[element])
    signs[element, OWN] = np.uint64(groups)
    signs[element, ALL] = signs[parent, ALL] | np.uint64(groups)
    signs[element, MARKS] = signs[parent, MARKS] | np.uint64(MARK_BITS[tag] | marks)
    signature = ((np.uint64(tag) + SEED) * PRIME) ^ classes
    signature = (signature ^ (signature >> SPREAD)) * PRIME
    signs[element, PATH] = (signs[parent, PATH] ^ signature) * PRIME
    stack[depth] = element
    state[OPEN] += 1
    state[ELEMENTS] += 1
    if tag == PRE_TAG:
        state[PRE] += 1
    return True


@called
def close_element(tag, stack, elements, state):
    """Close the innermost element of this tag, and those in it, where it may be closed from here."""
    part = tag == TABLE or is_part(tag)
    for level in range(state[OPEN] - 1, 0, -1):
        open_tag = elements[stack[level], TAG]
        if open_tag == tag:
            pop_to(stack, level, elements, state)
            return
        if is_cell(open_tag) and not part and not is_cell(tag):
            return
        if is_list(open_tag) and tag == LI:
            return
        if open_tag == TABLE and tag != TABLE and (part or is_cell(tag)):
            return


@called
def open_page(stack, elements, signs):
    """Element 0, which is the page."""
    stack[0] = 0
    elements[0] = 0
    elements[0, PARENT] = -1
    signs[0] = np.uint64(0)
    signs[0, PATH] = ONE

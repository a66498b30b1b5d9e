"""Tokens to blocks: the pieces of text that no block element parts. Imports numba: inside functions only.

A block is a paragraph, a heading, a list item, a cell, or text that lies directly in a container; two line breaks part blocks
as a paragraph would. Text of `title` and of elements that are not for reading is left out; `noscript` is read, for there pages
that need scripts have their text (Discourse).
"""

from __future__ import annotations

from corpus_forge.extract.forge import attributes
from corpus_forge.extract.forge.elements import close_element, open_element, open_page
from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block, Page, State
from corpus_forge.extract.forge.tables import IS_FORMAT, KIND_OF
from corpus_forge.extract.forge.tags import TAGS, Kind
from corpus_forge.extract.forge.text import TEXT_HASH, WORD_HASH, add_text, end_word, note_title
from corpus_forge.extract.forge.tokenizer import END, FROM, KIND, OFFSET, TAG, TEXT, TO

B, S = Block, State
START, STOP, ELEMENT, AT, BUCKET = int(B.START), int(B.END), int(B.ELEMENT), int(B.AT), int(B.BUCKET)
LINKS, PAGE_LINKS, IMAGES, FORMATS, BREAKS = int(B.LINKS), int(B.PAGE_LINKS), int(B.IMAGES), int(B.FORMATS), int(B.BREAKS)
IN_PRE, CONTROLS, FIRST_CLASS = int(B.PRE), int(B.CONTROLS), int(B.FIRST_CLASS)
OUT, TEXT_START, IN_LINK, BUCKETS, SPANS = int(S.OUT), int(S.START), int(S.IN_LINK), int(S.BUCKETS), int(S.SPANS)
BREAK, BLOCKS, NAMES, PRE, OPEN, ELEMENTS = int(S.BREAK), int(S.BLOCKS), int(S.NAMES), int(S.PRE), int(S.DEPTH), int(S.ELEMENTS)
OG_TYPE, LD_TYPES, BODY, TITLE_WORDS, UNCLOSED = (
    int(Page.OG_TYPE), int(Page.LD_TYPES), int(Page.BODY), int(Page.TITLE_WORDS), int(Page.UNCLOSED)
)  # fmt: skip
INLINE, BLOCK, LINE_BREAK, RULE = int(Kind.INLINE), int(Kind.BLOCK), int(Kind.BREAK), int(Kind.RULE)
SKIPPED, VOID, ANCHOR, IMAGE, META = int(Kind.SKIPPED), int(Kind.VOID), int(Kind.ANCHOR), int(Kind.IMAGE), int(Kind.META)
ROOT, TITLE = int(Kind.ROOT), int(Kind.TITLE)
SCRIPT, INPUT = TAGS["script"], TAGS["input"]


@inner
def end_block(at, work, state, blocks):
    """Finish the open block, if it has text, and begin the next. at: position in the page."""
    out, hashes = work.out, work.hashes
    number = state[BLOCKS]
    end_word(state, hashes, blocks[number], work.buckets, work.titles)
    end, start = state[OUT], state[TEXT_START]
    while end > start and (out[end - 1] == 32 or 9 <= out[end - 1] <= 13):
        end -= 1
    if end > start:
        row = blocks[number]
        row[START], row[STOP], row[ELEMENT], row[AT] = start, end, work.stack[state[OPEN] - 1], at
        row[IN_PRE] = state[PRE] > 0
        work.texts[number] = hashes[TEXT_HASH]
        out[end] = 10
        end += 1
        number += 1
        state[BLOCKS] = number
        blocks[number, :] = 0
        blocks[number, BUCKET] = state[BUCKETS]
    else:
        blocks[number, FIRST_CLASS:] = 0
    state[OUT] = state[TEXT_START] = end
    state[BREAK] = -1
    hashes[TEXT_HASH] = hashes[WORD_HASH] = OFFSET


@inner
def is_second_break(work, state, row):
    """Take a `br`: a new line, unless nothing came after the last, which makes it the end of a paragraph."""
    end_word(state, work.hashes, row, work.buckets, work.titles)
    row[BREAKS] += 1
    at = state[OUT]
    if at > state[TEXT_START] and work.out[at - 1] == 32:
        at -= 1
    if at > state[TEXT_START]:
        if state[BREAK] == at:
            return True
        work.out[at] = 10
        at += 1
        state[BREAK] = at
    state[OUT] = at
    return False


@inner
def open_block(data, token, end, work, state):
    """Open the block element of a start tag."""
    first = state[NAMES]
    groups, classes, marks = attributes.read_element(data, token[FROM], end, work.names, state)
    opened = open_element(token[TAG], groups, classes, marks, first, work.stack, work.elements, work.signs, state, work.page)
    if not opened:
        state[NAMES] = first


@inner
def take_inline(data, token, end, kind, opening, work, state, row):
    """Take a tag that parts no block."""
    if kind == VOID:
        row[CONTROLS] += opening and token[TAG] == INPUT
        return
    if kind == INLINE and not IS_FORMAT[token[TAG]]:
        return
    span = work.spans[state[SPANS]]
    state[SPANS] += 1
    span[0], span[1], span[2], span[3] = state[OUT], token[TAG] if opening else -token[TAG], token[FROM], token[TO]
    if kind == INLINE:
        row[FORMATS] += opening
    elif kind == ANCHOR:
        link = attributes.read_link(data, token[FROM], end) if opening else 0
        state[IN_LINK] = link > 0
        row[LINKS] += link > 0
        row[PAGE_LINKS] += link == 2
    else:
        row[IMAGES] += opening


@inner
def take_page(data, token, end, kind, work, state):
    """Take a start tag that says something of the whole page."""
    page = work.page
    if kind == META:
        found = attributes.read_og_type(data, token[FROM], end)
        page[OG_TYPE] = found if found else page[OG_TYPE]
    elif kind == ROOT:
        first = state[NAMES]
        groups, _, _ = attributes.read_element(data, token[FROM], end, work.names, state)
        page[BODY] |= groups
        state[NAMES] = first
    elif kind == TITLE and page[TITLE_WORDS] == 0:
        page[TITLE_WORDS] = note_title(data, token[FROM], token[TO], work.titles)


@inner
def is_skipped(data, token, k, kind, last_end, page):
    """Does this start tag begin what is not for reading? Only if it is closed at some time."""
    if kind != SKIPPED or data[max(token[TO] - 2, 0)] == 47:
        return False
    page[UNCLOSED] += last_end[token[TAG]] < k
    return last_end[token[TAG]] > k


@inner
def begin_page(work, state):
    """Forget the page before."""
    state[:] = 0
    state[OPEN] = state[ELEMENTS] = 1
    state[BREAK] = -1
    work.page[:] = 0
    work.titles[:] = 0
    work.hashes[:] = OFFSET
    work.blocks[0, :] = 0
    open_page(work.stack, work.elements, work.signs)


@called
def build(data, begin, end, count, work):  # noqa: C901, PLR0912 - a branch for each kind of token
    """Blocks and elements of the page data[begin:end], of whose tokens there are `count`. work: a Work, written."""
    state, blocks, tokens, last_end = work.state, work.blocks, work.tokens, work.last_end
    begin_page(work, state)
    skipped, nested = 0, 0
    for k in range(count + 1):
        what = tokens[k, KIND] if k < count else END
        if what == TEXT:
            if not skipped:
                add_text(
                    data, tokens[k, FROM], tokens[k, TO], work.out, state, work.hashes, blocks[state[BLOCKS]],
                    work.buckets, work.titles, work.decoded
                )  # fmt: skip
            continue
        tag = tokens[k, TAG] if k < count else 0
        opening = what != END
        if skipped:
            if tag == skipped:
                nested += 1 if opening else -1
                skipped = skipped if nested and k < last_end[tag] else 0
            continue
        kind = KIND_OF[tag] if k < count else RULE
        if kind == BLOCK or kind == RULE or (kind == LINE_BREAK and is_second_break(work, state, blocks[state[BLOCKS]])):
            end_block((tokens[k, TO] if k < count else end) - begin, work, state, blocks)
            if kind == BLOCK:
                if opening:
                    open_block(data, tokens[k], end, work, state)
                else:
                    close_element(tag, work.stack, work.elements, state)
        elif opening and is_skipped(data, tokens[k], k, kind, last_end, work.page):
            skipped, nested = tag, 1
        elif kind == INLINE or kind == ANCHOR or kind == IMAGE or kind == VOID:
            take_inline(data, tokens[k], end, kind, opening, work, state, blocks[state[BLOCKS]])
        elif opening and tag == SCRIPT:
            if attributes.is_ld_json(data, tokens[k, FROM], end) and k + 1 < count:
                work.page[LD_TYPES] |= attributes.ld_types(data, tokens[k, TO], tokens[k + 1, FROM])
        elif opening:
            take_page(data, tokens[k], end, kind, work, state)

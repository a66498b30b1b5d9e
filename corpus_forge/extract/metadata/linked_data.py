"""JSON-LD without a parser: one pass over the bytes of a script. Imports numba: inside functions only.

Scripts that no JSON parser takes (a line break in a string, a comma too many, comment signs around it) still say what they
say.
A thing's properties count where the page speaks of itself: at the top, in lists, and below the keys of fields.THROUGH; an
author's name below `author`. Deeper than MAX_DEPTH nothing counts. Every byte is read once.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.tokenizer import OFFSET, PRIME, look_up, skip_space
from corpus_forge.extract.metadata.fields import AUTHOR
from corpus_forge.extract.metadata.places import JSON, add_place
from corpus_forge.extract.metadata.tables import FIELD, IN_AUTHOR, IN_PAGE, LINKED_CODES, LINKED_KEYS

MAX_DEPTH = 32
QUOTE, BACKSLASH, COLON, BRACE, BRACE_SHUT, BRACKET, BRACKET_SHUT = (ord(each) for each in '"\\:{}[]')
ABOUT, CODE = range(2)
"""Columns of an open object or list: what it speaks of, and the code of strings directly in it."""
SELF, WRITER, OTHER = range(3)
"""The page, its author, anything else."""
NO_KEY, OTHER_KEY = 0, -1


@inner
def string_end(data, i, end):
    """Position of the quote that ends the string whose text begins at i; `end` for none."""
    while i < end and data[i] != QUOTE:
        i += 2 if data[i] == BACKSLASH else 1
    return min(i, end)


@inner
def key_code(data, start, stop):
    """Value of a key in the tables, 0 for others."""
    if stop - start > 20:
        return 0
    value = OFFSET
    for i in range(start, stop):
        value = (value ^ np.uint64(data[i])) * PRIME
    return look_up(LINKED_KEYS, LINKED_CODES, value)


@inner
def below(about, code):
    """What an object or a list speaks of that is the value of this key in one that speaks of `about`."""
    if about == SELF and (code == NO_KEY or code == IN_PAGE):
        return SELF
    if about == SELF and 0 < code < IN_AUTHOR and (code - 1) >> FIELD == AUTHOR:
        return WRITER
    return WRITER if about == WRITER and code == NO_KEY else OTHER


@inner
def enter(opened, depth, code, is_list):
    """Open an object or a list at this depth, the value of the key `code`; the code of the strings that are directly in it."""
    about = below(opened[depth - 1, ABOUT], code)
    # Strings in a list are values of the list's own key.
    inside = code if is_list and opened[depth - 1, ABOUT] == SELF and 0 < code < IN_AUTHOR and about == OTHER else NO_KEY
    opened[depth, ABOUT] = SELF if inside else about
    opened[depth, CODE] = inside
    return inside


@inner
def take_value(about, code, author_code, start, stop, places):
    """Note a string that is the value of this key."""
    if about == SELF and 0 < code < IN_AUTHOR:
        add_place(places, code, start, stop, JSON)
    elif about == WRITER and (code == IN_AUTHOR or code == NO_KEY):
        add_place(places, author_code, start, stop, JSON)


@called
def read_linked(data, i, end, opened, author_code, places):
    """Note the places in data[i:end]. opened: int64[MAX_DEPTH, 2], scratch. author_code: that of the key `author`."""
    depth, code = 0, NO_KEY
    opened[0, ABOUT], opened[0, CODE] = SELF, NO_KEY
    while i < end:
        byte = data[i]
        i += 1
        if byte == QUOTE:
            start, stop = i, string_end(data, i, end)
            if stop == end:
                return
            i = skip_space(data, stop + 1, end)
            if i < end and data[i] == COLON:
                code = key_code(data, start, stop)
                code = code if code else OTHER_KEY
            elif depth < MAX_DEPTH:
                take_value(opened[depth, ABOUT], code, author_code, start, stop, places)
        elif byte == BRACE or byte == BRACKET:
            depth += 1
            if depth < MAX_DEPTH:
                code = enter(opened, depth, code, byte == BRACKET)
        elif byte == BRACE_SHUT or byte == BRACKET_SHUT:
            depth = max(0, depth - 1)
            code = opened[min(depth, MAX_DEPTH - 1), CODE]

"""What start tags say of their elements: classes, roles, hidden or not, where links go. Imports numba: inside functions
only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import State
from corpus_forge.extract.forge.tables import (
    ATTRIBUTE_KEYS,
    ATTRIBUTE_NUMBERS,
    CLASSES,
    DIGIT,
    HIDDEN,
    LOWER,
    ROLE_KEYS,
    ROLE_MARKS,
    SPACE,
    UPPER,
    WORD_GROUPS,
    WORD_KEYS,
)
from corpus_forge.extract.forge.tags import ATTRIBUTES
from corpus_forge.extract.forge.tokenizer import OFFSET, PRIME, hash_lower, look_up, next_attribute

NUMBER = {name: number + 1 for number, name in enumerate(ATTRIBUTES)}
CLASS, ID, ROLE, STYLE, HREF = NUMBER["class"], NUMBER["id"], NUMBER["role"], NUMBER["style"], NUMBER["href"]
IS_HIDDEN, ARIA_HIDDEN, TYPE = NUMBER["hidden"], NUMBER["aria-hidden"], NUMBER["type"]
ITEMPROP, LABEL = NUMBER["itemprop"], NUMBER["aria-label"]
PROPERTY, NAME, CONTENT = NUMBER["property"], NUMBER["name"], NUMBER["content"]
NAME_BITS = 14
"""2^14 buckets of class words."""
NAME_MASK = np.uint64((1 << NAME_BITS) - 1)
MAX_VALUE = 300
"""Bytes of a class or id that are read: beyond stand generated names."""
NAMES = int(State.NAMES)
UNDERSCORE = ord("_")
DISPLAY, VISIBILITY, OG_TYPE = (np.frombuffer(word, np.uint8) for word in (b"display:none", b"visibility:hidden", b"og:type"))
LD_JSON = np.frombuffer(b"ld+json", np.uint8)


@inner
def finish_name(value, length, names, state):
    """Take a word of a class; groups of the lexicon that it is in."""
    if length < 2:
        return 0
    names[state[NAMES]] = value & NAME_MASK
    state[NAMES] += 1
    return look_up(WORD_KEYS, WORD_GROUPS, value) if length < 24 else 0


@called
def read_names(data, start, end, names, state):
    """(groups of the lexicon, hash without digits) of a class or id; words are parted at marks, digits and capitals."""
    groups, value, whole, length, low = 0, OFFSET, OFFSET, 0, False
    for i in range(start, min(end, start + MAX_VALUE)):
        byte = data[i]
        kind = CLASSES[byte]
        if kind != DIGIT:
            whole = (whole ^ np.uint64(byte)) * PRIME
        letter = kind == UPPER or (kind == LOWER and byte != UNDERSCORE)
        if length and (not letter or (kind == UPPER and low)):
            groups |= finish_name(value, length, names, state)
            value, length = OFFSET, 0
        if letter:
            value = (value ^ np.uint64(byte | 32)) * PRIME
            length += 1
        low = kind == LOWER
    if length:
        groups |= finish_name(value, length, names, state)
    return groups, whole


@inner
def contains(data, start, end, phrase):
    """Does data[start:end] hold the phrase, ASCII letters in any case, white space left out? phrase: lower case."""
    k = 0
    for i in range(start, end):
        byte = data[i]
        if CLASSES[byte] == SPACE:
            continue
        if CLASSES[byte] == UPPER:
            byte |= 32
        # Restarting at the first byte is enough: no phrase begins twice.
        k = k + 1 if byte == phrase[k] else 1 if byte == phrase[0] else 0
        if k == len(phrase):
            return True
    return False


@inner
def is_styled_away(data, start, end):
    """Does a style hide the element?"""
    if end - start < 12:
        return False
    return contains(data, start, end, DISPLAY) or contains(data, start, end, VISIBILITY)


@called
def read_element(data, i, end, names, state):
    """(groups, hash of the class, bits of marks) that the attributes from i on give a block element."""
    groups, classes, marks = 0, np.uint64(7), 0
    while True:
        name, name_end, start, stop, i = next_attribute(data, i, end)
        if name < 0:
            return groups, classes, marks
        which = look_up(ATTRIBUTE_KEYS, ATTRIBUTE_NUMBERS, hash_lower(data, name, name_end))
        if which == CLASS or which == ID or which == ITEMPROP or which == LABEL:
            more, whole = read_names(data, start, stop, names, state)
            groups |= more
            if which == CLASS:
                classes = whole
        elif which == ROLE:
            marks |= look_up(ROLE_KEYS, ROLE_MARKS, hash_lower(data, start, min(stop, start + 20)))
        elif (
            which == IS_HIDDEN
            or (which == ARIA_HIDDEN and stop - start == 4)
            or (which == STYLE and is_styled_away(data, start, stop))
        ):
            marks |= HIDDEN


@called
def read_link(data, i, end):
    """0: no link, 1: a link, 2: a link to the same page or a script."""
    found = 0
    while True:
        name, name_end, start, stop, i = next_attribute(data, i, end)
        if name < 0:
            return found
        if name_end - name == 4 and look_up(ATTRIBUTE_KEYS, ATTRIBUTE_NUMBERS, hash_lower(data, name, name_end)) == HREF:
            script = stop - start > 10 and data[start] | 32 == 106 and data[start + 10] == 58
            found = 2 if (stop > start and data[start] == 35) or script else 1


@called
def find_attribute(data, i, end, wanted):
    """(start, stop) of the value of the attribute with this number; (0, 0) for none."""
    while True:
        name, name_end, start, stop, i = next_attribute(data, i, end)
        if name < 0:
            return 0, 0
        if look_up(ATTRIBUTE_KEYS, ATTRIBUTE_NUMBERS, hash_lower(data, name, name_end)) == wanted:
            return start, stop


@called
def read_og_type(data, i, end):
    """What `og:type` a `meta` gives, by its first letter: article 1, product 2, website 3, object 4, another 5; no og:type:
    0.
    """
    is_type, kind = False, 0
    while True:
        name, name_end, start, stop, i = next_attribute(data, i, end)
        if name < 0:
            return kind if is_type else 0
        which = look_up(ATTRIBUTE_KEYS, ATTRIBUTE_NUMBERS, hash_lower(data, name, name_end))
        if which == PROPERTY or which == NAME:
            is_type = stop - start == 7 and contains(data, start, stop, OG_TYPE)
        elif which == CONTENT and stop > start:
            first = data[start] | 32
            kind = 1 if first == 97 else 2 if first == 112 else 3 if first == 119 else 4 if first == 111 else 5


@called
def is_ld_json(data, i, end):
    """Is this `script` JSON-LD?"""
    while True:
        name, name_end, start, stop, i = next_attribute(data, i, end)
        if name < 0:
            return False
        if name_end - name == 4 and look_up(ATTRIBUTE_KEYS, ATTRIBUTE_NUMBERS, hash_lower(data, name, name_end)) == TYPE:
            return contains(data, start, stop, LD_JSON)


@called
def ld_types(data, start, end):
    """Bits of the kinds of thing that JSON-LD speaks of, by the first letters of each `@type`."""
    found = 0
    for i in range(start, end - 16):
        if data[i] == 64 and data[i + 1] == 116 and data[i + 2] == 121 and data[i + 3] == 112 and data[i + 4] == 101:
            j = i + 6
            while j < end - 4 and (data[j] == 58 or data[j] == 34 or data[j] == 91 or CLASSES[data[j]] == SPACE):
                j += 1
            found |= ld_type(data[j], data[j + 1], data[j + 2])
    return found


@inner
def ld_type(first, second, third):
    """Product 1; article, news, blog 2; discussion, question 4; FAQ 8; list, collection 16."""
    if first == 80 and second == 114:
        return 1
    if (first == 65 and second == 114) or (first == 78 and second == 101) or (first == 66 and second == 108):
        return 2
    if first == 68 or first == 81:
        return 4
    if first == 70:
        return 8
    return 16 if (first == 73 and second == 116) or (first == 67 and third == 108) else 0

"""Is a word a URL or a host name, which are not cut?

The shape of spaCy's URL pattern (`lang/tokenizer_exceptions.py`, after Diego Perini) without its backtracking: optional
scheme, optional `user@`, labels and a top-level domain of two or more lower-case letters, optional port, path, query or
fragment. A host is tried at the start, after the scheme and after each `@`; it cannot contain `@`, so that all tries
together are linear. Numeric hosts such as 8.8.8.8/home are not recognised: a slash before a letter cuts them.
Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.classes import LABEL, LOWER, SCHEME
from corpus_forge.text.eight import ONES, find_byte
from corpus_forge.text.kernel import inner
from corpus_forge.text.utf8 import flags_at, is_digit, width

STOP, HYPHEN, UNDERSCORE, AT, COLON, SLASH, QUESTION, NUMBER = (ord(mark) for mark in ".-_@:/?#")
EIGHT_STOPS = ONES * np.uint64(STOP)
LONGEST_LABEL = 64
LONGEST_DOMAIN = 63


@inner
def is_url(data, start, end, tables):
    """Is data[start:end] a URL, an address or a host name?"""
    if find_byte(data, start, end, EIGHT_STOPS) == end:
        return False
    if is_host(data, start, end, tables):
        return True
    after_scheme = scheme_end(data, start, end, tables)
    if after_scheme > start and is_host(data, after_scheme, end, tables):
        return True
    for i in range(start + 1, end):  # noqa: SIM110 - numba knows no any()
        if data[i] == AT and is_host(data, i + 1, end, tables):
            return True
    return False


@inner
def scheme_end(data, start, end, tables):
    """Where `scheme://` ends, or start."""
    i = start
    length = 0
    while i < end and flags_at(tables.classes, data, i, end) & SCHEME:
        i += width(data, i, end)
        length += 1
    if length >= 2 and i + 2 < end and data[i] == COLON and data[i + 1] == SLASH and data[i + 2] == SLASH:
        return i + 3
    return start


@inner
def label_end(data, start, end, tables):
    """Where a label and its full stop end, or start if there is none."""
    i = start
    length = 0
    ends_well = False
    while i < end and length <= LONGEST_LABEL:
        inside = data[i] in (HYPHEN, UNDERSCORE)
        ends_well_here = flags_at(tables.classes, data, i, end) & LABEL != 0
        if not ends_well_here and (not inside or length == 0):
            break
        ends_well = ends_well_here
        i += width(data, i, end)
        length += 1
    return i + 1 if ends_well and length <= LONGEST_LABEL and i < end and data[i] == STOP else start


@inner
def is_host(data, start, end, tables):
    """Do labels, a top-level domain and nothing but a port or a path fill data[start:end]?"""
    i = start
    while True:
        after = label_end(data, i, end, tables)
        if after == i:
            break
        i = after
    if i == start:
        return False
    length = 0
    while i < end and length <= LONGEST_DOMAIN and flags_at(tables.classes, data, i, end) & LOWER:
        i += width(data, i, end)
        length += 1
    return 2 <= length <= LONGEST_DOMAIN and is_rest(data, i, end)


@inner
def is_rest(data, i, end):
    """Is data[i:end] empty, or a port of 2 to 5 digits, or a path, query or fragment?"""
    if i < end and data[i] == COLON:
        first = i + 1
        i = first
        while is_digit(data, i, first, end):
            i += 1
        if not 2 <= i - first <= 5:
            return False
    return i == end or data[i] in (SLASH, QUESTION, NUMBER)

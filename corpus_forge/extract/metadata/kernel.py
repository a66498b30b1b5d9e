"""Where a page's tokens say something of the page: one pass over start tags. Imports numba: inside functions only.

Most elements are passed over by their number; of links, paragraphs and their like the attributes `rel`, `itemprop` and `class`
are looked at, whose text up to the element's end is the value.
"""

from __future__ import annotations

from typing import Any

from corpus_forge.extract.forge.kernel import called, inner, kernel
from corpus_forge.extract.forge.tables import CLASSES as BYTES
from corpus_forge.extract.forge.tables import SPACE
from corpus_forge.extract.forge.tokenizer import (
    END,
    FROM,
    KIND,
    START,
    TAG,
    TEXT,
    TO,
    hash_lower,
    look_up,
    next_attribute,
    tokenize,
)
from corpus_forge.extract.metadata import fields, tables
from corpus_forge.extract.metadata.linked_data import read_linked
from corpus_forge.extract.metadata.places import MARKUP, VALUE, add_place
from corpus_forge.extract.metadata.tables import FIELD

TITLE = (fields.TITLE << FIELD) + fields.TITLE_TAG + 1
HEADING = (fields.HEADING << FIELD) + 2
TIME = (fields.PUBLISHED << FIELD) + fields.TIME_TAG + 1
HTML_LANG = (fields.LANGUAGE << FIELD) + fields.HTML_LANG + 1
XML_LANG = (fields.LANGUAGE << FIELD) + fields.XML_LANG + 1
LINKED_AUTHOR = (fields.LINKED["author"][0] << FIELD) + fields.LINKED["author"][1] + 1
AUTHOR, PUBLISHED, LICENSE, CANONICAL = fields.AUTHOR, fields.PUBLISHED, fields.LICENSE, fields.CANONICAL
END_TAG = len("</script")
INNER_TOKENS = 12
"""Tokens within an element whose text is a value; with more it is no name or heading."""


@called
def read_attributes(data, i, end, spans):
    """Write where the values of the known attributes stand: spans, int64[11, 2], stop 0 for none."""
    spans[:] = 0
    while True:
        name, name_end, start, stop, i = next_attribute(data, i, end)
        if name < 0:
            return
        if name_end - name <= 10:
            which = look_up(tables.ATTRIBUTE_KEYS, tables.ATTRIBUTE_NUMBERS, hash_lower(data, name, name_end))
            if which and spans[which, 1] == 0:
                spans[which, 0], spans[which, 1] = start, stop


@inner
def code_of(data, span, keys, codes):
    """The greatest code among the words of an attribute's value."""
    best, i, end = 0, span[0], min(span[1], span[0] + 300)
    while i < end:
        start = i
        while i < end and BYTES[data[i]] != SPACE:
            i += 1
        if i > start:
            best = max(best, look_up(keys, codes, hash_lower(data, start, i)))
        i += 1
    return best


@called
def text_place(data, tokens, k, count, code, places):
    """Note the text between start tag k and its end tag."""
    tag, start, stop = tokens[k, TAG], -1, -1
    for j in range(k + 1, min(count, k + INNER_TOKENS)):
        kind = tokens[j, KIND]
        if kind == TEXT:
            start = tokens[j, FROM] if start < 0 else start
            stop = tokens[j, TO]
        elif tokens[j, TAG] == tag and kind == END:
            break
    first = start
    while first < stop and BYTES[data[first]] == SPACE:
        first += 1
    add_place(places, code, first, stop, MARKUP)


@called
def take_meta(data, spans, places):
    """A `meta` with a name and a content."""
    for which in (tables.NAME, tables.ITEMPROP):
        code = code_of(data, spans[which], tables.META_KEYS, tables.META_CODES)
        if code:
            add_place(places, code, spans[tables.CONTENT, 0], spans[tables.CONTENT, 1], VALUE)


@called
def take_element(data, tokens, k, count, role, spans, places):
    """A `link`, a `time`, or an element with text that says what it is."""
    href, content, moment = spans[tables.HREF], spans[tables.CONTENT], spans[tables.DATETIME]
    code = code_of(data, spans[tables.REL], tables.REL_KEYS, tables.REL_CODES)
    field = (code - 1) >> FIELD if code else -1
    if field == LICENSE or (field == CANONICAL and role == tables.LINK_TAG):
        add_place(places, code, href[0], href[1], VALUE)
    elif field == AUTHOR and role != tables.LINK_TAG:
        text_place(data, tokens, k, count, code, places)
    item = code_of(data, spans[tables.ITEMPROP], tables.ITEM_KEYS, tables.ITEM_CODES)
    if item and content[1]:
        add_place(places, item, content[0], content[1], VALUE)
    elif item and moment[1] and (item - 1) >> FIELD == PUBLISHED:
        add_place(places, item, moment[0], moment[1], VALUE)
    elif item and role != tables.LINK_TAG:
        text_place(data, tokens, k, count, item, places)
    if role == tables.TIME_TAG and moment[1]:
        add_place(places, TIME, moment[0], moment[1], VALUE)
    elif role == tables.TIME_TAG:
        text_place(data, tokens, k, count, TIME - 2, places)
    elif role == tables.TEXT_TAG:
        named = code_of(data, spans[tables.CLASS], tables.CLASS_KEYS, tables.CLASS_CODES)
        if named:
            text_place(data, tokens, k, count, named, places)


@inner
def is_linked(data, span):
    """Is this the type of JSON-LD? `application/ld+json`, with parameters or not."""
    return span[1] - span[0] >= 19 and data[span[0] + 12] | 32 == 108 and data[span[0] + 14] == 43


@called
def take_page(data, tokens, count, spans, opened, places):
    """All places of a page whose tokens these are."""
    for k in range(count):
        if tokens[k, KIND] != START:
            continue
        role = tables.ROLE_OF[tokens[k, TAG]]
        if role == 0:
            continue
        if role == tables.TITLE_TAG:
            add_place(places, TITLE, tokens[k, FROM], tokens[k, TO], VALUE)
            continue
        if role == tables.HEADING_TAG:
            text_place(data, tokens, k, count, HEADING, places)
            continue
        read_attributes(data, tokens[k, FROM], tokens[k, TO], spans)
        if role == tables.META_TAG:
            take_meta(data, spans, places)
        elif role == tables.HTML_TAG:
            add_place(places, HTML_LANG, spans[tables.LANG, 0], spans[tables.LANG, 1], VALUE)
            add_place(places, XML_LANG, spans[tables.XML_LANG, 0], spans[tables.XML_LANG, 1], VALUE)
        elif role == tables.SCRIPT_TAG:
            if is_linked(data, spans[tables.TYPE]) and k + 1 < count and tokens[k + 1, KIND] == END:
                read_linked(data, tokens[k, TO], tokens[k + 1, FROM] - END_TAG, opened, LINKED_AUTHOR, places)
        else:
            take_element(data, tokens, k, count, role, spans, places)


def make_find_places(source: int) -> Any:
    """The kernel, made anew by a number of its source: see forge/kernel.py."""

    @kernel
    def find_places(data, offsets, wanted, tokens, last_end, spans, opened, places):
        """Places of every page: data[offsets[i]:offsets[i + 1]], UTF-8, where wanted[i].

        tokens, last_end: as the tokenizer needs for the page with the most `<`. spans, opened: scratch.
        places: int32[n, FIELDS, MANY, 4], zeros, written.
        """
        assert source != 0
        for page in range(len(wanted)):
            if wanted[page]:
                content = data[offsets[page] : offsets[page + 1]]
                count = tokenize(content, 0, len(content), tokens, last_end)
                take_page(content, tokens, count, spans, opened, places[page])

    return find_places

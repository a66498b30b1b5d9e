"""The constant arrays in which kernels look up names. Imports numpy: inside functions only.

A value is 256 times the field, plus what the place is worth, plus 1, so that 0 says no such name.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from corpus_forge.extract.forge.tables import FNV_OFFSET, FNV_PRIME, name_table
from corpus_forge.extract.forge.tags import TAGS
from corpus_forge.extract.metadata import fields

FIELD, WORTH_MASK = 8, 255
NAME, CONTENT, ITEMPROP, REL, HREF, CLASS, LANG, XML_LANG, DATETIME, TYPE = range(1, 11)
ATTRIBUTES = {
    "name": NAME, "property": NAME, "http-equiv": NAME, "content": CONTENT, "itemprop": ITEMPROP, "rel": REL, "href": HREF,
    "class": CLASS, "lang": LANG, "xml:lang": XML_LANG, "datetime": DATETIME, "type": TYPE,
}  # fmt: skip
META_TAG, LINK_TAG, HTML_TAG, HEADING_TAG, TIME_TAG, TEXT_TAG, TITLE_TAG, SCRIPT_TAG = range(1, 9)
_WITH_TEXT = ("a", "span", "div", "p", "address", "cite", "strong", "li", "em", "h2", "h3", "h4")
_ROLES = {
    "meta": META_TAG, "link": LINK_TAG, "html": HTML_TAG, "h1": HEADING_TAG, "time": TIME_TAG, "title": TITLE_TAG,
    "script": SCRIPT_TAG, **dict.fromkeys(_WITH_TEXT, TEXT_TAG),
}  # fmt: skip
IN_AUTHOR, IN_PAGE = 1 << 14, 1 << 15
"""Beside JSON-LD's fields: the key `name`, which counts within an author, and keys below which the page speaks of itself."""


def _code(place: tuple[int, int]) -> int:
    return (place[0] << FIELD) + place[1] + 1


def _table(places: Mapping[str, tuple[int, int]], slots: int) -> tuple[np.ndarray, np.ndarray]:
    return name_table(((name, _code(place)) for name, place in places.items()), slots)


def hash_exact(name: str) -> int:
    """FNV-1a of a name as written: keys of JSON-LD have capitals."""
    value = FNV_OFFSET
    for byte in name.encode():
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value


def _exact_table(values: Mapping[str, int], slots: int) -> tuple[np.ndarray, np.ndarray]:
    keys, found = np.zeros(slots, np.uint64), np.zeros(slots, np.int64)
    for name, value in values.items():
        slot = hash_exact(name) & (slots - 1)
        while keys[slot]:
            slot = (slot + 1) & (slots - 1)
        keys[slot], found[slot] = hash_exact(name), value
    return keys, found


ATTRIBUTE_KEYS, ATTRIBUTE_NUMBERS = name_table(ATTRIBUTES.items(), 64)
META_KEYS, META_CODES = _table(fields.META, 512)
ITEM_KEYS, ITEM_CODES = _table(fields.ITEMPROPS, 64)
REL_KEYS, REL_CODES = _table(fields.RELS, 64)
CLASS_KEYS, CLASS_CODES = _table(fields.CLASSES, 128)
LINKED_KEYS, LINKED_CODES = _exact_table(
    {
        **{name: _code(place) for name, place in fields.LINKED.items()},
        "name": IN_AUTHOR,
        **dict.fromkeys(fields.THROUGH, IN_PAGE),
    },
    64,
)
ROLE_OF = np.zeros(len(TAGS) + 1, np.uint8)
for _name, _role in _ROLES.items():
    ROLE_OF[TAGS[_name]] = _role

"""Columns of the tables that the kernels share, and the limits of one page. Plain numbers."""

from __future__ import annotations

from enum import IntEnum

MAX_DEPTH = 512
"""Open elements, as in browsers; deeper ones are taken for part of the one above and counted."""
MAX_MARKS = 16
"""Open links and emphases that markdown shows; more in one another are not shown."""
MAX_BYTES = 1 << 30
"""Of a page: positions are int32."""


class Block(IntEnum):
    """int32 columns of a block; all but the first seven count something in its text."""

    START = 0
    """Text is out[START:END]."""
    END = 1
    ELEMENT = 2
    AT = 3
    """Position in the page where the block ends, from the page's start."""
    BUCKET = 4
    """Its first word in `buckets`."""
    FIRST_CLASS = 5
    LAST_CLASS = 6
    CHARS = 7
    WORDS = 8
    """CJK characters count half a word each: they are not cut into words by spaces."""
    LINK_WORDS = 9
    LINKS = 10
    COMMAS = 11
    STOPS = 12
    CAPITALISED = 13
    NUMBERS = 14
    UPPER_WORDS = 15
    WORD_BYTES = 16
    TITLE_WORDS = 17
    SEPARATORS = 18
    COPYRIGHTS = 19
    FORMATS = 20
    IMAGES = 21
    HIGH_BYTES = 22
    BREAKS = 23
    PAGE_LINKS = 24
    """Links to a place on the page or to a script."""
    PRE = 25
    CONTROLS = 26
    """`input` elements before or in it."""


class Element(IntEnum):
    """int32 columns of an element; 0 is the page. A parent comes before its children."""

    PARENT = 0
    TAG = 1
    DEPTH = 2
    NAMES = 3
    """The first of its class words in `names`; they end where the next element's begin."""
    ITEMS = 4
    """List items or cells directly in it so far."""
    ITEM = 5
    """Which item of its list or cell of its row it is, from 1; 0 for none."""
    LI = 6
    """The innermost list item that it is or lies in, 0 for none; the same of the next four."""
    LIST = 7
    """The outermost list."""
    NESTED = 8
    """Lists that it lies in."""
    CODE = 9
    """The innermost `pre`."""
    ROW = 10
    """The innermost table row."""
    CELL = 11
    """The innermost cell."""
    TABLE = 12
    """The innermost table."""


class Sign(IntEnum):
    """uint64 columns of an element."""

    OWN = 0
    """Groups of the lexicon in its own class and id."""
    ALL = 1
    """The same of it and all its ancestors."""
    MARKS = 2
    """Bits of tags.MARKS of it and its ancestors, and HIDDEN."""
    PATH = 3
    """Hash of tags and classes from the root to it: equal for what a template repeats."""


class Span(IntEnum):
    """int32 columns of a mark in the text: what markdown, links and alternative texts are made of."""

    AT = 0
    """Position in `out`."""
    KIND = 1
    """Number of the tag; that of an end tag is negative."""
    FROM = 2
    """Attributes of the start tag in the page, up to TO."""
    TO = 3


class State(IntEnum):
    """int64 state between runs of text."""

    OUT = 0
    """Bytes written to `out`."""
    START = 1
    """Where the open block's text begins in `out`."""
    IN_LINK = 2
    WORD = 3
    """Bytes of the word that is being read; it may go on in the next run."""
    WORD_CLASS = 4
    WORD_UPPER = 5
    WORD_LINK = 6
    WORD_CJK = 7
    BUCKETS = 8
    """Words written to `buckets`."""
    BREAK = 9
    """Where in `out` the last line break ended."""
    DEPTH = 10
    """Open elements."""
    ELEMENTS = 11
    BLOCKS = 12
    NAMES = 13
    PRE = 14
    """Open `pre` elements."""
    SPANS = 15


class Page(IntEnum):
    """int64 numbers of a page."""

    OG_TYPE = 0
    LD_TYPES = 1
    BODY = 2
    """Groups of the lexicon in the classes of `html` and `body`."""
    TOO_DEEP = 3
    """Elements beyond MAX_DEPTH."""
    TITLE_WORDS = 4
    UNCLOSED = 5
    """Elements whose text would be skipped, were they ever closed."""

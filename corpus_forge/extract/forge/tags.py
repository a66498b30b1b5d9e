"""HTML's element names, sorted by what they mean for text. Plain data; `tables.py` makes arrays of it.

Names and roles are those of the HTML Living Standard (https://html.spec.whatwg.org); which elements hold no text to read
(`SKIPPED`) is our choice: what is drawn, played, filled in or inert.
"""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """What an element does to the text around it."""

    INLINE = 0
    BLOCK = 1
    BREAK = 2
    """`br`: a new line in the same block."""
    RULE = 3
    """`hr`: ends a block and holds nothing."""
    RAW = 4
    """Its content is no markup and no text: `script`, `style`."""
    SKIPPED = 5
    """Markup whose text is not for reading: `svg`, `select`."""
    VOID = 6
    ANCHOR = 7
    IMAGE = 8
    META = 9
    ROOT = 10
    """`html`, `head` and `body`: there once, whatever the page says."""
    TITLE = 11
    LINK = 12


NAMES: dict[Kind, str] = {
    Kind.INLINE: "span b i em strong u s font small big sub sup abbr cite q code kbd samp var time mark bdi bdo ins del tt"
    " strike acronym picture ruby rb rt rp data nobr dfn label output slot",
    Kind.BLOCK: "div p section article main nav header footer aside ul ol li dl dt dd table thead tbody tfoot tr td th caption"
    " form fieldset legend figure figcaption blockquote pre address h1 h2 h3 h4 h5 h6 details summary button dialog"
    " hgroup center menu search optgroup noscript dir listing",
    Kind.BREAK: "br",
    Kind.RULE: "hr",
    Kind.RAW: "script style iframe noembed noframes textarea xmp",
    Kind.SKIPPED: "svg math template select object video audio canvas applet",
    Kind.VOID: "input wbr base area col embed frame keygen source track param colgroup frameset option",
    Kind.ANCHOR: "a",
    Kind.IMAGE: "img image",
    Kind.META: "meta",
    Kind.ROOT: "html head body",
    Kind.TITLE: "title",
    Kind.LINK: "link",
}
TAGS: dict[str, int] = {name: number + 1 for number, name in enumerate(" ".join(NAMES.values()).split())}
"""Numbers of the known elements; 0 is any other, which counts as inline, as browsers show it."""
KINDS: dict[str, Kind] = {name: kind for kind, names in NAMES.items() for name in names.split()}

FORMATS = "b i em strong u code cite q sub sup abbr kbd mark small"
"""Inline elements that only people who write text use: a hint that it is text."""

MARKS = [
    "article",
    "main",
    "nav",
    "header",
    "footer",
    "aside",
    "section",
    "list",
    "table",
    "form",
    "figure",
    "button",
    "label",
    "blockquote",
    "pre",
    "dl",
    "details",
    "h1",
    "h2",
    "h3",
    "h456",
    "dialog",
    "p",
    "li",
    "td",
    "th",
    "address",
    "figcaption",
    "summary",
    "noscript",
]
"""What a block can lie in, one bit each, by element or role."""
_MARK_OF = {
    "list": "ul ol menu dir",
    "h456": "h4 h5 h6",
    "dl": "dt dd",
    "form": "legend fieldset search",
    "table": "caption",
    "pre": "listing",
}
MARK_OF: dict[str, str] = {name: mark for mark, names in _MARK_OF.items() for name in names.split()}
"""Elements that are marked by another's name."""
ROLES = {
    "navigation": "nav",
    "main": "main",
    "banner": "header",
    "contentinfo": "footer",
    "complementary": "aside",
    "dialog": "dialog",
    "alertdialog": "dialog",
    "article": "article",
    "search": "form",
    "form": "form",
    "menu": "nav",
    "menubar": "nav",
    "list": "list",
    "listitem": "li",
    "button": "button",
    "tooltip": "dialog",
}
"""ARIA roles (https://www.w3.org/TR/wai-aria/) and the element they make of theirs."""

ATTRIBUTES = [
    "class",
    "id",
    "role",
    "style",
    "hidden",
    "aria-hidden",
    "href",
    "type",
    "property",
    "content",
    "name",
    "lang",
    "rel",
    "datetime",
    "alt",
    "itemprop",
    "aria-label",
    "src",
]
"""The attributes that are read, numbered from 1."""

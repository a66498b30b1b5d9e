r"""Creative Commons licences that a page declares, found in its HTML: which, which version, and what kind of mark says so.

A mark is an address below creativecommons.org/licenses or /publicdomain, and where it stands decides what it is worth: in a
`<meta>`, JSON-LD, `<link>`, RDF or `rel=license` the page speaks of itself (https://wiki.creativecommons.org/wiki/CC_REL,
https://html.spec.whatwg.org/multipage/links.html#link-type-license); a plain link often means a photo on it. No tree is built:
around each address a bounded stretch of HTML is looked at, in time linear in the page, with nothing that a hostile page
can crash. The cost: an attribute of more than 2,000 characters hides its tag, and markup inside other scripts is not read.
Ports to a jurisdiction (`/3.0/de/`) count as their version.
"""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

KINDS = ("meta", "json-ld", "link", "rdf", "rel", "anchor", "image", "text")
"""Marks by what they are worth, as in the Creative Commons corpus C5 (github.com/BramVanroy/CommonCrawl-CreativeCommons):

a `<meta>` for licences or rights; `license` of JSON-LD; `<link rel=license>`; RDF/XML, also in a comment; `rel=license`, RDFa
or microdata on another element; a link without that; a licence's button; the address in the text or another attribute.
"""
MARKS = 1000
"""So many addresses of a page are looked at."""
_TAG, _SCRIPT = 2_000, 100_000
"""Characters before an address in which its tag, its script or its comment must begin."""

_PARTS = ("by", "nc", "nd", "sa")
LICENSES = (
    "cc-by", "cc-by-sa", "cc-by-nd", "cc-by-nc", "cc-by-nc-sa", "cc-by-nc-nd", "cc-nc", "cc-nd", "cc-sa", "cc-nc-sa",
    "cc-nc-nd", "cc-sampling", "cc-sampling+", "cc-nc-sampling+", "cc-devnations", "cc0", "public-domain", "public-domain-mark",
)  # fmt: skip
"""All that https://creativecommons.org/licenses/list.en ever listed, the parts in today's order (`by-nd-nc` was 1.0's)."""
_PUBLIC = {"zero": "cc0", "mark": "public-domain-mark", "publicdomain": "public-domain", "certification": "public-domain"}

_ADDRESS = re.compile(
    r"(?:https?:)?(?:\\?/){2}(?:[a-z]{1,12}\.)?(?:creativecommons\.org|licensebuttons\.net)"
    r"\\?/(?:licenses|publicdomain|l|p)\\?/([a-z+-]{2,16})(?:\\?/([0-9]\.[0-9]))?(?![0-9a-z+.-]*[a-z+])",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([^\s=<>\"'/]{1,60})\s{0,9}=\s{0,9}(?:\"([^\"]*)|'([^']*)|([^\s>\"']+))")
_OPENED = re.compile(r"<([a-zA-Z][\w:-]{0,40})((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)")
_SIGNS = 4
_RIGHTS = re.compile(r"(?:^|[.:/#])(?:licen[cs]e|rights|copyright)$", re.IGNORECASE)
_JSON_KEY = re.compile(r"\"(?:license|usageInfo|dct:license|cc:license)\"\s*:\s*(?:\[\s*)?(?:\{[^{}]{0,200}:\s*)?\"$")


class Mark(NamedTuple):
    """A licence (one of LICENSES), its version such as `4.0` or None, and the kind of mark (one of KINDS)."""

    license: str
    version: str | None
    kind: str


def license_marks(html: str) -> list[Mark]:
    """All marks of a page, the most telling kind first, then in the order of the page."""
    found = []
    for count, match in enumerate(_ADDRESS.finditer(html)):
        if count == MARKS:
            break
        name = _license(match[1].lower())
        kind = _kind(html, match) if name else None
        if name and kind:
            found.append(Mark(name, match[2], kind))
    return sorted(found, key=lambda mark: KINDS.index(mark.kind))


def _license(path: str) -> str | None:
    """`by-nd-nc` → `cc-by-nc-nd`; None for what is no licence of theirs, such as `gpl` or `list`."""
    if path in _PUBLIC:
        return _PUBLIC[path]
    parts = path.split("-")
    ordered = sorted(parts, key=_PARTS.index) if set(parts) <= set(_PARTS) else parts
    name = "cc-" + "-".join(ordered)
    return name if name in LICENSES else None


def _kind(html: str, match: re.Match[str]) -> str | None:
    """What the address stands in; None in scripts and comments that say nothing of the page."""
    start = match.start()
    before = html[max(0, start - _SCRIPT) : start]
    script = before.rfind("<script")
    if script > before.rfind("</script"):
        linked_data = "ld+json" in before[script : script + 200].partition(">")[0].lower()
        return "json-ld" if linked_data and _JSON_KEY.search(before[-300:]) else None
    tag, attributes = _tag(html, start)
    kind = _of_tag(tag, attributes, match[0]) if tag else "text"
    commented = before.rfind("<!--") > before.rfind("-->")
    return kind if kind == "rdf" or not commented else None


def _tag(html: str, position: int) -> tuple[str, dict[str, str]]:
    """Name and attributes of the tag that the position is in, lower case; ("", {}) in text between tags."""
    start = position
    for _ in range(_SIGNS):  # a `<` nearer than the tag's own stands in another attribute
        start = html.rfind("<", max(0, position - _TAG), start)
        opened = _OPENED.match(html, start, position + _TAG) if start >= 0 else None
        if opened and opened.end() > position:
            values = _ATTRIBUTE.findall(opened[2])
            return opened[1].lower(), {key.lower(): unescape("".join(value)).strip() for key, *value in values}
        if start < 0:
            break
    return "", {}


def _of_tag(tag: str, attributes: dict[str, str], address: str) -> str:
    """The kind of mark that a tag with this address in an attribute is."""
    holds = {key for key, value in attributes.items() if address in value.split("?")[0] and len(value.split()) == 1}
    named = {part for key in ("rel", "property", "itemprop", "name") for part in attributes.get(key, "").split()}
    declares = any(_RIGHTS.search(name) for name in named)
    if "rdf:resource" in holds:
        return "rdf" if tag.rpartition(":")[2] == "license" else "text"
    if tag == "meta" and declares and "content" in attributes:
        return "meta"
    if declares and holds & {"href", "resource", "content", "src"}:
        return "link" if tag == "link" else "rel"
    if tag in ("a", "area") and "href" in holds:
        return "anchor"
    return "image" if tag == "img" and "src" in holds else "text"

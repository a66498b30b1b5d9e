"""The engine `wikitext`: an article's wikitext to the text that a reader sees, without tables, boxes and references.

Parsed by mwparserfromhell (MIT), some 1 MB/s; its `strip_code` loses list marks, section structure and inline templates, so
the walk over its tree is ours. What is kept: prose, headings with text below them, list items, code, formulas as LaTeX. What
goes: tables, files, categories, links to other languages, references, templates that are no words (wikitext_templates.py), and
the sections that the caller names ("References"). What a sentence loses leaves no empty parentheses behind.

The engine's second argument, for HTML the URL, is JSON here: {"drop": ["file", …], "sections": ["references", …]}: prefixes of
links that go, and headings of sections that go, in lower case. The sandbox so needs nothing new to carry the facts of a dump's
language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from corpus_forge.extract.wikitext_templates import words_of
from corpus_forge.registry import extractors

_GONE = frozenset(
    [
        "ref",
        "references",
        "gallery",
        "imagemap",
        "timeline",
        "score",
        "table",
        "templatestyles",
        "indicator",
        "graph",
        "mapframe",
        "maplink",
    ]
)
_BLOCKS = frozenset(["p", "div", "blockquote", "pre", "center", "poem", "syntaxhighlight", "source"])
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,10})*")
_DEFAULT_DROP = frozenset({"file", "image", "category", "media"})
_HEADING = "\x01"
"""Starts a line that is a heading: level as one digit, then the title. Wikitext cannot hold it, XML has no such character."""
_DEPTH = 60
"""Nested deeper than this, markup is a mistake; its inside goes."""


@extractors.add("wikitext")
class Wikitext:
    """Wikitext of a MediaWiki dump to text; what the format `mediawiki` uses."""

    @property
    def version(self) -> str:
        """Version of the parser, and of the walk over what it finds."""
        return version("mwparserfromhell") + "+1"

    def extract(self, html: str, url: str | None) -> str:
        """Text of an article; `url` is the JSON described above, or None for the defaults."""
        import mwparserfromhell

        about = json.loads(url) if url else {}
        drop = frozenset(about.get("drop", ())) or _DEFAULT_DROP
        # Bold and italics are marks of style: left to the parser they may pair across lines, and cost much time.
        code = mwparserfromhell.parse(html.replace(_HEADING, ""), skip_style_tags=True)
        text = "".join(_plain(code, drop, 0))
        return _sectioned(_tidied(text), frozenset(about.get("sections", ())))


def _plain(code: Any, drop: frozenset[str], depth: int) -> Iterator[str]:
    """The text of a tree, node by node."""
    from mwparserfromhell import nodes

    if code is None or depth > _DEPTH:
        return
    for node in code.nodes:
        if isinstance(node, nodes.Text):
            yield node.value
        elif isinstance(node, nodes.Wikilink):
            yield from _link(node, drop, depth)
        elif isinstance(node, nodes.Tag):
            yield from _tag(node, drop, depth)
        elif isinstance(node, nodes.Template):
            arguments = [argument for argument in node.params if not argument.showkey]
            yield words_of(str(node.name).strip(), ["".join(_plain(each.value, drop, depth + 1)).strip() for each in arguments])
        elif isinstance(node, nodes.ExternalLink):
            yield from _plain(node.title, drop, depth + 1) if node.brackets else (str(node.url),)
        elif isinstance(node, nodes.Heading):
            title = " ".join("".join(_plain(node.title, drop, depth + 1)).split())
            yield f"\n{_HEADING}{node.level}{title}\n"
        elif isinstance(node, nodes.HTMLEntity):
            yield node.normalize().replace(_HEADING, "")


def _link(node: Any, drop: frozenset[str], depth: int) -> Iterator[str]:
    title = str(node.title).strip()
    prefix, colon, rest = title.partition(":")
    prefix = prefix.strip().casefold()
    if colon and prefix and (prefix in drop or (node.text is None and _LANGUAGE.fullmatch(prefix))):
        return
    if node.text is not None:
        yield from _plain(node.text, drop, depth + 1)
    else:
        yield rest if colon and not prefix else title


def _tag(node: Any, drop: frozenset[str], depth: int) -> Iterator[str]:
    name = str(node.tag).strip().casefold()
    if name in _GONE:
        return
    if name == "li" and node.wiki_markup:
        yield "- "
    elif name == "br":
        yield "\n"
    elif name not in ("hr", "dt", "dd"):
        edge = "\n" if name in _BLOCKS else ""
        yield edge
        yield from _plain(node.contents, drop, depth + 1)
        yield edge


_REPAIRS = (
    (re.compile(r"'{2,5}"), ""),
    (re.compile(r"__[A-Z]{3,20}__"), ""),
    (re.compile(r"[ \t\u00a0]+"), " "),
    (re.compile(r"\( ?(?:[,;:] ?)+"), "("),
    (re.compile(r"(?<![,;:])(?<![,;:] )(?:[,;:] ?)+\)"), ")"),
    (re.compile(r" ?\( ?\)"), ""),
    (re.compile(r"\( "), "("),
    (re.compile(r" (?=[,.;)])"), ""),
    (re.compile(r"(?m)^(?:- ?)*(?:- )"), "- "),
)
"""What taking markup out leaves behind: style marks, magic words, runs of blanks, `( ; )`, a blank before a comma. Linear."""


def _tidied(text: str) -> str:
    for pattern, replacement in _REPAIRS:
        text = pattern.sub(replacement, text)
    return text


def _sectioned(text: str, unwanted: frozenset[str]) -> str:
    """Paragraphs parted by blank lines; without unwanted sections and without headings that have nothing below them."""
    parts: list[str] = []
    waiting: list[tuple[int, str]] = []
    skipped = 0
    for line in text.split("\n"):
        if line.startswith(_HEADING):
            level, title = int(line[1]), line[2:].strip()
            if skipped and level > skipped:
                continue
            skipped = level if title.casefold() in unwanted else 0
            waiting = [(above, name) for above, name in waiting if above < level]
            if not skipped:
                waiting.append((level, title))
        elif not skipped and (content := line.strip()) and content not in ("-", "|", "|}"):
            parts += [title for _, title in waiting if title]
            waiting = []
            parts.append(content)
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    """Items of a list on neighbouring lines, all else a paragraph of its own."""
    lines: list[str] = []
    in_list = False
    for part in parts:
        item = part.startswith("- ")
        lines += [part] if item and in_list else ["", part]
        in_list = item
    return "\n".join(lines).strip()

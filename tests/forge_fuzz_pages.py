"""Pages that no person would write, for the engine forge: grown from a grammar of odd markup, and mutated from whole pages.

Everything comes from one Philox generator: the same seed gives the same pages on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus_forge.extract.forge.tags import ATTRIBUTES, TAGS

NAMES = [*sorted(TAGS), "x-y", "unknown", "P", "SCRIPT", "!--", "!doctype", "?php", "/", "![CDATA[", "a<b"]
VALUES = [
    "", "a", "'", '"', ">", "<", "&amp;", "&lt", "&#x0;", "main content", "comment", "display:none", "#x", "javascript:x",
    "x" * 400, "中文", "Camel3Case_and-more", "\x00", " \n\t",
]  # fmt: skip
TEXTS = [
    "word", " ", "\n", "\t", "\r", "\x0b", "\x0c", "\x00", "<", ">", "&", "&amp;", "&nosuch;", "&#", "&#x", "&#55555;",
    "&#x110000;", "&#0;", "&notin;", "&notit;", "&CounterClockwiseContourIntegral;", "&CounterClockwiseContourIntegra", "é",
    "中文字。", "𐍈", "\u00a0", "\u200b", "\u2028", "\u3000", "©", "]]>", "--", "-->", "--!>", "<!--", "</", "<!", "<?", "</ x>",
    "<a", "<a b", "<a b=", "<a b='", "A sentence of words, that is long enough to be taken for text of a page. ", "1234567890",
    "_", "\ufeff", "\ufffd", '{"@type": "Article"}', "...", "، ؟ ۔", "नमस्ते।", "w" * 300, "🙂",
]  # fmt: skip
PAGE = """<!DOCTYPE html><html lang=en><head><meta charset=utf-8><meta property="og:type" content="article">
<title>A page of all sorts</title><script type="application/ld+json">{"@type": "NewsArticle"}</script>
<style>p > a { color: red }</style></head><body class="home"><nav class="menu"><ul><li><a href="/">Home</a>
<li><a href="/about">About us</a></ul></nav><main><article class="post-body"><h1>A page</h1>
<p>The first paragraph is long enough, with commas, to be taken for <b>text</b> of <a href="/x?y=1&amp;z=2">the page</a>.
<br><br>More.</p><ol><li>one<li>two<ul><li>three</ul></ol><table><tr><th>a<th>b<tr><td>1<td>2</table>
<pre>\n  def f():\n    pass</pre><img src=x alt="A picture"><blockquote>Said &eacute;l, &#x4e2d;&#25991;.</blockquote></article>
<section id="comments"><p>A comment, which is one.</p></section></main><noscript><p>Without scripts</noscript>
<svg><text>no</text></svg><footer>&copy; 2024 <a href=/privacy>Privacy</a></footer></body></html>"""


def _pick(random: np.random.Generator, values: Sequence[str]) -> str:
    return values[int(random.integers(len(values)))]


def _attribute(random: np.random.Generator) -> str:
    name, value = _pick(random, [*ATTRIBUTES, "data-x", "=", "/", "on'click"]), _pick(random, VALUES)
    form = _pick(random, [" {}", " {}={}", ' {}="{}"', " {}='{}'", "{}={}", " {} = {}", ' {}="{}', "\n{}={}/"])
    return form.format(name, value)


def _piece(random: np.random.Generator) -> str:
    what = int(random.integers(8))
    if what < 3:
        return _pick(random, TEXTS)
    name = _pick(random, NAMES)
    if what == 3:
        return f"</{name}{_pick(random, ['>', '>', '>', ' x>', '', ' '])}"
    attributes = "".join(_attribute(random) for _ in range(int(random.integers(3))))
    return f"<{name}{attributes}{_pick(random, ['>', '>', '>', '>', '/>', '', ' '])}"


def grown(random: np.random.Generator) -> bytes:
    """Up to 40 pieces of markup and text, and sometimes one of them many times over."""
    pieces = [_piece(random) for _ in range(int(random.integers(1, 40)))]
    if random.integers(20) == 0:
        pieces.insert(int(random.integers(len(pieces))), _piece(random) * int(random.integers(2, 1500)))
    return "".join(pieces).encode()


def mutated(random: np.random.Generator, pages: Sequence[bytes]) -> bytes:
    """A part of a page, up to 6,000 bytes, with pieces cut out, doubled, swapped with another's, or overwritten."""
    page = bytearray(pages[int(random.integers(len(pages)))])
    start = int(random.integers(max(1, len(page) - 500)))
    page = page[start : start + int(random.integers(50, 6000))]
    for _ in range(int(random.integers(1, 12))):
        at, length = int(random.integers(len(page) + 1)), int(random.integers(1, 60))
        what = int(random.integers(6))
        if what == 0:
            del page[at : at + length]
        elif what == 1:
            page[at:at] = page[at : at + length] * int(random.integers(1, 5))
        elif what == 2:
            page[at : at + 1] = bytes([int(random.integers(256))])
        elif what == 3:
            page[at:at] = _piece(random).encode()
        elif what == 4:
            other = pages[int(random.integers(len(pages)))]
            there = int(random.integers(len(other)))
            page[at : at + length] = other[there : there + length]
        else:
            page[at:at] = _pick(random, ["<", ">", "</", "<!--", "'", '"', "&", "<p>", "</div>", "</table>"]).encode()
    return bytes(page)


def batch(seed: int, number: int, size: int, pages: Sequence[bytes]) -> list[bytes]:
    """`size` inputs, half of each kind; one in ten is not UTF-8, the others are."""
    random = np.random.Generator(np.random.Philox(key=[seed, number]))
    found = [mutated(random, pages) if k % 2 else grown(random) for k in range(size)]
    return [page if k % 10 == 9 else page.decode("utf-8", "replace").encode() for k, page in enumerate(found)]

"""Where the tables of Unicode come from: run this file to write them anew, import it to hold them against their sources.

    python tests/unicode_sources.py > corpus_forge/text/word_break_ranges.py

Word_Break is no part of `unicodedata`, so it is asked of the package `regex`; only characters that `unicodedata` of Python 3.11
knows (Unicode 14.0) are taken, so that a newer `regex` writes the same file, later corrections of a property apart.
"""

from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise

CODE_POINTS = 0x110000
VERSION = "14.0.0"
BREAKS = (
    "ALetter",
    "Hebrew_Letter",
    "Numeric",
    "Katakana",
    "ExtendNumLet",
    "MidLetter",
    "MidNum",
    "MidNumLet",
    "Single_Quote",
    "Double_Quote",
    "Regional_Indicator",
    "Extend",
    "Format",
    "ZWJ",
)
HEAD = '''"""Ranges of the Word_Break property of UAX #29, and Extended_Pictographic: data.

Unicode {version}, by regex {regex}; tests/unicode_sources.py wrote this file. Each item is `first` or `first-last`, in
hexadecimal. Line breaks and spaces are left out: white space parts words before these are asked.
"""

WORD_BREAKS = {{
'''


def known(point: int) -> bool:
    """Is the character in this Python's version of Unicode?"""
    return unicodedata.category(chr(point)) != "Cn"


def of_category(*names: str) -> set[int]:
    """Code points whose general category begins with one of these."""
    return {point for point in range(CODE_POINTS) if unicodedata.category(chr(point)).startswith(names)}


def of_property(name: str) -> set[int]:
    """Known code points of a property that `regex` knows."""
    import regex

    pattern = regex.compile(rf"\p{{{name}}}")
    return {point for point in range(CODE_POINTS) if known(point) and pattern.match(chr(point))}


def ranges(points: set[int]) -> str:
    """As the tables are written: `first` and `first-last`."""
    ordered = sorted(points)
    starts = [ordered[0], *(b for a, b in pairwise(ordered) if b != a + 1)]
    ends = [*(a for a, b in pairwise(ordered) if b != a + 1), ordered[-1]]
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in zip(starts, ends, strict=True))


def main() -> None:
    """Print the file of word breaks."""
    import textwrap

    import regex

    if unicodedata.unidata_version != VERSION:
        sys.exit(f"this Python knows Unicode {unicodedata.unidata_version}; the tables are of {VERSION}: use Python 3.11")
    print(HEAD.format(version=VERSION, regex=regex.__version__), end="")
    names = [(name, f"Word_Break={name}") for name in BREAKS] + [("Extended_Pictographic", "Extended_Pictographic")]
    for name, query in names:
        body = "\n".join(textwrap.wrap(ranges(of_property(query)), 126, break_on_hyphens=False))
        print(f'    "{name}": """\n{body}\n""",')
    print("}")


if __name__ == "__main__":
    main()

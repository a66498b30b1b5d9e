"""Word boundaries of UAX #29 the slow way: the rules as regular expressions over one letter a character."""

from __future__ import annotations

import re
from itertools import pairwise

from corpus_forge.text.word_breaks import KIND, PICTOGRAPH, break_classes

LETTERS = "oAHNKJLMBQDREFZ"
"""Other, ALetter, Hebrew, Numeric, Katakana, ExtendNumLet, MidLetter, MidNum, MidNumLet, quotes, flag, Extend, Format, ZWJ."""
SKIPPED = "[EFZ]*"
NO_BREAK = [
    rule.replace("~", SKIPPED)
    for rule in (
        "[AH]~ [AH]",
        "[AH]~ [LBQ]~[AH]",
        "[AH]~[LBQ]~ [AH]",
        "H~ Q",
        "H~ D~H",
        "H~D~ H",
        "N~ N",
        "[AH]~ N",
        "N~ [AH]",
        "N~[MBQ]~ N",
        "N~ [MBQ]~N",
        "K~ K",
        "[AHNKJ]~ J",
        "J~ [AHNK]",
        "(?:^|[^REFZ])~(?:R~R~)*R~ R",
        " [EFZ]",
    )
]


def breaks(stretch: str) -> list[str]:
    """Words of a text without white space."""
    kinds = [int(break_classes()[ord(char)]) for char in stretch]
    letters = "".join(LETTERS[kind & KIND] for kind in kinds)
    rules = [rule.split(" ") for rule in NO_BREAK]
    places = [0]
    for i in range(1, len(stretch)):
        left = letters[:i]
        # A run that begins with a mark that is passed over has nothing to join.
        joined = any(re.search(f"(?:{a})$" if a else "$", left) and re.match(b, letters[i:]) for a, b in rules)
        pictograph = letters[i - 1] == "Z" and kinds[i] & PICTOGRAPH
        if not joined and not pictograph:
            places.append(i)
    return [stretch[a:b] for a, b in pairwise([*places, len(stretch)])] if stretch else []


def words(text: str) -> list[str]:
    """Words of any text; white space is none."""
    return [word for stretch in text.split() for word in breaks(stretch)]

"""Slow and obvious: the words and counts that kernels must find, by regular expressions and str methods."""

from __future__ import annotations

import re

from corpus_forge.text import classes, unicode_ranges
from corpus_forge.text.english import STOP_WORDS, special_words, units


def one_of(*groups: str) -> str:
    return "[" + "".join(groups) + "]"


def ranges(text: str) -> str:
    return "".join(re.escape(chr(point)) for point in classes.code_points(text))


ALPHA, LOWER, UPPER = (ranges(getattr(unicode_ranges, f"WORD_{kind}")) for kind in ("LETTERS", "LOWER", "UPPER"))
LETTERS = {chr(point) for point in classes.code_points(unicode_ranges.LETTERS)}
ICONS = ranges(unicode_ranges.ICONS)
PUNCT, QUOTES, MONEY = (re.escape(marks) for marks in (classes.PUNCTUATION, classes.QUOTES, classes.MONEY))
SYMBOLS = set(classes.MARKS) | {chr(c) for c in classes.code_points(classes.CONTROLS + " " + unicode_ranges.TERMINAL_MARKS)}
SPECIAL = special_words()
LABEL = r"A-Za-z0-9\u00a1-\uffff"
SCHEME = "".join(re.escape(c) for c in sorted(LETTERS)) + r"0-9_+\-."

PREFIX = re.compile(rf"\.\.+|\+(?![0-9])|US\$|[CA]\$|{one_of('§%=—–', PUNCT, QUOTES, MONEY, ICONS)}")
SUFFIX = re.compile(
    "|".join(
        rf"(?:{piece})$"
        for piece in (
            r"\.\.+",
            "……",
            "['’][sS]",
            one_of("—–", PUNCT, QUOTES, ICONS),
            r"(?<=[0-9])\+",
            r"(?<=°[FfCcKk])\.",
            rf"(?<=[0-9])(?:[{MONEY}]|US\$|[CA]\$)",
            rf"(?<=[0-9])(?:{'|'.join(map(re.escape, units()))})",
            rf"(?<=[0-9%²+|(?:)\-{LOWER}{PUNCT}{QUOTES}])\.",
            rf"(?<=[{UPPER}][{UPPER}])\.",
        )
    )
)
INFIX = re.compile(
    rf"\.\.+|…|[{ICONS}]"
    r"|(?<=[0-9])[+\-*^](?=[0-9-])"
    rf"|(?<=[{LOWER}{QUOTES}])\.(?=[{UPPER}{QUOTES}])"
    rf"|(?<=[{ALPHA}]),(?=[{ALPHA}])"
    rf"|(?<=[{ALPHA}0-9])(?:-|–|—|--|---|——|~)(?=[{ALPHA}])"
    rf"|(?<=[{ALPHA}0-9])[:<>=/](?=[{ALPHA}])"
)
URL = re.compile(
    rf"(?:[{SCHEME}]{{2,}}://)?(?:\S+@)?(?:(?:[{LABEL}][{LABEL}_-]{{0,62}})?[{LABEL}]\.)+"
    rf"[{LOWER}]{{2,63}}(?::[0-9]{{2,5}})?(?:[/?#]\S*)?"
)


def words(text: str) -> list[str]:
    return [piece for chunk in text.split() for piece in pieces(chunk)]


def pieces(chunk: str) -> list[str]:
    if chunk in SPECIAL:
        return SPECIAL[chunk]
    before, middle, after = affixes(chunk)
    found = [*before, *middle_pieces(middle), *after]
    return joined(found) if len(found) > 1 else found


def affixes(text: str) -> tuple[list[str], str, list[str]]:
    before: list[str] = []
    after: list[str] = []
    while text and text not in SPECIAL:
        prefix = match.group() if (match := PREFIX.match(text)) else ""
        suffix = match.group() if (match := SUFFIX.search(text[len(prefix) :])) else ""
        if prefix and text[len(prefix) :] in SPECIAL:
            suffix = ""
        elif suffix and text[: -len(suffix)] in SPECIAL:
            prefix = ""
        if not prefix and not suffix:
            break
        text = text[len(prefix) : len(text) - len(suffix)]
        before += [prefix] if prefix else []
        after = [suffix, *after] if suffix else after
    return before, text, after


def middle_pieces(text: str) -> list[str]:
    if not text or text in SPECIAL:
        return SPECIAL.get(text, [])
    if URL.fullmatch(text):
        return [text]
    found, start = [], 0
    for match in INFIX.finditer(text):
        if match.start() > 0:
            found += [text[start : match.start()], match.group()]
            start = match.end()
    return [piece for piece in [*found, text[start:]] if piece]


def joined(found: list[str]) -> list[str]:
    out: list[str] = []
    i = 0
    while i < len(found):
        for j in range(len(found), i + 1, -1):
            word = "".join(found[i:j])
            if word in SPECIAL and not word.isalnum() and len(SPECIAL[word]) <= j - i:
                out += SPECIAL[word]
                break
        else:
            j = i + 1
            out.append(found[i])
        i = j
    return out


def counts(text: str) -> dict[str, int]:
    lines, found = text.splitlines(), words(text)
    real = [word for word in found if any(c not in SYMBOLS for c in word)]
    return {
        "BYTES": len(text.encode()),
        "CHARS": len(text),
        "LINES": len(lines),
        "HASHES": text.count("#"),
        "ELLIPSES": text.count("...") + text.count("…"),
        "BULLET_LINES": sum(line.lstrip().startswith(("•", "-")) for line in lines),
        "ELLIPSIS_LINES": sum(line.rstrip().endswith(("...", "…")) for line in lines),
        "PIECES": len(found),
        "WORDS": len(real),
        "WORD_CHARS": sum(map(len, real)),
        "LETTER_PIECES": sum(any(c in LETTERS for c in word) for word in found),
        "STOP_WORDS": len(set(found) & set(STOP_WORDS)),
    }

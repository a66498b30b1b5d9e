"""Slow and obvious: what is counted of the lines of a text, and the text that C4's rules leave."""

from __future__ import annotations

import re
import unicodedata

from word_oracle import pieces

from corpus_forge.text import classes, unicode_ranges
from corpus_forge.text.line_counts import POLICY_PHRASES

CITATION = re.compile(r"\[\d*]|\[edit]|\[citation needed]")
ENDS_SENTENCE = {chr(point) for point in classes.code_points(unicode_ranges.SENTENCE_MARKS)}


def lower(text: str) -> str:
    """ASCII letters in lower case: what the kernel compares."""
    return re.sub("[A-Z]", lambda match: match.group().lower(), text)


def line_counts(text: str, without_citations: bool = True) -> list[dict[str, int]]:
    rows = []
    for raw in text.splitlines():
        line = raw.strip()
        words = line.split()
        if without_citations:
            line = CITATION.sub("", line)
        low = lower(line)
        rows.append(
            {
                "WORDS": len(words),
                "LONGEST_WORD": max(map(len, words), default=0),
                "ENDED": int(line.endswith((".", "?", "!", '"', "'")) and not line.endswith("...")),
                "LOREM_IPSUM": int("lorem ipsum" in low),
                "JAVASCRIPT": int("javascript" in low),
                "BRACES": line.count("{"),
                "POLICY": sum(low.count(phrase) for phrase in POLICY_PHRASES),
                "SENTENCES": sentences(line),
                "WORDS_LEFT": len(line.split()),
                "ENDED_STRICTLY": int(line.endswith((".", "?", "!", '"')) and not line.endswith("...")),
            }
        )
    return rows


def tokens(line: str) -> list[str]:
    """Pieces, and white space that is not one blank behind a word, as spaCy has it."""
    found: list[str] = []
    for chunk in re.findall(r"\s+|\S+", line):
        if chunk.isspace():
            rest = chunk[1:] if chunk[0] == " " and found else chunk
            found += [rest] if rest else []
        else:
            found += pieces(chunk)
    return found


def sentences(line: str) -> int:
    starts, begins, ended = [], True, False
    for token in tokens(line.strip()):
        is_mark = token in ENDS_SENTENCE
        is_punctuation = all(unicodedata.category(c).startswith("P") for c in token)
        if begins or (ended and not is_mark and not is_punctuation):
            starts.append(token)
            begins = ended = False
        if is_mark:
            ended = True
    return len(starts)


def c4(text: str) -> str | None:
    """The text that C4's rules leave, None where the page leaves."""
    kept, count = [], 0
    for row, line in zip(line_counts(text), text.splitlines(), strict=True):
        if row["LONGEST_WORD"] > 1000 or not row["ENDED"] or row["WORDS"] < 3:
            continue
        if row["LOREM_IPSUM"]:
            return None
        if row["JAVASCRIPT"]:
            continue
        if row["BRACES"]:
            return None
        if row["POLICY"]:
            continue
        kept.append(CITATION.sub("", line.strip()))
    left = "\n".join(kept).strip()
    count = sum(sentences(line) for line in left.splitlines())
    return left if count >= 5 else None

"""Slow and obvious: the counts of repeated lines, paragraphs and n-grams, by lists and dictionaries."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median

from word_oracle import LETTERS, words

from corpus_forge.text import classes, unicode_ranges
from corpus_forge.text.english import STOP_WORDS

ENDINGS = tuple(chr(point) for point in classes.code_points(unicode_ranges.TERMINAL_MARKS))


def segment_counts(text: str) -> dict[str, int]:
    lines = re.split("\n+", text)
    full = [line for line in lines if line.strip()]
    return {
        **_copies("RUN_LINES", lines),
        **_copies("PARAGRAPHS", re.split("\n{2,}", text.strip())),
        **_copies("FULL_LINES", full),
        "NEWLINES": text.count("\n"),
        "ENDED_LINES": sum(line.endswith(ENDINGS) for line in full),
        "SHORT_LINES": sum(len(line) <= 30 for line in full),
        "EMPTY_ENDS": lines.count(""),
        "STAR_LINES": sum(line.startswith(("*", "-")) for line in text.split("\n")),
        "DOTS_LINES": sum(line.endswith("…") for line in text.split("\n")),
    }


def _copies(kind: str, segments: list[str]) -> dict[str, int]:
    seen: set[str] = set()
    later = [segment for segment in segments if segment in seen or seen.add(segment)]
    repeated = [segment for segment in segments if segments.count(segment) > 1]
    return {
        kind: len(segments),
        f"{kind}_LATER": len(later),
        f"{kind}_LATER_CHARS": sum(map(len, later)),
        f"{kind}_ALL": len(repeated),
        f"{kind}_ALL_CHARS": sum(map(len, repeated)),
    }


def n_grams(found: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(found[i : i + n]) for i in range(len(found) - n + 1)]


def top(found: list[str], n: int, gap: str) -> int:
    counts = Counter(n_grams(found, n)).most_common(1)
    return sum(len(gap.join(gram)) * count for gram, count in counts)


def later(found: list[str], n: int) -> int:
    seen: set[tuple[str, ...]] = set()
    chars = i = 0
    while i <= len(found) - n:
        gram = tuple(found[i : i + n])
        if gram in seen:
            chars += len("".join(gram))
            i += n
        else:
            seen.add(gram)
            i += 1
    return chars


def gram_counts(text: str) -> dict[str, int]:
    found, split = words(text), text.split()
    counts = {f"TOP_{n}_GRAM": top(found, n, " ") for n in (2, 3, 4)}
    counts |= {f"LATER_{n}_GRAMS": later(found, n) for n in range(5, 11)}
    counts |= {"SPLIT_WORDS": len(split), "SPLIT_CHARS": len("".join(split))}
    counts |= {
        "SPLIT_SYMBOL_WORDS": sum("#" in word or "…" in word for word in split),
        "SPLIT_LETTER_WORDS": sum(any(c in LETTERS for c in word) for word in split),
        "SPLIT_STOP_WORDS": sum(word in STOP_WORDS for word in split),
        "SPLIT_MEDIAN_TWICE": int(2 * median(min(len(word), 255) for word in split)) if split else 0,
    }
    counts |= {f"SPLIT_TOP_{n}_GRAM": top(split, n, "") for n in (2, 3, 4)}
    for n in range(5, 11):
        grams = n_grams(split, n)
        times = Counter(grams)
        counts[f"SPLIT_ALL_{n}_GRAMS"] = sum(len("".join(gram)) for gram in grams if times[gram] > 1)
        counts[f"SPLIT_OF_{n}_GRAMS"] = sum(len("".join(gram)) for gram in grams)
    return counts

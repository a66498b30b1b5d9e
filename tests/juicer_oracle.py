"""Data-Juicer's text filters again, slow and obvious, for comparison with the kernels. Written from their definitions."""

from __future__ import annotations

import math
from collections import Counter

from corpus_forge.text.classes import code_points
from corpus_forge.text.juicer_counts import LANGUAGES
from corpus_forge.text.juicer_ranges import SPECIAL_CHARACTERS
from corpus_forge.text.word_lists import words_of

SPECIAL = "".join(map(chr, code_points(SPECIAL_CHARACTERS)))
N = 10


def over(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def pieces(text: str) -> list[str]:
    """What spaces, tabs and newlines part."""
    return [piece for piece in text.replace("\n", " ").replace("\t", " ").split(" ") if piece]


def refined(text: str) -> list[str]:
    """Lower case; a capital sigma at the end of a word as any other, and İ as it is."""
    lower = [piece.replace("İ", "\0").lower().replace("\0", "İ").replace("ς", "σ") for piece in pieces(text)]
    return [word for piece in lower if (word := piece.strip(SPECIAL))]


def signals(text: str) -> dict[str, float]:
    """All signals of Data-Juicer that are measured on a text, and the shares of listed words."""
    lines, words = text.splitlines(), refined(text)
    listed = {
        f"{kind}_word_share_{language}": over(sum(word in wanted for word in words), len(words))
        for kind in ("stop", "flagged")
        for language in LANGUAGES
        if (wanted := set(words_of(f"{kind}_words", language))) is not None
    }
    return listed | {
        "alphanumeric_char_share_data_juicer": over(sum(map(str.isalnum, text)), len(text)),
        "special_char_share_data_juicer": over(sum(char in SPECIAL for char in text), len(text)),
        "mean_line_length_data_juicer": over(len(text), len(lines)),
        "longest_line_data_juicer": max(map(len, lines), default=0),
        "word_count_data_juicer": sum(piece.strip(SPECIAL) != "" for piece in pieces(text)),
        "top_char_10_gram_share_data_juicer": top_characters(text),
        "duplicate_10_gram_share_data_juicer": copies(words),
    }


def top_characters(text: str) -> float:
    counts = Counter(text[i : i + N] for i in range(len(text) - N + 1)).values()
    most = min(int(math.sqrt(len(counts))), sum(count > 1 for count in counts))
    return over(sum(sorted(counts, reverse=True)[:most]), sum(counts))


def copies(words: list[str]) -> float:
    counts = Counter(tuple(words[i : i + N]) for i in range(len(words) - N + 1)).values()
    return over(sum(count for count in counts if count > 1), sum(counts))

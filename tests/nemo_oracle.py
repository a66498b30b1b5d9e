"""NeMo Curator's heuristics again, slow and obvious, for comparison with the kernels. Written from their definitions."""

from __future__ import annotations

import re
from collections import Counter

from corpus_forge.text.alphabetic import alphabetic
from corpus_forge.text.nemo_counts import BRACKETS, BULLETS, ELLIPSES, PHRASES

URL = re.compile(r"https?://(?:[A-Za-z0-9$\-_@.&+/:=?#~!*(),]|%[0-9A-Fa-f]{2})+")
COMMON = {"the", "be", "to", "of", "and", "that", "have", "with"}
LOWER = str.maketrans({chr(code): chr(code + 32) for code in range(65, 91)})


def over(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def signals(text: str) -> dict[str, float]:
    """All signals of NeMo that are measured on a text."""
    return {**characters(text), **words(text.split()), **lines(text), **paragraphs(text), **grams(text)}


def characters(text: str) -> dict[str, float]:
    size = len(text)
    return {
        "not_alphanumeric_share_nemo": over(len(re.findall(r"[^a-zA-Z0-9\n?!,.]", text)), size),
        "digit_char_share_nemo": over(len(re.findall("[0-9]", text)), size),
        "url_char_share_nemo": over(sum(map(len, URL.findall(text))), size),
        "blank_char_share_nemo": over(sum(char in "\t\n\r\b " for char in text), size),
        "bracket_char_share_nemo": over(sum(char in BRACKETS for char in text), size),
    }


def words(found: list[str]) -> dict[str, float]:
    marks = [word for word in found if word in ELLIPSES or len(re.findall("#+", word)) / len(word) > 0.5]
    table = alphabetic()
    return {
        "word_count_nemo": len(found),
        "mean_word_length_nemo": over(sum(map(len, found)), len(found)),
        "longest_word_nemo": max(map(len, found), default=0),
        "symbol_word_share_nemo": over(len(marks), len(found)),
        "alphabetic_word_share_nemo": over(sum(any(table[ord(char)] for char in word) for word in found), len(found)),
        "stop_word_count_nemo": sum(word in COMMON for word in found),
    }


def lines(text: str) -> dict[str, float]:
    found = [line for line in text.split("\n") if line.strip()]
    bare = [line.strip() for line in found]
    return {
        "unique_line_share_nemo": over(len(set(found)), len(found)),
        "unique_line_char_share_nemo": over(len("".join(set(found))), len("".join(found))),
        "unended_line_share_nemo": over(sum(not line.endswith(tuple(".?!\"'")) for line in bare), len(found)),
        "ellipsis_line_share_nemo": over(sum(line.translate(LOWER).endswith(ELLIPSES) for line in bare), len(found)),
        "bullet_line_share_nemo": over(sum(line.startswith(tuple(BULLETS)) for line in bare), len(found)),
    }


def paragraphs(text: str) -> dict[str, float]:
    found = text.split("\n\n")
    lower = [paragraph.translate(LOWER) for paragraph in found]
    policies = sum(any(phrase in paragraph for phrase in PHRASES[1:]) for paragraph in lower)
    lorem = any(PHRASES[0] in paragraph for paragraph in lower)
    return {
        "unique_paragraph_share_nemo": over(len(set(found)), len(found)),
        "unique_paragraph_char_share_nemo": over(len("".join(set(found))), len("".join(found))),
        "boilerplate_paragraph_share_nemo": 1.0 if lorem else over(policies, len(found)),
    }


def grams(text: str) -> dict[str, float]:
    found, made = text.split(), {}
    for n in range(2, 11):
        all_grams = list(zip(*(found[k:] for k in range(n)), strict=False))
        if n < 5:
            value = top(text, all_grams)
            made[f"top_{n}_gram_char_share_nemo"] = value if all_grams else 1.0
        else:
            value = over(copied(all_grams, n), len(text))
            made[f"duplicate_{n}_gram_char_share_nemo"] = value if all_grams else 1.0
    return made


def top(text: str, all_grams: list[tuple[str, ...]]) -> float:
    if not all_grams:
        return 1.0
    best = " ".join(Counter(all_grams).most_common(1)[0][0])
    return (len(text) - len(text.replace(best, ""))) / len(text)


def copied(all_grams: list[tuple[str, ...]], n: int) -> int:
    """Word by word: each that lies in a later copy, and a space to the word before it of the same stretch."""
    seen, chars, known = set(), 0, 0
    for gram in all_grams:
        if gram in seen:
            chars += sum(map(len, gram[known:])) + min(n - known, n - 1)
            known = n
        seen.add(gram)
        known = max(known - 1, 0)
    return chars

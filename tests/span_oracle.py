"""Slow and obvious: which bytes of texts are in several places."""

from __future__ import annotations

import re
from itertools import accumulate

Span = tuple[int, int, int]


def repeated_substrings(texts: list[str], length: int, keep: str = "first", min_count: int = 2, merge: int = 0) -> list[Span]:
    """(text, start, stop) in bytes: every window held against every other, united, whole characters, gaps closed."""
    return repeated_windows(
        texts, [[bytes([byte]) for byte in text.encode()] for text in texts], length, keep, min_count, merge
    )


def repeated_windows(
    texts: list[str], units: list[list[bytes]], length: int, keep: str = "first", min_count: int = 2, merge: int = 0
) -> list[Span]:
    """The same of windows of `length` units, which are the bytes of the texts in pieces."""
    data = [text.encode() for text in texts]
    places: dict[tuple[bytes, ...], list[Span]] = {}
    for number, pieces in enumerate(units):
        ends = [0, *accumulate(len(piece) for piece in pieces)]
        for first in range(len(pieces) - length + 1):
            window = tuple(pieces[first : first + length])
            places.setdefault(window, []).append((number, ends[first], ends[first + length]))
    copied: list[set[int]] = [set() for _ in data]
    for found in places.values():
        if len(found) >= min_count:
            for number, start, stop in found[keep == "first" :]:
                copied[number] |= set(range(start, stop))
    spans: list[Span] = []
    for number, text in enumerate(data):
        for stretch in _stretches(copied[number]):
            start, stop = _whole_characters(text, *stretch)
            if start < stop and spans and spans[-1][0] == number and start - spans[-1][2] <= merge:
                spans[-1] = (number, spans[-1][1], stop)
            elif start < stop:
                spans.append((number, start, stop))
    return spans


def _whole_characters(text: bytes, start: int, stop: int) -> tuple[int, int]:
    while start < stop and text[start] & 0xC0 == 0x80:
        start += 1
    while start < stop < len(text) and text[stop] & 0xC0 == 0x80:
        stop -= 1
    return start, stop


def folded(line: str) -> str:
    """As CCNet compares lines: lower case, digits as 0, marks and white space as one space."""
    letters = [("0" if c.isdecimal() else c.lower()) if c.isalnum() else " " for c in line]
    return " ".join("".join(letters).split())


def repeated_lines(
    texts: list[str], parted_by: str, keep: str = "first", min_count: int = 2, min_length: int = 1
) -> list[Span]:
    """(text, start, stop) in bytes of lines, or paragraphs, that are in several places, each with its newlines."""
    newlines = "\n" if parted_by == "\n" else "\n\n+"
    places: dict[str, list[Span]] = {}
    for number, text in enumerate(texts):
        pieces = re.split(f"({newlines})", text)
        at = before = 0
        for line, behind in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
            start, stop = at, at + len((line + behind).encode())
            if folded(line) and len(line.encode()) >= min_length:
                places.setdefault(folded(line), []).append((number, start if behind else before, stop))
            at, before = stop, at + len(line.encode())
    copied: list[set[int]] = [set() for _ in texts]
    for found in places.values():
        if len(found) >= min_count:
            for number, start, stop in found[keep == "first" :]:
                copied[number] |= set(range(start, stop))
    return [(number, *stretch) for number, bytes_ in enumerate(copied) for stretch in _stretches(bytes_)]


def cut(texts: list[str], spans: list[Span]) -> list[str]:
    """The texts without their spans."""
    data = [bytearray(text.encode()) for text in texts]
    for number, start, stop in reversed(spans):
        del data[number][start:stop]
    return [text.decode() for text in data]


def _stretches(numbers: set[int]) -> list[tuple[int, int]]:
    """[start, stop) of numbers in a row."""
    starts = sorted(n for n in numbers if n - 1 not in numbers)
    stops = sorted(n + 1 for n in numbers if n + 1 not in numbers)
    return list(zip(starts, stops, strict=True))

"""A Bloom filter of Python integers and BFF's loop over paragraphs, the slow and obvious way."""

from __future__ import annotations

from typing import NamedTuple

from shingle_oracle import MASK, mix, unit_hash, words_of

ROLL = 0x9E3779B97F4A7C15


class Unit(NamedTuple):
    row: int
    start: int
    stop: int
    grams: tuple[int, ...]


def gram_hash(words: list[str]) -> int:
    value = 0
    for word in words:
        value = (value * ROLL + unit_hash(word, "words")) & MASK
    return mix(value)


def lines_of(text: bytes) -> list[tuple[int, int, bytes]]:
    """(start, stop, content) of lines with their newline; of a last one without, with the newline before it."""
    found, begin = [], 0
    for line in text.splitlines(keepends=True) if b"\r" not in text else []:
        end = begin + len(line)
        whole = line.endswith(b"\n")
        found.append((begin if whole or not begin else begin - 1, end, line.rstrip(b"\n")))
        begin = end
    return found


def units_of(texts: list[str], ngram: int, least: int, how: tuple[str, ...], whole: bool) -> list[Unit]:
    units = []
    for row, text in enumerate(texts):
        data = text.encode()
        parts = [(0, len(data), data)] if whole else lines_of(data)
        for start, stop, part in parts:
            words = words_of(part.decode(), how)
            grams = [gram_hash(words[k : k + ngram]) for k in range(len(words) - ngram + 1)]
            if not grams and len(words) >= least:
                grams = [gram_hash(words)]
            if grams:
                units.append(Unit(row, start, stop, tuple(grams)))
    return units


def places(value: int, bits: int, hashes: int) -> list[int]:
    return [mix((value + (k + 1) * ROLL) & MASK) * bits >> 64 for k in range(hashes)]


def walk(units: list[Unit], bits: int, hashes: int, threshold: float, documents: bool) -> tuple[list[tuple], list[int], set]:
    """(units that leave, rows whose text leaves, bits that are set at the end)."""
    seen: set[int] = set()
    leaving, totals = [], {}
    for unit in units:
        inside = sum(all(at in seen for at in places(gram, bits, hashes)) for gram in unit.grams)
        total, contained = totals.get(unit.row, (0, 0))
        totals[unit.row] = total + len(unit.grams), contained + inside
        if inside / len(unit.grams) > threshold:
            leaving.append(unit[:3])
        else:
            seen.update(at for gram in unit.grams for at in places(gram, bits, hashes))
    return leaving, [row for row, (total, inside) in totals.items() if documents and inside / total > threshold], seen

"""N-grams in common between texts and items the slow and obvious way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from corpus_forge.dedup.folding import ALONE, DROPPED, SEPARATES, folding_table


class Row(NamedTuple):
    text: int
    item: int
    ngrams: int
    start: int
    stop: int


def placed_words(text: str, how: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Each folded word and where it is, in characters; marks that fold to nothing belong to the word they follow."""
    table, words, open_word = folding_table(how), [], False
    for place, character in enumerate(text):
        target = int(table[ord(character)])
        if target == DROPPED:
            if open_word:
                words[-1][2] = place + 1
        elif target == SEPARATES:
            open_word = False
        elif target & ALONE or not open_word:
            words.append([chr(target & 0x1FFFFF), place, place + 1])
            open_word = not target & ALONE
        else:
            words[-1][0] += chr(target)
            words[-1][2] = place + 1
    return [tuple(word) for word in words]


def grams_of(text: str, n: int, how: tuple[str, ...]) -> list[tuple[tuple[str, ...], int, int]]:
    words = placed_words(text, how)
    return [
        (tuple(word for word, _, _ in words[k : k + n]), words[k][1], words[k + n - 1][2]) for k in range(len(words) - n + 1)
    ]


def rows_of(
    texts: Sequence[str], items: Sequence[Sequence[str]], n: int, how: tuple[str, ...], min_overlap: float
) -> list[Row]:
    """An item is a number of texts."""
    wanted = [{gram for part in item for gram, _, _ in grams_of(part, n, how)} for item in items]
    rows = []
    for number, text in enumerate(texts):
        grams = grams_of(text, n, how)
        for item, known in enumerate(wanted):
            places = [(start, stop) for gram, start, stop in grams if gram in known]
            different = len({gram for gram, _, _ in grams} & known)
            if different and different >= min_overlap * len(known) - 1e-9:
                rows.append(Row(number, item, different, *longest_run(places)))
    return rows


def longest_run(places: list[tuple[int, int]]) -> tuple[int, int]:
    """The first of the longest in bytes is asked for; texts of the tests are chosen so that characters tell it too."""
    runs: list[list[int]] = []
    for start, stop in places:
        if runs and start <= runs[-1][1]:
            runs[-1][1] = stop
        else:
            runs.append([start, stop])
    best = max(runs, key=lambda run: run[1] - run[0])
    return best[0], best[1]

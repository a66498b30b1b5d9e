"""From n-grams found to items found. Imports numba: import this module inside functions only.

An n-gram may be in many items, and a text may repeat it: nothing is expanded, items are counted as they are met, so that memory
follows the items of a text and not the product of both.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.kernel import inner, kernel


@inner
def note(item, is_new, start, stop, tallies, spans):
    """Count an n-gram of an item, and let the run of n-grams that overlap grow, or begin another. spans: longest, current."""
    tallies[item] += is_new
    if start > spans[item, 3]:
        spans[item, 2] = start
    spans[item, 3] = stop
    if stop - spans[item, 2] > spans[item, 1] - spans[item, 0]:
        spans[item, 0], spans[item, 1] = spans[item, 2], stop


@kernel
def tally_items(hits, begins, items, needed, rows, kept):
    """The items that are in each text: int64 rows of (text, item, different n-grams, first byte, byte after).

    hits: int64[h, 4] as `find_grams` writes them, text by text. items[begins[g]:begins[g + 1]] has n-gram g. An item is found
    in a text that has needed[item] of its n-grams; the bytes are those of its longest run. kept: bool[h], hits that are of
    an item found. Returns how many rows there are, of which only those that there is room for are written.
    """
    n_items, count = len(needed), 0
    in_text, tallies = np.zeros(n_items, np.int64), np.zeros(n_items, np.int64)
    spans, touched = np.zeros((n_items, 4), np.int64), np.zeros(n_items, np.int64)
    seen = np.zeros(len(begins) - 1, np.int64)
    first = 0
    while first < len(hits):
        text, last, met = hits[first, 0], first, 0
        while last < len(hits) and hits[last, 0] == text:
            gram, start, stop = hits[last, 1], hits[last, 2], hits[last, 3]
            for p in range(begins[gram], begins[gram + 1]):
                item = items[p]
                if in_text[item] != text + 1:
                    in_text[item], tallies[item] = text + 1, 0
                    spans[item, 0], spans[item, 1], spans[item, 2], spans[item, 3] = start, start, start, stop
                    touched[met] = item
                    met += 1
                note(item, seen[gram] != text + 1, start, stop, tallies, spans)
            seen[gram] = text + 1
            last += 1
        for k in range(met):
            item = touched[k]
            if tallies[item] >= needed[item]:
                if count < len(rows):
                    rows[count, 0], rows[count, 1], rows[count, 2] = text, item, tallies[item]
                    rows[count, 3], rows[count, 4] = spans[item, 0], spans[item, 1]
                count += 1
        for h in range(first, last):
            for p in range(begins[hits[h, 1]], begins[hits[h, 1] + 1]):
                kept[h] = kept[h] or tallies[items[p]] >= needed[items[p]]
        first = last
    return count

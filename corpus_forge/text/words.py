"""Word segmentation: text between white space is cut into pieces that tile it.

The algorithm is that of spaCy with its English rules, with which datatrove counts: a special word is taken whole or
cut as listed; else marks come off both ends until none is left; what remains is a special word, a URL, or cut at marks in
its middle; last, neighbouring pieces that spell a special word (`:` `)`) are joined.
Text without spaces between words (Chinese, Japanese, Thai) is one word from space to space, as it is there.

Pieces need only their ends, 8 bytes a piece for the longest stretch without white space: one line of 50 MB needs no array of
words. Imports numba: import this module inside functions only.
"""

from __future__ import annotations

from corpus_forge.text.affixes import find, infix_length, prefix_length, suffix_length
from corpus_forge.text.classes import LETTER, PREFIX, SPACE, SUFFIX, SYMBOL
from corpus_forge.text.eight import eight, first_byte, not_ink, not_letters
from corpus_forge.text.kernel import inner
from corpus_forge.text.tables import IS_JOINED, IS_SPECIAL, MAX_SPECIAL
from corpus_forge.text.urls import is_url
from corpus_forge.text.utf8 import flags_at, width

BLANK = 32
MARKS_BEHIND_DIGITS = tuple(ord(mark) for mark in '.,;:!?)"')
"""What is cut off a number without a second look."""


@inner
def skip_space(data, i, end, classes):
    """Where white space that begins at i ends."""
    while i < end:
        byte = data[i]
        if byte == BLANK:
            i += 1
            continue
        if byte > 32 and byte < 0x80:
            return i
        if not flags_at(classes, data, i, end) & SPACE:
            return i
        i += width(data, i, end)
    return i


@inner
def skip_ink(data, i, end, classes):
    """Where the stretch without white space that begins at i ends."""
    while i < end:
        at = first_byte(not_ink(eight(data, i)))
        i += at
        if at == 8:
            continue
        if i < end and data[i] == BLANK:
            return i
        while i < end and (data[i] <= 32 or data[i] >= 0x80):
            if flags_at(classes, data, i, end) & SPACE:
                return i
            i += width(data, i, end)
    return min(i, end)


@inner
def skip_inert(data, i, end, classes):
    """ASCII letters, and characters beyond ASCII that no rule cuts at, from i on.

    Returns where they end, how many there are, whether there is a letter, and one that is no symbol.
    """
    chars = 0
    letter = word = False
    while i < end:
        letters = min(first_byte(not_letters(eight(data, i))), end - i)
        letter = letter or letters > 0
        word = word or letters > 0
        i += letters
        chars += letters
        if letters == 8:
            continue
        if i >= end or data[i] < 0x80:
            break
        flags = flags_at(classes, data, i, end)
        if flags & (SPACE | PREFIX | SUFFIX):
            break
        letter = letter or flags & LETTER != 0
        word = word or not flags & SYMBOL
        i += width(data, i, end)
        chars += 1
    return i, chars, letter, word


@inner
def skip_digits(data, i, end):
    """Where ASCII digits from i on end."""
    while i < end and 48 <= data[i] <= 57:
        i += 1
    return i


@inner
def put_special(entry, start, end, ends, count, tables):
    """Write the ends of the pieces of a special word; how many ends there are now."""
    for k in range(2):
        cut = tables.cuts[entry, k]
        if cut:
            ends[count] = start + cut
            count += 1
    ends[count] = end
    return count + 1


@inner
def put_middle(data, start, end, ends, count, tables):
    """Write the ends of the pieces of what is left between the affixes, no special word; how many ends there are now."""
    if not is_url(data, start, end, tables):
        begin = i = start
        while i < end:
            letters = first_byte(not_letters(eight(data, i)))
            if letters:
                i = min(i + letters, end)
                continue
            length = 0 if 48 <= data[i] <= 57 else infix_length(data, i, start, end, tables)
            if length and i > start:
                if i > begin:
                    ends[count] = i
                    count += 1
                begin = i + length
                ends[count] = begin
                count += 1
            i += length if length else width(data, i, end)
        if begin == end:
            return count
    ends[count] = end
    return count + 1


@inner
def cut_affixes(data, start, end, ends, tables):
    """Cut marks off both ends of what is no special word. Ends of prefixes go to the front of `ends`, of suffixes to its back,
    last suffix last.

    Returns where the middle begins and ends, its entry if it is a special word, else -1, and how many prefixes and suffixes
    there are.
    """
    prefixes = suffixes = 0
    entry = -1
    while start < end and entry < 0:
        prefix = prefix_length(data, start, end, tables)
        suffix = suffix_length(data, start + prefix, end, tables)
        if prefix and find(data, start + prefix, end, IS_SPECIAL, tables) >= 0:
            suffix = 0
        elif suffix and find(data, start, end - suffix, IS_SPECIAL, tables) >= 0:
            prefix = 0
        if prefix:
            start += prefix
            ends[prefixes] = start
            prefixes += 1
        if suffix:
            suffixes += 1
            ends[len(ends) - suffixes] = end
            end -= suffix
        if not prefix and not suffix:
            break
        entry = find(data, start, end, IS_SPECIAL, tables)
    return start, end, entry, prefixes, suffixes


@inner
def join_special(data, start, ends, count, tables):
    """Join neighbouring pieces that spell a special word, the longest first; how many ends there are now."""
    written = i = 0
    begin = start
    while i < count:
        last, found = i, -1
        for j in range(i, count):
            if ends[j] - begin > MAX_SPECIAL:
                break
            entry = find(data, begin, ends[j], IS_JOINED, tables) if j > i else -1
            if entry >= 0 and (tables.cuts[entry, 1] == 0 or j > i + 1):
                last, found = j, entry
        end = ends[last]
        if found >= 0:
            written = put_special(found, begin, end, ends, written, tables)
        else:
            ends[written] = end
            written += 1
        begin = end
        i = last + 1
    return written


@inner
def cut(data, start, end, ends, tables):
    """Write the ends of the pieces of data[start:end], which has no white space; how many there are.

    `ends`: int64 with room for end - start pieces.
    """
    if width(data, start, end) == end - start:
        ends[0] = end
        return 1
    entry = find(data, start, end, IS_SPECIAL, tables)
    if entry >= 0:
        return put_special(entry, start, end, ends, 0, tables)
    digits = skip_digits(data, start, end)
    if digits > start and end - digits <= 1 and (digits == end or data[digits] in MARKS_BEHIND_DIGITS):
        ends[0], ends[end - digits] = digits, end
        return 1 + end - digits
    left, right, entry, prefixes, suffixes = cut_affixes(data, start, end, ends, tables)
    count = prefixes
    if entry >= 0:
        count = put_special(entry, left, right, ends, count, tables)
    elif left < right:
        count = put_middle(data, left, right, ends, count, tables)
    for k in range(suffixes):
        ends[count + k] = ends[len(ends) - suffixes + k]
    count += suffixes
    return join_special(data, start, ends, count, tables) if count > 1 else count

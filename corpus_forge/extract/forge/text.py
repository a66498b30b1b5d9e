"""Runs of text to words: white space collapsed, references decoded, everything counted. Imports numba: inside functions only.

Text is what a browser shows: white space is one blank but in `pre`, and U+00A0 and its relatives count as white space. A word
is a run of letters and digits of any script; what ends sentences and parts them is known for Latin, CJK, Arabic and Devanagari.
A word goes on through inline elements (`wo<b>rd</b>`), which is why its state lives between the runs.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.entities import LONGEST, decode_reference
from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import Block, State
from corpus_forge.extract.forge.tables import (
    CLASSES,
    COMMA,
    DIGIT,
    HIGH,
    LOWER,
    NUL,
    OTHER,
    REFERENCE,
    SEPARATOR,
    SPACE,
    STOP,
    UPPER,
)
from corpus_forge.extract.forge.tokenizer import OFFSET, PRIME, ZERO

B, S = Block, State
CHARS, WORDS, LINK_WORDS, COMMAS, STOPS = int(B.CHARS), int(B.WORDS), int(B.LINK_WORDS), int(B.COMMAS), int(B.STOPS)
CAPITALISED, NUMBERS, UPPER_WORDS, WORD_BYTES = int(B.CAPITALISED), int(B.NUMBERS), int(B.UPPER_WORDS), int(B.WORD_BYTES)
TITLE_WORDS, SEPARATORS, COPYRIGHTS, HIGH_BYTES = int(B.TITLE_WORDS), int(B.SEPARATORS), int(B.COPYRIGHTS), int(B.HIGH_BYTES)
FIRST_CLASS, LAST_CLASS = int(B.FIRST_CLASS), int(B.LAST_CLASS)
OUT, START, IN_LINK, WORD, WORD_CLASS, WORD_UPPER = (
    int(S.OUT),
    int(S.START),
    int(S.IN_LINK),
    int(S.WORD),
    int(S.WORD_CLASS),
    int(S.WORD_UPPER),
)
WORD_LINK, WORD_CJK, BUCKETS, PRE = int(S.WORD_LINK), int(S.WORD_CJK), int(S.BUCKETS), int(S.PRE)
WORD_HASH, TEXT_HASH = 0, 1
BUCKET_BITS = 15
"""2^15 buckets of words."""
BUCKET_MASK, BUCKET_SHIFT, MIX = np.uint64((1 << BUCKET_BITS) - 1), np.uint64(20), np.uint64(29)
TITLE_SLOTS = np.uint64(255)
COPYRIGHT = ord("©")


@inner
def wide_class(data, i, end):
    """(class, width) of the character at i, whose first byte is not ASCII. Class LOWER: part of a word; HIGH: CJK, part of
    one.
    """
    first = data[i]
    second = int(data[i + 1]) if i + 1 < end else 0
    if first < 0xE0:
        kind = LOWER
        if first == 0xC2:
            kind = SPACE if second == 0xA0 else LOWER if second == 0xB5 or second == 0xAA or second == 0xBA else SEPARATOR
        elif first == 0xD8:
            kind = COMMA if second == 0x8C or second == 0x9B else STOP if second == 0x9F else LOWER
        elif first == 0xDB and second == 0x94:
            kind = STOP
        return kind, min(2, end - i)
    if first >= 0xF0:
        return (HIGH if second >= 0xA0 and first == 0xF0 else LOWER), min(4, end - i)
    third = int(data[i + 2]) if i + 2 < end else 0
    kind = HIGH if 0xE3 <= first <= 0xE9 else LOWER
    if first == 0xE2 and second <= 0x81:
        kind = SPACE if second == 0x80 and (third <= 0x8A or 0xA8 <= third <= 0xA9 or third == 0xAF) else OTHER
    elif first == 0xE2:
        kind = SEPARATOR if second < 0xB0 else LOWER
    elif first == 0xE3 and second == 0x80:
        kind = SPACE if third == 0x80 else COMMA if third == 0x81 else STOP if third == 0x82 else OTHER
    elif first == 0xE0 and second == 0xA5 and (third == 0xA4 or third == 0xA5):
        kind = STOP
    elif first == 0xEF and second == 0xBC:
        kind = fullwidth_class(third)
    return kind, min(3, end - i)


@inner
def fullwidth_class(third):
    """Class of U+FF00 to U+FF3F by the third byte."""
    if third == 0x81 or third == 0x8E or third == 0x9F:
        return STOP
    if third == 0x8C or third == 0x9A or third == 0x9B:
        return COMMA
    return LOWER if third >= 0x90 and third != 0x9C and third != 0x9D and third != 0x9E and third != 0xA0 else OTHER


@called
def end_word(state, hashes, row, buckets, titles):
    """Count the word that is being read, if there is one."""
    length = state[WORD]
    if length == 0:
        return
    row[WORDS] += max(1, state[WORD_CJK] // 2)
    row[WORD_BYTES] += length
    if state[WORD_LINK]:
        row[LINK_WORDS] += max(1, state[WORD_CJK] // 2)
    row[CAPITALISED] += state[WORD_CLASS] == UPPER
    row[NUMBERS] += state[WORD_CLASS] == DIGIT
    row[UPPER_WORDS] += length > 1 and state[WORD_UPPER] == length
    value = hashes[WORD_HASH]
    slot = value & TITLE_SLOTS
    while titles[slot] != ZERO and titles[slot] != value:
        slot = (slot + np.uint64(1)) & TITLE_SLOTS
    row[TITLE_WORDS] += titles[slot] == value
    buckets[state[BUCKETS]] = (value >> BUCKET_SHIFT) & BUCKET_MASK
    state[BUCKETS] += 1
    hashes[TEXT_HASH] = (hashes[TEXT_HASH] ^ value) * PRIME
    hashes[TEXT_HASH] ^= hashes[TEXT_HASH] >> MIX
    hashes[WORD_HASH] = OFFSET
    state[WORD] = state[WORD_CJK] = state[WORD_UPPER] = 0


@inner
def begin_word(state, row, kind):
    """Note what the word begins with."""
    if state[WORD] == 0:
        state[WORD_CLASS], state[WORD_LINK] = kind, state[IN_LINK]
        if row[CHARS] == 0:
            row[FIRST_CLASS] = kind


@inner
def add_ascii_word(data, i, end, out, state, hashes, row):
    """Take the run of ASCII letters and digits at i; position after it."""
    begin_word(state, row, CLASSES[data[i]])
    value, at, upper, first = hashes[WORD_HASH], state[OUT], 0, i
    while i < end:
        byte = data[i]
        kind = CLASSES[byte]
        if kind < LOWER or kind > DIGIT:
            break
        out[at] = byte
        if kind == UPPER:
            upper += 1
            byte |= 32
        value = (value ^ np.uint64(byte)) * PRIME
        at += 1
        i += 1
    hashes[WORD_HASH], state[OUT] = value, at
    state[WORD] += i - first
    state[WORD_UPPER] += upper
    row[CHARS] += i - first
    row[LAST_CLASS] = CLASSES[data[i - 1]]
    return i


@inner
def add_space(byte, out, state):
    """White space: one blank, or in `pre` what it is, CR and empty lines at the start apart."""
    at = state[OUT]
    if state[PRE]:
        if byte == 10 and is_blank(out, state[START], at):
            state[OUT] = state[START]
        elif byte != 13:
            out[at] = byte
            state[OUT] = at + 1
    elif at > state[START] and out[at - 1] != 32 and out[at - 1] != 10:
        out[at] = 32
        state[OUT] = at + 1


@inner
def is_blank(out, start, at):
    """Are there only blanks and tabs in out[start:at]? Looked at from the end: one line at most."""
    while at > start and (out[at - 1] == 32 or out[at - 1] == 9):
        at -= 1
    return at == start


@inner
def count_mark(row, kind):
    """Count a character that is part of no word."""
    if row[CHARS] == 0:
        row[FIRST_CLASS] = kind
    row[LAST_CLASS] = kind
    row[CHARS] += 1
    row[STOPS] += kind == STOP
    row[COMMAS] += kind == COMMA
    row[SEPARATORS] += kind == SEPARATOR


@called
def add_wide(data, i, end, out, state, hashes, row, buckets, titles):
    """Take the character outside ASCII at i; position after it."""
    kind, width = wide_class(data, i, end)
    if kind == SPACE:
        end_word(state, hashes, row, buckets, titles)
        add_space(32, out, state)
        return i + width
    if kind == LOWER or kind == HIGH:
        begin_word(state, row, HIGH)
        state[WORD_CJK] += kind == HIGH
        state[WORD] += width
        row[CHARS] += width
        row[LAST_CLASS] = HIGH
        value = hashes[WORD_HASH]
        for k in range(width):
            value = (value ^ np.uint64(data[i + k])) * PRIME
        hashes[WORD_HASH] = value
    else:
        end_word(state, hashes, row, buckets, titles)
        count_mark(row, kind)
        row[COPYRIGHTS] += data[i] == 0xC2 and width == 2 and data[i + 1] == 0xA9
    row[HIGH_BYTES] += width
    at = state[OUT]
    for k in range(width):
        out[at + k] = data[i + k]
    state[OUT] = at + width
    return i + width


@inner
def add_plain(data, i, end, out, state, hashes, row, buckets, titles):
    """Take what begins at i, read as it stands: a run of a word or one character; position after it."""
    byte = data[i]
    kind = CLASSES[byte]
    if LOWER <= kind <= DIGIT:
        return add_ascii_word(data, i, end, out, state, hashes, row)
    if kind == HIGH:
        return add_wide(data, i, end, out, state, hashes, row, buckets, titles)
    end_word(state, hashes, row, buckets, titles)
    if kind == SPACE:
        add_space(byte, out, state)
    elif kind != NUL:
        out[state[OUT]] = byte
        state[OUT] += 1
        count_mark(row, kind)
    return i + 1


@called
def add_text(data, i, end, out, state, hashes, row, buckets, titles, decoded):
    """Take the run of text data[i:end]. row: the open block's counts. decoded: uint8[LONGEST], scratch."""
    while i < end:
        if CLASSES[data[i]] == REFERENCE:
            after, length = decode_reference(data, i, end, decoded)
            if length:
                k = 0
                while k < length:
                    k = add_plain(decoded, k, length, out, state, hashes, row, buckets, titles)
                i = after
                continue
        i = add_plain(data, i, end, out, state, hashes, row, buckets, titles)


@called
def note_title(data, i, end, titles):
    """Put the words of the title into `titles`, uint64[256] of hashes, 0 for none: at most 64 of three letters and more."""
    count, value, length = 0, OFFSET, 0
    for j in range(i, end + 1):
        kind = CLASSES[data[j]] if j < end else SPACE
        if LOWER <= kind <= HIGH:
            byte = data[j] | 32 if kind == UPPER else data[j]
            value = (value ^ np.uint64(byte)) * PRIME
            length += 1
            continue
        if length > 2 and count < 64:
            slot = value & TITLE_SLOTS
            while titles[slot] != ZERO and titles[slot] != value:
                slot = (slot + np.uint64(1)) & TITLE_SLOTS
            titles[slot] = value
            count += 1
        value, length = OFFSET, 0
    return count


assert LONGEST >= 4

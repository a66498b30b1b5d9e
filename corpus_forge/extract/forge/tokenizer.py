"""A page's bytes to tokens: runs of text, start tags and end tags. Imports numba: inside functions only.

The tokenizer of the HTML standard (https://html.spec.whatwg.org/#tokenization) where it matters for text: comments with their
odd ends, bogus comments, attributes with and without quotes, elements whose content is no markup. Two departures: an unclosed
`script` or `style` ends at its own tag, where the standard lets it swallow the page; and the tokenizer does not know foreign
content, so that CDATA inside `svg` ends at its first `>`. Every byte is read a bounded number of times.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.tables import (
    CLASSES,
    FNV_OFFSET,
    FNV_PRIME,
    KIND_OF,
    SPACE,
    TAG_KEYS,
    TAG_NUMBERS,
    UPPER,
)
from corpus_forge.extract.forge.tags import Kind

KIND, TAG, FROM, TO = range(4)
"""Columns of a token, int32. Of text: data[FROM:TO]. Of a start tag: its attributes, up to the `>`. Of `title`: its text."""
TEXT, START, END = range(3)
RAW, TITLE = int(Kind.RAW), int(Kind.TITLE)
OFFSET, PRIME = np.uint64(FNV_OFFSET), np.uint64(FNV_PRIME)
ZERO, ONE = np.uint64(0), np.uint64(1)


@inner
def look_up(keys, values, key):
    """Value of a hashed name in a table of tables.py, 0 for none."""
    mask = np.uint64(len(keys) - 1)
    slot = key & mask
    while keys[slot] != ZERO:
        if keys[slot] == key:
            return values[slot]
        slot = (slot + ONE) & mask
    return 0


@inner
def hash_lower(data, start, end):
    """FNV-1a of data[start:end], ASCII letters in lower case."""
    value = OFFSET
    for i in range(start, end):
        byte = data[i]
        if CLASSES[byte] == UPPER:
            byte |= 32
        value = (value ^ np.uint64(byte)) * PRIME
    return value


@inner
def is_letter(byte):
    """An ASCII letter?"""
    return 97 <= byte | 32 <= 122


@inner
def skip_space(data, i, end):
    """Position of the first byte at or after i that is no white space."""
    while i < end and CLASSES[data[i]] == SPACE:
        i += 1
    return i


@inner
def next_attribute(data, i, end):
    """(name start, name end, value start, value end, next position) of the attribute at or after i; no more: name start is -1.

    The next position of none is that behind the tag's `>`, or `end` where the page ends inside the tag.
    """
    while i < end and (CLASSES[data[i]] == SPACE or data[i] == 47):
        i += 1
    if i >= end:
        return -1, i, i, i, end
    if data[i] == 62:
        return -1, i, i, i, i + 1
    name = i
    i += 1  # whatever it is, `=` included, it begins a name
    while i < end and data[i] != 61 and data[i] != 62 and data[i] != 47 and CLASSES[data[i]] != SPACE:
        i += 1
    name_end = i
    i = skip_space(data, i, end)
    if i >= end or data[i] != 61:
        return name, name_end, i, i, i
    i = skip_space(data, i + 1, end)
    start = i
    if i < end and (data[i] == 34 or data[i] == 39):
        quote = data[i]
        i = start = i + 1
        while i < end and data[i] != quote:
            i += 1
        return name, name_end, start, i, min(i + 1, end)
    while i < end and data[i] != 62 and CLASSES[data[i]] != SPACE:
        i += 1
    return name, name_end, start, i, i


@called
def tag_end(data, i, end):
    """Position behind the `>` of the tag whose attributes begin at i."""
    while i < end:
        name, _, _, _, i = next_attribute(data, i, end)
        if name < 0:
            break
    return i


@called
def comment_end(data, i, end):
    """Position behind the comment, bogus or not, that begins with `<!`, `<?` or `</` at i."""
    if i + 3 < end and data[i + 1] == 33 and data[i + 2] == 45 and data[i + 3] == 45:
        j = i + 4
        if j < end and data[j] == 62:
            return j + 1
        if j + 1 < end and data[j] == 45 and data[j + 1] == 62:
            return j + 2
        while j < end:
            if data[j] == 62 and data[j - 1] == 45 and data[j - 2] == 45 and j - 2 >= i + 4:
                return j + 1
            if data[j] == 62 and data[j - 1] == 33 and data[j - 2] == 45 and data[j - 3] == 45 and j - 3 >= i + 4:
                return j + 1
            j += 1
        return end
    j = i + 2
    while j < end and data[j] != 62:
        j += 1
    return min(j + 1, end)


@called
def closing_tag(data, i, end, name, name_end):
    """Position of `</name` at or after i, any case, followed by what ends a name; -1 for none."""
    length = name_end - name
    while i + length + 1 < end:
        if data[i] == 60 and data[i + 1] == 47:
            k = 0
            while k < length and data[i + 2 + k] | 32 == data[name + k] | 32:
                k += 1
            after = i + 2 + length
            if k == length and (after >= end or data[after] == 62 or data[after] == 47 or CLASSES[data[after]] == SPACE):
                return i
        i += 1
    return -1


@called
def put(tokens, count, kind, tag, start, end):
    """Append a token; the new count."""
    tokens[count, KIND], tokens[count, TAG], tokens[count, FROM], tokens[count, TO] = kind, tag, start, end
    return count + 1


@called
def put_start(data, name, name_end, end, tag, tokens, count, unclosed):
    """Append the start tag whose name is data[name:name_end]: (position behind it and its raw content, unclosed).

    unclosed: one bit for each raw element that is never closed from here on, so that nothing is searched for twice.
    """
    after = tag_end(data, name_end, end)
    put(tokens, count, START, tag, name_end, after)
    kind = KIND_OF[tag]
    if kind != RAW and kind != TITLE:
        return after, unclosed
    if kind == TITLE:
        tokens[count, FROM] = after
    bit = ONE << np.uint64(tag & 63)
    if unclosed & bit:
        return after, unclosed
    close = closing_tag(data, after, end, name, name_end)
    if close < 0:
        return after, unclosed | bit
    if kind == TITLE:
        tokens[count, TO] = close
    return close, unclosed


@inner
def begins_markup(data, i, end):
    """Does the `<` at i begin a tag or a comment?"""
    if i + 1 >= end:
        return False
    follows = data[i + 1]
    if follows == 47:
        return i + 2 < end
    return is_letter(follows) or follows == 33 or follows == 63


@called
def tokenize(data, start, end, tokens, last_end):
    """Tokens of data[start:end]: how many.

    tokens: int32[2 * (number of `<`) + 2, 4], written. last_end: int32[tags], written: the last end tag's token of each
    element, -1 for none. Positions are those in data.
    """
    last_end[:] = -1
    unclosed, count, i, text = ZERO, 0, start, start
    while i < end:
        if data[i] != 60 or not begins_markup(data, i, end):
            i += 1
            continue
        if i > text:
            count = put(tokens, count, TEXT, 0, text, i)
        name = i + 1 + (data[i + 1] == 47)
        if not is_letter(data[name]):
            i = text = i + 3 if data[name] == 62 and name == i + 2 else comment_end(data, i, end)
            continue
        name_end = name
        while name_end < end and data[name_end] != 62 and data[name_end] != 47 and CLASSES[data[name_end]] != SPACE:
            name_end += 1
        tag = look_up(TAG_KEYS, TAG_NUMBERS, hash_lower(data, name, name_end))
        if name == i + 2:
            last_end[tag] = count
            i = tag_end(data, name_end, end)
            put(tokens, count, END, tag, name_end, i)
        else:
            i, unclosed = put_start(data, name, name_end, end, tag, tokens, count, unclosed)
        count, text = count + 1, i
    return put(tokens, count, TEXT, 0, text, end) if end > text else count

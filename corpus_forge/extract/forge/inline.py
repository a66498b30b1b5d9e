"""Text of one block with the marks that markdown has inside a line. Imports numba: inside functions only.

Marks are taken from `spans`, which the blocks' builder wrote: links, images, strong, emphasised and code. A mark opens before
the next character that is no white space and closes behind the last, for `** word **` is no emphasis; one that would hold
nothing is left out, and what a block leaves open is closed at its end. Text is not escaped, as in all corpora of markdown that
we know.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.extract.forge.attributes import HREF, NUMBER, find_attribute
from corpus_forge.extract.forge.entities import decode_reference
from corpus_forge.extract.forge.kernel import called, inner
from corpus_forge.extract.forge.layout import MAX_MARKS, Span, State
from corpus_forge.extract.forge.options import ALT, LINKS, MARKDOWN
from corpus_forge.extract.forge.tags import TAGS

AT, KIND, FROM, TO = (int(each) for each in Span)
SPANS = int(State.SPANS)
ALT_TEXT, SOURCE = NUMBER["alt"], NUMBER["src"]
A, CODE, IMG, IMAGE = (TAGS[name] for name in ("a", "code", "img", "image"))
STRONG, B, EM, I = (TAGS[name] for name in ("strong", "b", "em", "i"))  # noqa: E741 - it is the element's name
BLANK, NEWLINE, STAR, TICK, BANG, OPEN, SHUT = (ord(each) for each in " \n*`![]")
ROUND_OPEN, ROUND_SHUT, PERCENT, AMPERSAND = (ord(each) for each in "()%&")
HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)


@inner
def put(out, at, byte):
    """Append a byte; the new end."""
    out[at] = byte
    return at + 1


@called
def put_value(data, start, stop, as_url, work, out, at):
    """Append the value of an attribute, references decoded: white space as one blank, in a URL what would end it as %XX."""
    i, first = start, at
    while i < stop:
        length = 0
        if data[i] == AMPERSAND:
            i, length = decode_reference(data, i, stop, work.decoded)
        if not length:
            work.decoded[0] = data[i]
            i, length = i + 1, 1
        for k in range(length):
            byte = work.decoded[k]
            if as_url and (byte <= BLANK or byte == ROUND_OPEN or byte == ROUND_SHUT):
                at = put(out, put(out, put(out, at, PERCENT), HEX[byte >> 4]), HEX[byte & 15])
            elif byte > BLANK:
                at = put(out, at, byte)
            elif at > first and out[at - 1] > BLANK:
                at = put(out, at, BLANK)
    return at


@inner
def put_target(data, span, name, work, out, at):
    """Append `](…)`."""
    start, stop = find_attribute(data, span[FROM], span[TO], name)
    at = put(out, put(out, at, SHUT), ROUND_OPEN)
    return put(out, put_value(data, start, stop, True, work, out, at), ROUND_SHUT)


@called
def put_image(data, span, options, work, out, at):
    """Append the alternative text of an image, if it has one; in markdown with links, the image."""
    start, stop = find_attribute(data, span[FROM], span[TO], ALT_TEXT)
    if stop <= start:
        return at
    shown = options & MARKDOWN and options & LINKS
    if shown:
        at = put(out, put(out, at, BANG), OPEN)
    at = put_value(data, start, stop, False, work, out, at)
    return put_target(data, span, SOURCE, work, out, at) if shown else at


@inner
def mark_of(tag):
    """The tag that stands for all with this mark; 0 for one that has no mark."""
    if tag == B or tag == STRONG:
        return STRONG
    if tag == I or tag == EM:
        return EM
    return tag if tag == CODE or tag == A else 0


@inner
def put_opening(mark, out, at):
    """Append what opens a mark."""
    if mark == A:
        return put(out, at, OPEN)
    if mark == CODE:
        return put(out, at, TICK)
    at = put(out, at, STAR)
    return put(out, at, STAR) if mark == STRONG else at


@called
def close_marks(data, work, depth, first, shown, out, at):
    """Close the marks from `first` on, in front of white space that has been written."""
    blank = at > 0 and out[at - 1] <= BLANK
    last = out[at - 1] if blank else BLANK
    at -= blank
    for k in range(min(depth, shown) - 1, first - 1, -1):
        mark, span = work.marks[k, 0], work.marks[k, 1]
        at = put_target(data, work.spans[span], HREF, work, out, at) if mark == A else put_opening(mark, out, at)
    return put(out, at, last) if blank else at


@inner
def find_mark(marks, depth, mark):
    """Index of the innermost open mark of a kind, -1 for none."""
    k = depth - 1
    while k >= 0 and marks[k, 0] != mark:
        k -= 1
    return k


@called
def put_marked(data, work, start, end, span, options, joined, out, at):
    """Append work.out[start:end] with its marks. span: the first that is not before start. joined: line breaks as blanks."""
    depth, shown, marks = 0, 0, work.marks
    for i in range(start, end + 1):
        # A mark may be noted where white space was that is gone again: never within a character.
        begins = i == end or work.out[i] & 0xC0 != 0x80
        while begins and span < work.state[SPANS] and work.spans[span, AT] <= i:
            tag = work.spans[span, KIND]
            mark = mark_of(abs(tag))
            if (tag == IMG or tag == IMAGE) and options & ALT:
                at = put_image(data, work.spans[span], options, work, out, at)
            elif mark and options & MARKDOWN and (mark != A or options & LINKS):
                if tag > 0 and depth < MAX_MARKS and find_mark(marks, depth, mark) < 0:
                    marks[depth, 0], marks[depth, 1] = mark, span
                    depth += 1
                elif tag < 0:
                    k = find_mark(marks, depth, mark)
                    if k >= 0:
                        at = close_marks(data, work, depth, k, shown, out, at)
                        depth, shown = k, min(k, shown)
            span += 1
        if i == end:
            break
        byte = work.out[i]
        while shown < depth and byte > BLANK:
            at = put_opening(marks[shown, 0], out, at)
            shown += 1
        at = put(out, at, BLANK if joined and byte == NEWLINE else byte)
    return close_marks(data, work, depth, 0, shown, out, at)

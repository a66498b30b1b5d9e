"""What NeMo Curator takes for a URL inside a text: `https?://` and what may stand in one.

Imports numba: import this module inside functions only.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.kernel import inner

HTTP = tuple(b"http")
S, PERCENT = ord("s"), ord("%")
SCHEME_END = tuple(b"://")


def _flags(marks: str) -> np.ndarray:
    flags = np.zeros(256, np.bool_)
    flags[[ord(mark) for mark in marks]] = True
    return flags


LETTERS = "".join(chr(code) for code in range(128) if chr(code).isalnum())
IN_URL = _flags(LETTERS + "$-_@.&+/:=?#~!*(),")
HEXADECIMAL = _flags("0123456789abcdefABCDEF")


@inner
def follows(data, i, end, wanted):
    """Does data[i:end] begin with these bytes?"""
    if i + len(wanted) > end:
        return False
    same = True
    for k in range(len(wanted)):
        same = same and data[i + k] == wanted[k]
    return same


@inner
def url_end(data, i, end):
    """Where the URL that begins at i ends; i where none does."""
    if not follows(data, i, end, HTTP):
        return i
    j = i + len(HTTP)
    j += j < end and data[j] == S
    if not follows(data, j, end, SCHEME_END):
        return i
    first = j = j + len(SCHEME_END)
    while j < end:
        if IN_URL[data[j]]:
            j += 1
        elif data[j] == PERCENT and j + 2 < end and HEXADECIMAL[data[j + 1]] and HEXADECIMAL[data[j + 2]]:
            j += 3
        else:
            break
    return j if j > first else i

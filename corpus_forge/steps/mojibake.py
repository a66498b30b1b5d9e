r"""Mojibake, text decoded with the wrong charset, found natively and repaired by ftfy.

ftfy changes a line only where its expression for unlikely neighbours (`ftfy.badness.BADNESS_RE`, `Ã©` among them) finds
something, and spends nearly all its time on looking: 1.7 MB/s. The same expression, rewritten for RE2, looks at a whole column,
and only texts with a find go to ftfy. `\w` and `\s` become any character, so that it finds no less. The cost is that we lean on
how ftfy writes the expression; what RE2 does not take means that ftfy sees every text, with the same result.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_VERBOSE = re.compile(r"(\[(?:\\.|[^\]\\])*\]|\\.)|#[^\n]*|\s+")
"""In an expression with layout: a class or an escape, which stays, or a comment or white space, which goes."""


def repaired(texts: pa.Array) -> pa.Array:
    """The texts (string or large_string, nulls stay) with mojibake undone, line by line; what ftfy is not sure of stays."""
    rows = pc.fill_null(pc.invert(pc.string_is_ascii(texts)), False)
    if not pc.any(rows).as_py():
        return texts
    suspects = texts.filter(rows)
    if suspicious():
        found = pc.match_substring_regex(suspects, suspicious())
        rows = pc.replace_with_mask(rows, rows, found)
        suspects = suspects.filter(found)
    return pc.replace_with_mask(texts, rows, pa.array(map(_repair, suspects.to_pylist()), texts.type))


@cache
def suspicious() -> str:
    """An RE2 expression that is found in every text that ftfy would change; "" where there is none."""
    from ftfy.badness import BADNESS_RE

    pattern = _VERBOSE.sub(lambda match: match[1] or "", BADNESS_RE.pattern)
    pattern = re.sub(r"\\[ws]", "(?s:.)", pattern)
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid:
        return ""
    return f"(?m:{pattern})"


def _repair(text: str) -> str:
    import ftfy

    return ftfy.fix_text(text, _only_charsets())


@cache
def _only_charsets() -> Any:
    """Ftfy's settings with all but the repairs of charsets off. Lines of over a million characters are repaired in pieces."""
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False, remove_terminal_escapes=False, fix_latin_ligatures=False, fix_character_width=False,
        uncurl_quotes=False, fix_line_breaks=False, fix_surrogates=False, remove_control_chars=False, normalization=None,
        explain=False,
    )  # fmt: skip

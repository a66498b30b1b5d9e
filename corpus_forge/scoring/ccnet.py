"""CCNet's normalisation, which its language models and tokenizers were trained on.

Lower case, without accents (general category Mn after NFD), decimal digits as 0, punctuation of other scripts as that of ASCII,
without control characters: in that order, each line stripped before. Exactly cc_net/text_normalizer.py, `normalize` with its
defaults, at https://github.com/facebookresearch/cc_net, 1341eec; Python's strings do it, since Arrow's lower case differs
(final sigma). What a character becomes depends on nothing but the character, so one table does all after NFD.
"""

from __future__ import annotations

import unicodedata

_FROM = "，。、„”“«»」「《》´∶：？！（）；–—．～’…━〈〉【】％►"
_TO = [*",.,", *'"""""""""', "'", *"::?!();", "-", " - ", ". ", "~", "'", "...", "-", *"<>[]%-"]
PUNCTUATION = dict(zip(_FROM, _TO, strict=True))


class _Characters(dict[int, str | None]):
    """What each code point becomes, worked out when it first comes."""

    def __missing__(self, point: int) -> str | None:
        self[point] = made = _made(chr(point))
        return made


def _made(character: str) -> str | None:
    category = unicodedata.category(character)
    if category == "Nd":
        return "0"
    if category in ("Mn", "Cc"):
        return None
    return PUNCTUATION.get(character, character)


_CHARACTERS = _Characters()


def normalize(text: str) -> str:
    """The text as CCNet's models know it. Newlines are control characters: they go, and join the lines around them."""
    return unicodedata.normalize("NFD", text.strip().lower()).translate(_CHARACTERS)

"""Templates that stand for words of a sentence. All others (boxes, citations, navigation, notices) leave a text.

MediaWiki expands templates by rules that live in the wiki; a dump has only their names. Without these few a sentence has
holes: "a distance of  from". Names are the English Wikipedia's (https://en.wikipedia.org/wiki/Wikipedia:Template_index), many
of which other languages share. The cost of leaving the rest out is the numbers in infoboxes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Words = Callable[[Sequence[str]], str]


def words_of(name: str, arguments: Sequence[str]) -> str:
    """What a template of that name says with these unnamed arguments, in plain text; empty for one that is not inline."""
    name = " ".join(name.replace("_", " ").split()).casefold()
    if name in _LITERAL:
        return _LITERAL[name]
    if name in _ARGUMENT:
        at = _ARGUMENT[name]
        return arguments[at] if -len(arguments) <= at < len(arguments) else ""
    if name in _WORDS:
        return _WORDS[name](arguments) if arguments else ""
    return arguments[0] if arguments and name.startswith("lang-") else ""


def _converted(arguments: Sequence[str]) -> str:
    """`{{convert|5|km|mi}}` and `{{convert|5|to|8|km}}`: the measure as it was written, without the other unit."""
    if len(arguments) > 3 and arguments[1] in _RANGES:
        return f"{arguments[0]}{_RANGES[arguments[1]]}{arguments[2]} {arguments[3]}"
    return " ".join(arguments[:2])


def _fraction(arguments: Sequence[str]) -> str:
    if len(arguments) == 1:
        return f"1/{arguments[0]}"
    return f"{arguments[0]} {arguments[1]}/{arguments[2]}" if len(arguments) > 2 else f"{arguments[0]}/{arguments[1]}"


_RANGES = {"to": " to ", "-": "–", "–": "–", "and": " and ", "or": " or ", "by": " by ", "x": " × ", "×": " × "}
_LITERAL = {
    "ndash": "–",
    "en dash": "–",
    "spaced ndash": " – ",
    "snd": " – ",
    "spnd": " – ",
    "mdash": "—",
    "em dash": "—",
    "spaced mdash": " — ",
    "nbsp": " ",
    "space": " ",
    "'": "'",
    "\"'": "\"'",
    "'\"": "'\"",
    "=": "=",
    "!": "|",
    "times": "×",
    "·": " · ",
    "dot": " · ",
    "middot": " · ",
    "bullet": " • ",
    "pi": "π",
    "c.": "c.",
    "shy": "",
    "infinity": "∞",
}
_ARGUMENT = {
    "lang": 1,
    "transl": -1,
    "transliteration": -1,
    "script": -1,
    "nihongo": 0,
    "zh": 0,
    "ill": 0,
    "interlanguage link": 0,
    "nowrap": 0,
    "nobr": 0,
    "small": 0,
    "smaller": 0,
    "big": 0,
    "larger": 0,
    "abbr": 0,
    "tooltip": 0,
    "sub": 0,
    "sup": 0,
    "math": 0,
    "mvar": 0,
    "var": 0,
    "val": 0,
    "code": 0,
    "mono": 0,
    "em": 0,
    "strong": 0,
    "sic": 0,
    "formatnum": 0,
    "not a typo": 0,
    "blockquote": 0,
    "quote": 0,
    "cquote": 0,
    "quotation": 0,
    "bq": 0,
    "poemquote": 0,
    "visible anchor": 0,
    "vanchor": 0,
    "linktext": 0,
    "wikt-lang": 1,
    "unicode": 0,
    "polytonic": 0,
    "underline": 0,
    "strikethrough": 0,
    "no italic": 0,
}
_WORDS: dict[str, Words] = {
    "convert": _converted,
    "cvt": _converted,
    "frac": _fraction,
    "sfrac": _fraction,
    "fraction": _fraction,
    "as of": lambda arguments: "As of " + " ".join(arguments[:3]),
    "circa": lambda arguments: "c. " + "–".join(arguments[:2]),
    "circa2": lambda arguments: "c. " + arguments[0],
    "chem": "".join,
    "chem2": "".join,
    "uss": lambda arguments: "USS " + arguments[0],
    "hms": lambda arguments: "HMS " + arguments[0],
    "ss": lambda arguments: "SS " + arguments[0],
    "us$": lambda arguments: "US$" + arguments[0],
    "inr": lambda arguments: "₹" + arguments[0],
    "gbp": lambda arguments: "£" + arguments[0],
}

"""What published definitions say of each text, for readings whose peer cannot be installed: run in an interpreter of its own.

The filters of DCLM, C4, RedPajama-V2 and MADLAD-400 are files of repositories, or papers, not packages. Their definitions are
written out in plain Python in tests/*_oracle.py; words of Unicode are those of `uniseg`, which DCLM uses, and sentences those
of spaCy's sentencizer, where DCLM and C4 use NLTK's Punkt, whose model is no package either.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache, lru_cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import dclm_oracle as oracle  # noqa: E402 - tests/ is no package
import madlad_oracle  # noqa: E402
import rps_oracle  # noqa: E402

LONGEST_PAGE, FEWEST_SENTENCES = 190_000, 3


@cache
def sentencizer():
    """spaCy's, as datatrove uses it for English."""
    import spacy

    made = spacy.blank("en")
    made.add_pipe("sentencizer")
    made.max_length = 1 << 31
    return made


def unicode_words(text: str) -> list[str]:
    """Words of Unicode as DCLM cuts them, white space left out; blanks and newlines always part: a piece is cut once."""
    return [word for piece in re.split(r"[ \n]+", text) for word in words_of_piece(piece)]


@lru_cache(maxsize=1 << 20)
def words_of_piece(piece: str) -> tuple[str, ...]:
    """The same of what stands between blanks."""
    from uniseg.wordbreak import words

    return tuple(word for word in words(piece) if not word.isspace())


def values(family: str, text: str) -> dict[str, float]:
    """What the rules of a family look at."""
    found: dict[str, float] = {}
    if family != "gopher_repetition":
        found |= oracle.quality(text)
    if family != "gopher_quality":
        found |= oracle.repetition(text, unicode_words)
    if family == "refinedweb":
        found["removed_word_share_dclm"] = oracle.removed_word_share(text)
    return found


def c4(reading: str, text: str) -> dict:
    """C4's verdict, and the text that is left."""
    left = (oracle.c4_lines if reading == "c4@dclm" else oracle.c4_lines_of_tfds)(text)
    if len(text) > LONGEST_PAGE or left is None:
        return {"keep": False, "why": "length" if left is not None else "line", "text": None}
    sentences = sum(len(list(sentencizer()(line).sents)) for line in left.splitlines())
    return {"keep": sentences >= FEWEST_SENTENCES, "why": f"{sentences} sentences", "text": left}


def verdict(reading: str, bounds: dict, text: str) -> dict:
    """Keep, why not, and the text that is left where the reading edits it."""
    family = reading.split("@", maxsplit=1)[0]
    if family == "c4":
        return c4(reading, text)
    if family == "madlad400":
        keep, left = madlad_oracle.verdict(text)
        return {"keep": keep, "why": None, "text": left}
    if family == "redpajama_v2":
        why = rps_oracle.passes_card(text)
        return {"keep": why is None, "why": why, "text": None}
    why = oracle.first_failing(text, bounds, lambda each: values(family, each))
    left = oracle.refinedweb_lines(text) if family == "refinedweb" else None
    return {"keep": why is None, "why": why, "text": left}


def main(reading: str, path: str) -> None:
    """A line of JSON a document. Bounds are those of the rule file: what they mean is the definition's."""
    rules = yaml.safe_load((ROOT / "filters" / f"{reading}.yaml").read_text("utf-8"))["rules"]
    bounds = {rule["signal"]: rule["keep"] for rule in rules if rule.get("action", "remove") == "remove"}
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            print(json.dumps(verdict(reading, bounds, json.loads(line)["text"])))


if __name__ == "__main__":
    main(*sys.argv[1:])

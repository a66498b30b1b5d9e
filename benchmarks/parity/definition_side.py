"""What published definitions say of each text, for readings whose peer cannot be installed: run in an interpreter of its own.

DCLM's and C4's filters are files of repositories, not packages. Their definitions are written out in tests/dclm_oracle.py in
plain Python; words of Unicode are those of `uniseg`, which DCLM uses, and sentences those of spaCy's sentencizer, where both
use NLTK's Punkt, whose model is no package either.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import dclm_oracle as oracle  # noqa: E402 - tests/ is no package

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
    """Words of Unicode as DCLM cuts them, white space left out."""
    from uniseg.wordbreak import words

    return [word for word in words(text) if not word.isspace()]


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

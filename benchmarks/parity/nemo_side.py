"""What NeMo Curator's own filters say of each text: run by run.py in an interpreter that has nemo-curator, regex and loguru.

Only its filter modules are loaded: the packages above them would pull in Ray and CUDA. Where several n-grams are the most
frequent, its own code takes one by the order of a set, which PYTHONHASHSEED changes; here a dict stands for the set, so that
it is the first. `--as-it-is` leaves the set.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from pathlib import Path

PACKAGES = ("", ".stages", ".stages.text", ".stages.text.filters", ".stages.text.utils", ".stages.text.filters.heuristic")


def modules(as_it_is: bool):
    """Its modules `string` and `repetition`, without what their packages import."""
    root = importlib.util.find_spec("nemo_curator").submodule_search_locations[0]
    for name in PACKAGES:
        package = types.ModuleType("nemo_curator" + name)
        package.__path__ = [root + name.replace(".", "/")]
        sys.modules["nemo_curator" + name] = package
    from nemo_curator.stages.text.filters.heuristic import string
    from nemo_curator.stages.text.filters.heuristic.repetition import repetition

    if not as_it_is:
        repetition.set = dict.fromkeys
    return string, repetition


def chains(string, repetition) -> dict[str, list]:
    """By reading, the filters in order, with the bounds of heuristic_filter_english_pipeline.yaml, which are their defaults."""
    symbols, words, ends = string.SymbolsToWordsFilter(), string.WordCountFilter(), string.PunctuationFilter()
    letters, common, mean = (
        string.WordsWithoutAlphabetsFilter(),
        string.CommonEnglishWordsFilter(),
        string.MeanWordLengthFilter(),
    )
    ellipses, bullets = string.EllipsisFilter(), string.BulletsFilter()
    before = [string.NonAlphaNumericFilter(), symbols, string.NumbersFilter(), string.UrlsFilter(), string.WhiteSpaceFilter()]
    copies = [repetition.RepeatedLinesFilter(), repetition.RepeatedParagraphsFilter()]
    copies += [repetition.RepeatedLinesByCharFilter(), repetition.RepeatedParagraphsByCharFilter()]
    tops = [repetition.RepeatingTopNGramsFilter(n, bound) for n, bound in ((2, 0.2), (3, 0.18), (4, 0.16))]
    bounds = ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10))
    grams = tops + [repetition.RepeatingDuplicateNGramsFilter(n, bound) for n, bound in bounds]
    more = [string.ParenthesesFilter(), string.BoilerPlateStringFilter()]
    middle = [words, ends, letters, common, mean, string.LongWordFilter(), ellipses]
    return {
        "nemo_english@nemo": [*before, *more, *copies, *middle, *grams, bullets],
        "gopher_quality@nemo": [symbols, words, letters, common, mean, ellipses, bullets],
        "gopher_repetition@nemo": [*copies, *grams],
    }


def verdict(chain: list, text: str) -> str | None:
    """The first filter that does not keep the text; one that divides by nothing keeps none."""
    for each in chain:
        try:
            if not each.keep_document(each.score_document(text)):
                return each.name
        except (ZeroDivisionError, ValueError) as error:
            return f"{each.name}: {type(error).__name__}"
    return None


def main(reading: str, path: str, *flags: str) -> None:
    """A line of JSON a document: keep, and why not."""
    chain = chains(*modules("--as-it-is" in flags))[reading]
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            why = verdict(chain, json.loads(line)["text"])
            print(json.dumps({"keep": why is None, "why": why}))


if __name__ == "__main__":
    main(*sys.argv[1:])

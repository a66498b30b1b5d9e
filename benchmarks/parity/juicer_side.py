"""What Data-Juicer's own filters say of each text: run by run.py in an interpreter that has py-data-juicer.

Its word lists are downloads; here it gets ours, filters/lists, as the files that it looks for. Filters have their default
arguments otherwise.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

LISTS = Path(__file__).parents[2] / "filters" / "lists"
BATCH = 100


def write_lists(folder: str) -> None:
    """Our English lists under the names that its filters look for."""
    for ours, theirs in (("stop_words", "stopwords"), ("flagged_words", "flagged_words")):
        lines = (LISTS / ours / "en.txt").read_text("utf-8").splitlines()
        words = [line for line in lines if not line.startswith("#")]
        (Path(folder) / f"{theirs}.json").write_text(json.dumps({"en": words}), "utf-8")


def filters(folder: str) -> dict[str, object]:
    """Its filters by name, in the order of our rule set."""
    from data_juicer.ops import filter as ops

    return {
        "text_length": ops.TextLengthFilter(),
        "average_line_length": ops.AverageLineLengthFilter(),
        "maximum_line_length": ops.MaximumLineLengthFilter(),
        "words_num": ops.WordsNumFilter(),
        "alphanumeric": ops.AlphanumericFilter(),
        "special_characters": ops.SpecialCharactersFilter(),
        "character_repetition": ops.CharacterRepetitionFilter(),
        "word_repetition": ops.WordRepetitionFilter(),
        "stopwords": ops.StopWordsFilter(stopwords_dir=folder),
        "flagged_words": ops.FlaggedWordFilter(flagged_words_dir=folder),
    }


def verdicts(texts: list[str], chain: dict) -> list[str | None]:
    """By text the first filter that does not keep it."""
    from data_juicer.utils.constant import Fields

    why: list[str | None] = [None] * len(texts)
    for name, each in chain.items():
        samples = {"text": texts, Fields.stats: [{} for _ in texts]}
        keeps = each.process_batched(each.compute_stats_batched(samples))
        why = [known or (None if keep else name) for known, keep in zip(why, keeps, strict=True)]
    return why


def main(reading: str, path: str) -> None:  # noqa: ARG001 - there is one
    """A line of JSON a document: keep, and why not."""
    with Path(path).open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    with tempfile.TemporaryDirectory() as folder:
        write_lists(folder)
        chain = filters(folder)
    for first in range(0, len(texts), BATCH):
        for why in verdicts(texts[first : first + BATCH], chain):
            print(json.dumps({"keep": why is None, "why": why}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What dolma's own tagger says of each text, held against the bounds of its mixer: run in dolma's interpreter by run.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dolma.taggers.gopher import get_attributes

DUPLICATES = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
TOPS = {2: 0.20, 3: 0.18, 4: 0.16}


def repetition(found) -> str | None:
    """The first bound that the attributes break."""
    if found.fraction_of_duplicate_lines > 0.3:
        return "duplicate_lines"
    if found.fraction_of_characters_in_duplicate_lines > 0.3:
        return "duplicate_line_characters"
    for bounds, values in (
        (TOPS, found.fraction_of_characters_in_most_common_ngram),
        (DUPLICATES, found.fraction_of_characters_in_duplicate_ngrams),
    ):
        for n, value in values:
            if value > bounds[n]:
                return f"{n}-grams"
    return None


def quality(found) -> str | None:
    """The first bound that the attributes break."""
    checks = (
        ("word_count", 50 <= found.word_count <= 100_000),
        ("median_word_length", 3 <= found.median_word_length <= 10),
        ("symbol_to_word_ratio", found.symbol_to_word_ratio <= 0.1),
        ("alpha", found.fraction_of_words_with_alpha_character >= 0.8),
        ("required_word_count", found.required_word_count >= 2),
        ("bullets", found.fraction_of_lines_starting_with_bullet_point <= 0.9),
        ("ellipses", found.fraction_of_lines_ending_with_ellipsis <= 0.3),
    )
    return next((name for name, holds in checks if not holds), None)


def main(reading: str, path: str) -> None:
    """A line of JSON a document: keep, and why not."""
    judge = {"gopher_repetition@dolma": repetition, "gopher_quality@dolma": quality}[reading]
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            why = judge(get_attributes(json.loads(line)["text"]))
            print(json.dumps({"keep": why is None, "why": why}))


if __name__ == "__main__":
    main(*sys.argv[1:])

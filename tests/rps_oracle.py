r"""RedPajama-V2's quality signals the slow way: what its definitions say, over Python strings.

After https://github.com/togethercomputer/RedPajama-Data at 855a8e0, app/src/core/document.py, quality_signals/*.py and
utilities/text/normalization.py. Words of NLTK's WordPunctTokenizer are matches of `\w+|[^\w\s]+`. A value over nothing is
0 here, None there. benchmarks/parity runs it over real texts: it imports nothing of ours at once.
"""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable

BULLETS = ("\u2022", "\u2023", "\u25b6", "\u25c0", "\u25e6", "\u25a0", "\u25a1", "\u25aa", "\u25ab", "\u2013")
NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def normal(text: str) -> str:
    return unicodedata.normalize("NFD", re.sub(r"\s+", " ", text.translate(NO_PUNCTUATION).lower().strip()))


def lines_with_ends(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+$", text)


def grams(words: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def document(text: str, stop_words: Iterable[str] = (), flagged: Iterable[str] = ()) -> dict[str, float]:
    """Values of the signals of documents, by name."""
    lines, words, plain = lines_with_ends(text), re.findall(r"\w+|[^\w\s]+", text), normal(text)
    return {
        "ccnet_length": len(text),
        "ccnet_nlines": len(text.split("\n")) if text else 0,
        "rps_bulletpoint_line_share": share(
            sum(line.lstrip().startswith(BULLETS) for line in lines), len(text.split("\n")) if text else 0
        ),
        "rps_doc_num_sentences": len(re.findall(r"\b[^.!?]+[.!?]*", text)),
        "rps_doc_symbol_to_word_ratio": share(sum(text.count(mark) for mark in ("#", "...", "…")), len(words)),
        "rps_doc_frac_lines_end_with_ellipsis": share(sum(line.rstrip().endswith(("...", "…")) for line in lines), len(lines)),
        "rps_doc_frac_no_alph_words": share(sum(not re.search("[a-zA-Z]", word) for word in words), len(words)),
        "rps_doc_frac_all_caps_words": share(sum(map(str.isupper, words)), len(words)),
        "rps_doc_stop_word_fraction": share(sum(word in set(stop_words) for word in words), len(words)) if plain else 0.0,
        "rps_doc_curly_bracket": share(text.count("{") + text.count("}"), len(text)),
        "rps_doc_lorem_ipsum": share(plain.count("lorem ipsum"), len(plain)),
        "rps_doc_ldnoobw_words": listed(plain.split(), set(flagged)),
        **of_words(plain.split()),
    }


def listed(words: list[str], entries: set[str]) -> int:
    """How many n-grams, of any length that an entry has, are entries."""
    return sum(" ".join(gram) in entries for n in {entry.count(" ") + 1 for entry in entries} for gram in grams(words, n))


def of_words(words: list[str]) -> dict[str, float]:
    """Values of the signals over words in normal form."""
    tallies, chars = Counter(words), sum(map(len, words))
    found: dict[str, float] = {
        "rps_doc_word_count": len(words),
        "rps_doc_mean_word_length": share(chars, len(words)),
        "rps_doc_frac_unique_words": share(len(tallies), len(words)),
        "rps_doc_unigram_entropy": sum(-count / len(words) * math.log(count / len(words)) for count in tallies.values()),
    }
    for n in range(2, 5):
        top, count = max(Counter(grams(words, n)).items(), key=lambda item: item[1], default=((), 0))
        found[f"rps_doc_frac_chars_top_{n}gram"] = share(sum(map(len, top)) * count, chars) if count > 1 else 0.0
    for n in range(5, 11):
        repeated = {gram for gram, count in Counter(grams(words, n)).items() if count > 1}
        covered = {i + k for i, gram in enumerate(grams(words, n)) if gram in repeated for k in range(n)}
        found[f"rps_doc_frac_chars_dupe_{n}grams"] = share(sum(len(words[i]) for i in covered), chars)
    return found


def line(with_end: str) -> dict[str, float]:
    """Values of the signals of a line, its newline included."""
    plain = normal(with_end)
    return {
        "rps_lines_javascript_counts": plain.split().count("javascript"),
        "rps_lines_num_words": len(plain.split()),
        "rps_lines_ending_with_terminal_punctution_mark": with_end.rstrip().endswith((".", "!", "?", "”")),
        "rps_lines_start_with_bulletpoint": with_end.lstrip().startswith(BULLETS),
        "rps_lines_uppercase_letter_fraction": sum(map(str.isupper, with_end)) / len(with_end),
        "rps_lines_numerical_chars_fraction": share(sum(map(str.isnumeric, plain)), len(plain)),
    }


def passes_card(text: str) -> str | None:
    """The first rule of the data set's card that the text breaks."""
    found = document(text)
    for name, holds in (
        ("rps_doc_word_count", 50 <= found["rps_doc_word_count"] <= 10_000),
        ("rps_doc_mean_word_length", 3 <= found["rps_doc_mean_word_length"] <= 10),
        ("rps_doc_symbol_to_word_ratio", found["rps_doc_symbol_to_word_ratio"] <= 0.1),
        ("rps_bulletpoint_line_share", found["rps_bulletpoint_line_share"] <= 0.9),
        ("rps_doc_frac_chars_top_2gram", found["rps_doc_frac_chars_top_2gram"] <= 0.2),
    ):
        if not holds:
            return name
    return None

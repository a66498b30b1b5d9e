"""DCLM's filters the slow way: what its definitions say, over Python strings, as decisions of single texts.

After https://github.com/mlfoundations/dclm at c7ed275, baselines/mappers/filters/content_filters.py, core_utils.py and, at
15af3ce, modifiers.py; the configurations are baselines_configs/refinedweb.yaml and c4.yaml. C4's own code is that of
https://github.com/tensorflow/datasets at 3e77995, text/c4_utils.py. Each function says by how much a text breaks a rule, or
what is left of it; names are those of the rules. benchmarks/parity runs it over real texts: it imports nothing of ours at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
COUNTER = re.compile(
    r"^\W*\d(?:,|\.|\d)*(?:k|m|b)?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads"
    r"|views|followers)\W*$"
)
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def stripped_parts(text: str, mark: str) -> list[str]:
    return [part.strip() for part in re.split(mark, text) if part.strip()]


def tokens(text: str) -> list[str]:
    """Words of fastText; `</s>`, which it writes at each newline, begins with no letter."""
    return [word for word in re.split(r"[\x00\t\n\v\f\r ]+", text) if word and word[0].isalnum()]


def quality(text: str) -> dict[str, float]:
    words, lines = text.split(), stripped_parts(text, "\n")
    marks = sum(text.count(mark) for mark in ("#", "...", ". . .", "…"))
    return {
        "word_count_dclm": len(tokens(text)),
        "mean_word_length_dclm": share(sum(map(len, words)), len(words)),
        "symbol_to_word_ratio_dclm": share(marks, len(words)),
        "bullet_line_share_dclm": share(sum(line.startswith(("●", "•", "*", "-")) for line in lines), len(lines)),
        "ellipsis_line_share_dclm": share(sum(line.endswith(("...", ". . .", "…")) for line in lines), len(lines)),
        "unalphabetic_word_share_dclm": share(sum(not any(c.isalpha() for c in word) for word in words), len(words)),
        "stop_word_count_dclm": sum(word.lower() in STOP_WORDS for word in words),
    }


def unicode_words(text: str) -> list[str]:
    from break_oracle import words

    return words(text)


def repetition(text: str, split: Callable[[str], list[str]] = unicode_words) -> dict[str, float]:
    found: dict[str, float] = {"line_count_dclm": len(stripped_parts(text, "\n"))}
    for name, mark in (("line", "\n"), ("paragraph", "\n\n")):
        parts = stripped_parts(text, mark)
        copies = {part: count for part, count in Counter(parts).items() if count > 1 and len(parts) > 1}
        found[f"duplicate_{name}_share_dclm"] = share(sum(copies.values()), len(parts))
        chars = sum(len(part) * count for part, count in copies.items())
        found[f"duplicate_{name}_char_share_dclm"] = share(chars, sum(map(len, parts)))
    words = [word for word in split(text) if word[0].isalnum()]
    total = sum(map(len, words))
    for n in range(2, 11):
        grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
        counts = Counter(grams)
        most = max(counts.values(), default=0)
        if n < 5:
            longest = max((sum(map(len, gram)) for gram, count in counts.items() if count == most), default=0)
            found[f"top_{n}_gram_char_share_dclm"] = share(longest * most, total) if most > 1 else 0.0
        else:
            places = {k for i, gram in enumerate(grams) if counts[gram] > 1 for k in range(i, i + n)}
            found[f"duplicate_{n}_gram_char_share_dclm"] = share(sum(len(words[k]) for k in places), total)
    return found


def upper(line: str) -> float:
    return sum(char.isupper() for char in line) / len(line)


def digits(line: str) -> float:
    return sum(char.isdigit() for char in line) / len(line)


def refinedweb_lines(text: str) -> str:
    """The line-wise corrections; empty lines stay."""
    lines = text.split("\n")
    for keep in (
        lambda line: upper(line) <= 0.5,
        lambda line: digits(line) <= 0.999999,
        lambda line: not COUNTER.search(line.lower()),
        lambda line: len(line.split()) >= 2,
    ):
        lines = [line for line in lines if not line or keep(line)]
    for pattern in (r"\s?items in cart", r"\s?read more...$", r"^sign-in\s?"):
        lines = list(_without(lines, re.compile(pattern, re.IGNORECASE)))
    return "\n".join(lines).strip()


def _without(lines: list[str], pattern: re.Pattern) -> Iterator[str]:
    for line in lines:
        left = pattern.sub("", line) if len(line.split()) <= 10 else line
        if not line or left.strip():
            yield left


def removed_word_share(text: str) -> float:
    before = len(tokens(text))
    return share(before - len(tokens(refinedweb_lines(text))), before)


def c4_lines(text: str) -> str | None:
    """What DCLM's C4 leaves of the lines, None where it drops the page for one of them."""
    lines = [line for line in text.split("\n") if all(len(word) <= 1000 for word in line.split())]
    lines = [re.sub(r"\[\d*\]|\[edit\]|\[citation needed\]", "", line) for line in lines]
    lines = [line for line in lines if not line or re.search(r'[.!?"\u2026]\s*$', line)]
    lines = [line for line in lines if not re.search(r"(?:\.\.\.|\u2026)\s*$", line)]
    lines = [line for line in lines if not line or len(line.split()) >= 5]
    if any("lorem ipsum" in line.lower() for line in lines):
        return None
    lines = [line for line in lines if "javascript" not in line.lower()]
    if any("{" in line for line in lines):
        return None
    lines = [line for line in lines if not any(phrase in line.lower() for phrase in POLICIES)]
    return "\n".join(lines).strip()


def c4_lines_of_tfds(text: str) -> str | None:
    """What C4's own code leaves of the lines, None where it drops the page for one of them."""
    kept = []
    for raw in text.splitlines():
        line = raw.strip()
        if any(len(word) > 1000 for word in line.split()):
            continue
        line = re.sub(r"\[\d*\]|\[edit\]|\[citation needed\]", "", line)
        if not line.endswith((".", "?", "!", '"')) or line.endswith("...") or len(line.split()) < 5:
            continue
        if "lorem ipsum" in line.lower():
            return None
        if "javascript" in line.lower():
            continue
        if "{" in line:
            return None
        if not any(phrase in line.lower() for phrase in POLICIES):
            kept.append(line)
    return "\n".join(kept).strip()


def first_failing(text: str, bounds: dict[str, tuple[float | None, float | None]], values: Callable) -> str | None:
    """The first rule, in order, that the text breaks."""
    measured = values(text)
    for name, (low, high) in bounds.items():
        if (low is not None and measured[name] < low) or (high is not None and measured[name] > high):
            return name
    return None

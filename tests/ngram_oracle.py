"""A slow n-gram model: back-off by its definition, over a dictionary."""

from __future__ import annotations

from pathlib import Path


def write_arpa(path: Path, grams: dict[tuple[str, ...], tuple[float, float | None]]) -> Path:
    """An ARPA file of n-grams with log10 of probability and back-off."""
    order = max(map(len, grams))
    by_length = [[item for item in grams.items() if len(item[0]) == n] for n in range(1, order + 1)]
    lines = ["", "\\data\\", *(f"ngram {n}={len(each)}" for n, each in enumerate(by_length, 1)), ""]
    for n, each in enumerate(by_length, 1):
        lines.append(f"\\{n}-grams:")
        for words, (chance, back) in each:
            lines.append(f"{chance!r}\t{' '.join(words)}" + ("" if back is None else f"\t{back!r}"))
        lines.append("")
    path.write_text("\n".join([*lines, "\\end\\", ""]), "utf-8")
    return path


def chance_after(grams, context: tuple[str, ...], word: str) -> float:
    """p(w | h) = p(h w) where it is known, else b(h) p(w | h without its first word)."""
    known = grams.get((*context, word))
    if known is not None:
        return known[0]
    if not context:
        raise AssertionError(f"{word} has no unigram")
    return (grams.get(context, (0, 0))[1] or 0) + chance_after(grams, context[1:], word)


def sentence_log10(grams, sentence: str) -> float:
    order = max(map(len, grams))
    words = ["<s>", *(word if (word,) in grams else "<unk>" for word in sentence.split()), "</s>"]
    return sum(chance_after(grams, tuple(words[max(0, at - order + 1) : at]), words[at]) for at in range(1, len(words)))

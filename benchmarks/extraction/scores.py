"""Scores of a side's texts on a set of gold pages: by type of page and by language; snippets where a set has nothing else.

Word-F1 is WCXB's, by the function that training uses. Of snippets, a wanted one that is in the text is a hit and an unwanted
one a false one; their F1 is that of hits, misses and false ones, as in trafilatura's own evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gold import Gold

LEAST_PAGES = 10
"""Languages of fewer pages are told together."""


def of_set(gold: Sequence[Gold], texts: Sequence[str | None]) -> dict[str, Any]:
    """{all: row, kinds: {kind: row}, languages: {language: row}}; a row of a set with gold texts has pages, f1, precision,
    recall, one of a set of snippets pages, f1, found, wanted, false, unwanted.
    """
    pairs = [(page, text or "") for page, text in zip(gold, texts, strict=True)]
    row = _full if any(page.text is not None for page in gold) else _snippets
    kinds = _grouped(pairs, lambda page: page.kind, row)
    return {"all": row(pairs), "kinds": kinds, "languages": _grouped(pairs, lambda page: page.language, row)}


def _grouped(pairs: list, key: Callable[[Gold], str], row: Callable) -> dict[str, Any]:
    groups: dict[str, list] = {}
    for page, text in pairs:
        groups.setdefault(key(page), []).append((page, text))
    return {name: row(group) for name, group in sorted(groups.items()) if name}


def _full(pairs: list[tuple[Gold, str]]) -> dict[str, float]:
    from corpus_forge.extract.training.evaluate import word_score

    scores = [word_score(text, page.text or "") for page, text in pairs]
    means = [round(sum(column) / len(scores), 4) for column in zip(*scores, strict=True)]
    return {"pages": len(pairs), **dict(zip(("f1", "precision", "recall"), means, strict=True))}


def _snippets(pairs: list[tuple[Gold, str]]) -> dict[str, float]:
    wanted = [snippet in text for page, text in pairs for snippet in page.wanted]
    unwanted = [snippet in text for page, text in pairs for snippet in page.unwanted]
    hits, false = sum(wanted), sum(unwanted)
    f1 = round(2 * hits / max(1, hits + len(wanted) + false), 4)
    return {"pages": len(pairs), "f1": f1, "found": hits, "wanted": len(wanted), "false": false, "unwanted": len(unwanted)}

"""What texts reach on gold pages, as tables of Markdown: word-F1 where there are gold texts, counts where there are snippets.

A wanted snippet that is in the text is found, an unwanted one is false; their F1 is that of hits, misses and false ones, as in
trafilatura's own evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from corpus_forge.extract.training.evaluate import table_by_kind, word_score
from corpus_forge.extract.training.gold import GoldPage

Pairs = list[tuple[GoldPage, str]]


def tables_of(pages: Sequence[GoldPage], texts: Sequence[str]) -> str:
    """Scores of all pages, of each set where there are several, of each kind and each language; then snippets, by set."""
    pairs = list(zip(pages, texts, strict=True))
    whole = [pair for pair in pairs if pair[0].text is not None]
    parts = [pair for pair in pairs if pair[0].text is None]
    return "\n\n".join(made for made in (_texts_table(whole), _snippets_table(parts)) if made)


def _texts_table(pairs: Pairs) -> str:
    if not pairs:
        return ""
    rows = {**_rows(pairs, lambda page: page.kind), **_named("language", _rows(pairs, lambda page: page.language))}
    sets = _named("set", _rows(pairs, lambda page: page.source))
    if len(sets) > 1:
        rows = {"all": rows.pop("all"), **sets, **rows}
    lines = ["| pages of | number | F1 | precision | recall |", "|---|---:|---:|---:|---:|"]
    lines += [
        f"| {name} | {row['pages']} | {row['f1']:.4f} | {row['precision']:.4f} | {row['recall']:.4f} |"
        for name, row in rows.items()
    ]
    return "\n".join(lines)


def _rows(pairs: Pairs, key: Callable[[GoldPage], str]) -> dict[str, dict[str, float]]:
    return table_by_kind([word_score(text, page.text or "") for page, text in pairs], [key(page) for page, _ in pairs])


def _named(what: str, rows: Mapping[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {f"{what} {name}": row for name, row in rows.items() if name != "all"}


def _snippets_table(pairs: Pairs) -> str:
    lines = ["| snippets of set | pages | F1 | wanted found | unwanted found |", "|---|---:|---:|---:|---:|"]
    for source in sorted({page.source for page, _ in pairs}):
        own = [pair for pair in pairs if pair[0].source == source]
        wanted = [snippet in text for page, text in own for snippet in page.wanted]
        unwanted = [snippet in text for page, text in own for snippet in page.unwanted]
        found, false = sum(wanted), sum(unwanted)
        f1 = 2 * found / max(1, found + len(wanted) + false)
        lines.append(f"| {source} | {len(own)} | {f1:.4f} | {found} of {len(wanted)} | {false} of {len(unwanted)} |")
    return "\n".join(lines) if pairs else ""

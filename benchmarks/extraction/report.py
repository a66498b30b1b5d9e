"""Figures to pages: results.md with every table, some of them between the marks of docs/extraction.md, the picture beside it.

python benchmarks/extraction/report.py        # draw them again from results.json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from contestants import CONTESTANTS
from picture import draw
from tables import cascade, languages, metadata, others, points, scores, snippets, speed

HERE = Path(__file__).parent
DOCS = HERE.parent.parent / "docs"
BEGIN, END = "<!-- {}: made by benchmarks/extraction/report.py -->", "<!-- end of {} -->"

OTHERS = (
    "Other sets. `forge` has learned nothing on scrapinghub's domains, and is in cross-validation on readability and on"
    " trafilatura's pages:"
)

Results = dict[str, Any]


def write(results: Results) -> None:
    """Write the three files."""
    (HERE / "results.md").write_text(page(results), "utf-8")
    document = DOCS / "extraction.md"
    text = document.read_text("utf-8")
    parts = {
        "figures": chosen(results),
        "languages": languages(results),
        "cascade": cascade(results),
        "metadata": metadata(results),
    }
    for name, tables in parts.items():
        text = between(text, name, tables)
    document.write_text(text, "utf-8")
    draw(points(results), DOCS / "extraction.svg")


def between(text: str, name: str, tables: str) -> str:
    """The text with these tables between the marks of that name. ValueError where a mark is missing."""
    begin, end = BEGIN.format(name), END.format(name)
    start, stop = text.index(begin) + len(begin), text.index(end)
    return f"{text[:start]}\n\n{tables}\n\n{text[stop:]}"


def about(results: Results) -> list[str]:
    """Model, versions, machine: what every table was made with."""
    model = results["sides"]["forge"]["model"]
    versions: dict[str, str] = {}
    for name in CONTESTANTS:
        versions |= results["sides"].get(name, {}).get("versions", {})
    listed = ", ".join(f"{name} {each}" for name, each in versions.items())
    return [
        f"Model `{model['name']}`, digest `{model['digest']}`; {listed}.",
        f"Speed of {results['speed']['date']} on {results['speed']['machine']}." if "speed" in results else "",
    ]


def page(results: Results) -> str:
    """results.md."""
    parts = [
        "# Extraction side by side",
        "Made by benchmarks/extraction/compare.py; docs/extraction.md says what the sets are and how to read them.",
        *about(results),
        "## WCXB dev, by type of page",
        "forge in 5-fold cross-validation: every page by a model that has seen no page of its domain, in whatever set.",
        *(
            f"{title}\n\n{scores(results, key)}"
            for title, key in (("F1", "f1"), ("Precision", "precision"), ("Recall", "recall"))
        ),
        "## Other sets",
        OTHERS,
        others(results),
        snippets(results),
        "## By language",
        languages(results),
        "## Speed",
        speed(results),
        "## Cascade",
        cascade(results),
        "## Metadata",
        metadata(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def chosen(results: Results) -> str:
    """The tables of docs/extraction.md."""
    few = [name for name in CONTESTANTS if name in results["sides"]]
    parts = [
        *about(results),
        "Word-F1 on WCXB's development pages, by type; `forge` in cross-validation, all others as they are:",
        scores(results, "f1", few),
        "![F1 on WCXB against speed](extraction.svg)",
        OTHERS,
        others(results),
        snippets(results),
        "Speed, MB of HTML a second of processor time, medians of turns in one run:",
        speed(results),
    ]
    return "\n\n".join(part for part in parts if part)


if __name__ == "__main__":
    write(json.loads((HERE / "results.json").read_text("utf-8")))

"""Figures to tables of Markdown. A side without a figure has none in its place; a table without figures is empty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from contestants import CONTESTANTS
from scores import LEAST_PAGES

Results = dict[str, Any]
COMPARED = ("forge", "trafilatura", "resiliparse")
"""Sides of the table of languages."""
BY_DEFAULT = 0.85
"""The cascade's setting in the picture."""
SET_NAMES = {"wcxb": "WCXB dev", "scrapinghub": "scrapinghub", "readability": "readability", "trafilatura": "trafilatura"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown; the first column is text, the others are numbers. Empty without rows."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1), *lines]) if lines else ""


def sides(results: Results, wanted: Sequence[str] | None = None) -> dict[str, Any]:
    """Sides with figures, in the order of CONTESTANTS."""
    return {name: results["sides"][name] for name in wanted or CONTESTANTS if name in results["sides"]}


def _of(side: dict[str, Any], name: str) -> dict[str, Any]:
    return side["sets"].get(name, {})


def _label(name: str) -> str:
    what = CONTESTANTS[name].what
    return f"{name} ({what})" if what == "all text" and what not in name else name


def scores(results: Results, key: str, wanted: Sequence[str] | None = None) -> str:
    """F1, precision or recall of each side on WCXB, by type of page."""
    found = {name: _of(side, "wcxb") for name, side in sides(results, wanted).items()}
    kinds = next((each["kinds"] for each in found.values() if each), {})
    head = ["", "all", *kinds, *(["precision", "recall"] if key == "f1" else [])]
    rows = []
    for name, each in found.items():
        if each:
            cells = [each["all"][key], *(each["kinds"][kind][key] for kind in kinds)]
            cells += [each["all"]["precision"], each["all"]["recall"]] if key == "f1" else []
            rows.append([_label(name), f"{cells[0]:.4f}", *(f"{cell:.3f}" for cell in cells[1:])])
    pages = next((each for each in found.values() if each), None)
    if pages:
        rows.append(["pages", str(pages["all"]["pages"]), *(str(pages["kinds"][kind]["pages"]) for kind in kinds)])
    width = len(head)
    return table(head, [[*row, *[""] * (width - len(row))] for row in rows])


def others(results: Results) -> str:
    """F1, precision and recall on the other sets with gold texts."""
    rows = []
    for name, side in sides(results).items():
        row = [_label(name)]
        for each in ("scrapinghub", "readability"):
            found = _of(side, each).get("all")
            row += [f"{found['f1']:.4f}", f"{found['precision']:.3f}", f"{found['recall']:.3f}"] if found else [""] * 3
        rows.append(row)
    return table(["", "scrapinghub F1", "precision", "recall", "readability F1", "precision", "recall"], rows)


def snippets(results: Results) -> str:
    """Of the pages of trafilatura's evaluation, snippets that should be there and that should not."""
    rows = []
    for name, side in sides(results).items():
        if found := _of(side, "trafilatura").get("all"):
            rows.append(
                [
                    _label(name),
                    f"{found['f1']:.3f}",
                    f"{found['found']} of {found['wanted']}",
                    f"{found['false']} of {found['unwanted']}",
                ]
            )
    return table(["trafilatura's pages", "F1 of snippets", "wanted found", "unwanted found"], rows)


def languages(results: Results) -> str:
    """F1 by language of the pages of all sets that have texts, and of snippets; languages with few pages together."""
    found = sides(results, COMPARED)
    rows = _language_rows(found, ("wcxb", "scrapinghub", "readability"), "texts")
    return table(
        ["language", "gold", "pages", *(f"{name}" for name in found)],
        [*rows, *_language_rows(found, ("trafilatura",), "snippets")],
    )


def _language_rows(found: dict[str, Any], sets: Sequence[str], what: str) -> list[list[str]]:
    if not all(_of(side, name) for side in found.values() for name in sets):
        return []
    names = sorted({language for side in found.values() for name in sets for language in _of(side, name)["languages"]})
    count = {language: _pages(next(iter(found.values())), sets, language) for language in names}
    shown = [language for language in names if count[language] >= LEAST_PAGES]
    rest = [language for language in names if language not in shown]
    groups = [*((language, [language]) for language in shown), *([("others", rest)] if rest else [])]
    return [
        [name, what, str(sum(count[each] for each in group)), *(f"{_mean(side, sets, group):.3f}" for side in found.values())]
        for name, group in groups
    ]


def _pages(side: dict[str, Any], sets: Sequence[str], language: str) -> int:
    return sum(_of(side, name)["languages"].get(language, {}).get("pages", 0) for name in sets)


def _mean(side: dict[str, Any], sets: Sequence[str], group: Sequence[str]) -> float:
    """Mean over pages; of snippets over all of them."""
    rows = [_of(side, name)["languages"].get(language) for name in sets for language in group]
    known = [row for row in rows if row]
    if known and "found" in known[0]:
        hits, misses, false = (sum(row[key] for row in known) for key in ("found", "wanted", "false"))
        return 2 * hits / (hits + misses + false)
    return sum(row["f1"] * row["pages"] for row in known) / max(1, sum(row["pages"] for row in known))


def speed(results: Results) -> str:
    """MB/s and pages a second of each sample, and how many times slower than forge."""
    samples = dict(sorted(results.get("speed", {}).get("samples", {}).items()))
    if not samples:
        return ""
    head = [""]
    for name, figures in samples.items():
        each = figures["forge"]
        head += [f"{name}, {each['pages']} pages, {each['bytes'] / 1e6:.0f} MB: MB/s", "least to most", "times slower"]
    return table(head, [_speed_row(name, samples) for name in CONTESTANTS if any(name in each for each in samples.values())])


def _speed_row(name: str, samples: dict[str, Any]) -> list[str]:
    row = [_label(name)]
    for figures in samples.values():
        each = figures.get(name)
        if each:
            fast, slow = (each["bytes"] / each[key] / 1e6 for key in ("least", "most"))
            ratio = each["seconds"] / figures["forge"]["seconds"]
            row += [f"{each['bytes'] / each['seconds'] / 1e6:.1f}", f"{slow:.1f} to {fast:.1f}", f"{ratio:.1f}"]
        else:
            row += [""] * 3
    return row


def points(results: Results) -> dict[str, tuple[float, float]]:
    """(MB/s, F1) on WCXB of every side that has both."""
    timed = results.get("speed", {}).get("samples", {}).get("WCXB", {})
    found = {name: (timed.get(name), _of(side, "wcxb").get("all")) for name, side in sides(results).items()}
    known = {name: (t["bytes"] / t["seconds"] / 1e6, each["f1"]) for name, (t, each) in found.items() if t and each}
    by_default = [row["f1"] for row in results.get("cascade", {}).get("wcxb", []) if row["unsure"] == BY_DEFAULT]
    if "cascade" in timed and by_default:
        known["cascade"] = timed["cascade"]["bytes"] / timed["cascade"]["seconds"] / 1e6, by_default[0]
    return known


def cascade(results: Results) -> str:
    """F1 and time a page of the cascade's settings."""
    rows = results.get("cascade", {})
    if not rows:
        return ""
    times = _times(results)
    head = ["unsure"]
    for name in rows:
        head += [f"{SET_NAMES[name]} F1", "pages asked for", "taken"]
    lines = []
    for number, setting in enumerate(next(iter(rows.values()))):
        line = ["trafilatura alone" if setting["unsure"] is None else f"{setting['unsure']:.2f}"]
        for each in rows.values():
            row = each[number]
            line += [f"{row['f1']:.4f}", f"{100 * row['asked']:.0f}%", f"{100 * row['taken']:.0f}%"]
        if times:
            share = rows["wcxb"][number]["asked"]
            milliseconds = times[1] if setting["unsure"] is None else times[0] + share * times[1]
            line.append(f"{milliseconds:.1f}")
        lines.append(line)
    return table([*head, *(["ms a page of WCXB"] if times else [])], lines)


def _times(results: Results) -> tuple[float, float] | None:
    """Milliseconds a page of WCXB of forge and of the slow engine."""
    timed = results.get("speed", {}).get("samples", {}).get("WCXB", {})
    if "forge" not in timed or "trafilatura" not in timed:
        return None
    return tuple(1000 * timed[name]["seconds"] / timed[name]["pages"] for name in ("forge", "trafilatura"))  # type: ignore[return-value]


def metadata(results: Results) -> str:
    """Titles, authors and days against what WCXB's annotators noted."""
    rows = [
        [
            f"{side}: {column}",
            str(row["gold"]),
            str(row["found"]),
            str(row["same"]),
            f"{row['same'] / row['gold']:.3f}",
            f"{row['same'] / max(1, row['found']):.3f}",
        ]
        for side, columns in results.get("metadata", {}).items()
        for column, row in columns.items()
    ]
    return table(["", "noted", "of them said", "the same", "of noted", "of said"], rows)

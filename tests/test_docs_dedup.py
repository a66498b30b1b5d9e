"""The table of presets in docs/dedup.md is drawn from the presets. CORPUS_FORGE_DRAW=1 draws it anew."""

from __future__ import annotations

import os
from pathlib import Path

from corpus_forge.dedup.lsh import PRESETS, catch_probability, middle

PAGE = Path(__file__).parent.parent / "docs" / "dedup.md"
AT = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)


def table() -> str:
    lines = [
        "| preset | shingles | normalize | bands × rows | half at | " + " | ".join(map(str, AT)) + " |",
        "|---|---|---|---|---|" + "---|" * len(AT),
    ]
    for name, preset in sorted(PRESETS.items()):
        caught = (f"{catch_probability(similarity, preset.bands, preset.rows):.3f}" for similarity in AT)
        what = f"{preset.ngram} {preset.unit} | {', '.join(preset.normalize) or 'none'} | {preset.bands} × {preset.rows}"
        lines.append(f"| `{name}` | {what} | {middle(preset.bands, preset.rows):.3f} | {' | '.join(caught)} |")
    return "\n".join(lines)


def test_the_table_of_presets_is_that_of_the_code():
    before, rest = PAGE.read_text("utf-8").split("draws this table) -->\n")
    shown, after = rest.split("<!-- presets: end")
    if os.environ.get("CORPUS_FORGE_DRAW"):
        PAGE.write_text(f"{before}draws this table) -->\n\n{table()}\n\n<!-- presets: end{after}", "utf-8")
        return
    assert shown.strip() == table()

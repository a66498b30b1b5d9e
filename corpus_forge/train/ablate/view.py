"""An ablation for people: the matrix and the verdicts as text, the macro means with their seeds as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

WIDTH, ROW, LEFT, RIGHT, TOP = 720, 34, 180, 40, 40


def as_text(made: Mapping[str, Any]) -> str:
    """The matrix of bits a byte, then one line a comparison."""
    table = made["bits_per_byte"]
    columns = list(next(iter(table.values())))
    width = max(len(name) for name in [*table, "bits/byte"])
    lines = ["bits/byte".ljust(width) + "".join(f"  {name:>10}" for name in columns)]
    lines += [name.ljust(width) + "".join(f"  {row[column]:>10.4f}" for column in columns) for name, row in table.items()]
    for each in made["comparisons"]:
        seeds = "" if each["seed_deviation"] is None else f", seeds differ by {each['seed_deviation']:.4f}"
        interval = f"{each['difference']:+.4f} [{each['low']:+.4f}, {each['high']:+.4f}]{seeds}"
        lines.append(f"{each['first']} - {each['second']}: {interval}: {each['verdict']}")
    return "\n".join(lines)


def as_svg(made: Mapping[str, Any], title: str) -> str:
    """A row a candidate: a dot for each seed, a bar at the mean; left is better."""
    macros: Mapping[str, list[float]] = made["macro_by_seed"]
    values = [value for seeds in macros.values() for value in seeds]
    low, high = min(values), max(values)
    margin = (high - low) * 0.1 or 0.01
    height = TOP + ROW * len(macros) + 40
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">'
    parts = [head, '<rect width="100%" height="100%" fill="white"/>', _text(WIDTH / 2, 18, title, "middle")]

    def place(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low + margin) / (high - low + 2 * margin)

    for number, (name, seeds) in enumerate(sorted(macros.items(), key=lambda each: sum(each[1]) / len(each[1]))):
        y, mean = TOP + ROW * (number + 0.5), sum(seeds) / len(seeds)
        parts.append(_text(LEFT - 10, y + 4, name, "end"))
        parts.append(f'<path d="M{LEFT},{y}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts += [f'<circle cx="{place(value):.1f}" cy="{y}" r="4" fill="#1f77b4" fill-opacity="0.6"/>' for value in seeds]
        parts.append(f'<path d="M{place(mean):.1f},{y - 10}v20" stroke="black" stroke-width="2"/>')
    bottom = TOP + ROW * len(macros) + 16
    parts += [_text(place(value), bottom, f"{value:.4f}", "middle") for value in (low, high)]
    parts.append(
        _text((LEFT + WIDTH - RIGHT) / 2, bottom + 18, "bits a byte, mean over held-out sources; left is better", "middle")
    )
    return "\n".join([*parts, "</svg>", ""])


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'

"""Curves of a run as one SVG file: loss, and nats a token of each held-out source, over tokens read; needs no library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 800, 450, 60, 20, 20, 40
COLOURS = ("#1b6ca8", "#d1495b", "#2a9d4b", "#e09f3e", "#6a4c93", "#5f6b6d")
Curve = tuple[str, list[tuple[float, float]]]


def curves(lines: Sequence[dict[str, Any]]) -> list[Curve]:
    """The curves in lines of metrics.jsonl: (name, points), points (tokens, nats). Lines without a number are passed over."""
    found: dict[str, list[tuple[float, float]]] = {"training loss": []}
    tokens_per_row = next((line["tokens"] / line["rows"] for line in lines if "tokens" in line), 1.0)
    for line in lines:
        if line.get("loss") is not None:
            found["training loss"].append((float(line["tokens"]), float(line["loss"])))
        for name, score in line.get("eval", {}).items():
            found.setdefault(f"held out: {name}", []).append((line["rows"] * tokens_per_row, float(score["nats_per_token"])))
    return [(name, points) for name, points in found.items() if points]


def draw(lines: Sequence[dict[str, Any]], title: str) -> str:
    """An SVG picture of `curves(lines)`; an empty frame when there is nothing to draw."""
    drawn = curves(lines)
    points = [point for _, curve in drawn for point in curve]
    most = max((x for x, _ in points), default=1.0) or 1.0
    low, high = _around([y for _, y in points])
    parts = [_text(WIDTH / 2, TOP - 5, title, "middle"), *_axes(most, low, high)]
    for number, (name, curve) in enumerate(drawn):
        colour = COLOURS[number % len(COLOURS)]
        places = " ".join(f"{_x(x, most):.1f},{_y(y, low, high):.1f}" for x, y in curve)
        parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(_text(WIDTH - RIGHT - 5, TOP + 18 + 16 * number, name, "end", colour))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])


def _axes(most: float, low: float, high: float) -> list[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [f'<path d="M{LEFT},{TOP}V{bottom}H{right}" fill="none" stroke="black"/>']
    for part in range(5):
        value, tokens = low + (high - low) * part / 4, most * part / 4
        height, place = _y(value, low, high), _x(tokens, most)
        parts.append(f'<path d="M{LEFT},{height:.1f}H{right}" stroke="#dddddd"/>')
        parts.append(_text(LEFT - 6, height + 4, f"{value:.2f}", "end"))
        parts.append(_text(place, bottom + 16, _count(tokens), "middle"))
    parts.append(_text((LEFT + right) / 2, HEIGHT - 6, "tokens", "middle"))
    parts.append(_text(LEFT + 6, TOP + 12, "nats a token", "start"))
    return parts


def _around(values: list[float]) -> tuple[float, float]:
    """Limits that hold all values, and are apart."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    margin = (high - low) * 0.05 or 0.5
    return low - margin, high + margin


def _x(tokens: float, most: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * tokens / most


def _y(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)


def _count(number: float) -> str:
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"


def _text(x: float, y: float, text: str, anchor: str, colour: str = "black") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'

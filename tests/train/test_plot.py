"""Curves of a run: every logged number is at its place, and the file is XML whatever a source is called."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.train.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, curves, draw

SVG = "{http://www.w3.org/2000/svg}"


def line(step: int, loss: float | None) -> dict:
    return {"step": step, "rows": step * 4, "tokens": step * 512, "loss": loss}


def score(step: int, nats: float, name: str = "web") -> dict:
    return {"step": step, "rows": step * 4, "eval": {name: {"nats_per_token": nats}}}


def test_curves_are_the_numbers_of_the_lines() -> None:
    lines = [line(1, 5.0), line(2, None), score(2, 4.5), line(3, 4.0), score(3, 4.25)]
    assert curves(lines) == [("training loss", [(512, 5.0), (1536, 4.0)]), ("held out: web", [(1024, 4.5), (1536, 4.25)])]


def test_points_lie_where_the_axes_say() -> None:
    root = ET.fromstring(draw([line(1, 5.0), line(2, 3.0)], "a run"))
    (curve,) = root.iter(f"{SVG}polyline")
    (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in curve.get("points", "").split())
    assert x1 == (LEFT + WIDTH - RIGHT) / 2
    assert x2 == WIDTH - RIGHT
    inside = HEIGHT - TOP - BOTTOM
    assert abs((y2 - y1) - inside / 1.1) < 0.2
    labels = [each.text for each in root.iter(f"{SVG}text")]
    assert labels[0] == "a run"
    assert "training loss" in labels


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6), max_size=5), st.text(min_size=1)
)
def test_any_numbers_and_names_give_a_picture(values, name) -> None:
    name = "".join(letter for letter in name if letter.isprintable())
    lines = [line(step + 1, value) for step, value in enumerate(values)] + [score(9, value, name) for value in values]
    root = ET.fromstring(draw(lines, name))
    for curve in root.iter(f"{SVG}polyline"):
        for point in curve.get("points", "").split():
            x, y = map(float, point.split(","))
            assert LEFT <= x <= WIDTH - RIGHT + 0.1
            assert TOP - 0.1 <= y <= HEIGHT - BOTTOM + 0.1

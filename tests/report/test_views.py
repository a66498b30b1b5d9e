"""Views of documents, plans and problems."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console, RenderableType

from corpus_forge.config import Problem
from corpus_forge.mixture.portions import Part, plan_mixture
from corpus_forge.report.views import explain_view, names_view, number, plan_view, problems_view, removed_view, status_view


def printed(view: RenderableType) -> str:
    stream = io.StringIO()
    Console(file=stream, width=140, markup=False, emoji=False).print(view)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_removed_documents_show_rule_value_origin_and_text() -> None:
    row = {
        "id": 7,
        "rule": "gopher.words",
        "value": 12.0,
        "detail": "",
        "url": "http://a/\x1b[1m",
        "origin": "a#1+2",
        "text": "a\nb\u202e",
    }
    assert printed(removed_view([row])) == "7  gopher.words = 12\n    http://a/[1m\n    a#1+2\n    a b"
    other = {"id": 8, "rule": "language.keep", "value": 0.98765432, "detail": "de", "url": None, "origin": "", "text": None}
    assert printed(removed_view([other])) == "8  language.keep = 0.987654 de"
    assert printed(removed_view([])) == "No removed document matches."


def test_the_life_of_a_document() -> None:
    life: dict[str, Any] = {
        "id": 7,
        "outcome": "kept",
        "url": "http://a/",
        "origin": "a.warc#10+20",
        "verdicts": [
            {"step": "read", "verdict": "passed", "rule": None, "value": None, "detail": None},
            {"step": "filter", "verdict": "passed", "rule": None, "value": {"word_count": 1200, "mean": 4.5, "language": "en"}},
        ],
        "tokens": [{"shard": "shard-00000.arrow", "row": 3, "start": 0, "stop": 17}],
        "others": [9, 11],
    }
    lines = printed(explain_view(life)).splitlines()
    assert lines[:4] == ["id: 7", "outcome: kept", "url: http://a/", "origin: a.warc#10+20"]
    assert next(line.split(maxsplit=2) for line in lines if "filter" in line)[2] == "word_count 1,200, mean 4.5, language en"
    assert lines[-2:] == ["    shard-00000.arrow row 3: [0, 17)", "other documents of this URL: 9, 11"]
    life.update(tokens=[], others=[])
    assert printed(explain_view(life)).splitlines()[-1] == "tokens: none"


def test_a_plan_says_what_runs_and_why() -> None:
    stages = [
        SimpleNamespace(name="map", steps=("read", "filter"), tasks=8, reused=6, to_run=2, reason="changed: steps[0].keep"),
        SimpleNamespace(
            name="encode", steps=("tokenize",), tasks=None, reused=0, to_run=None, reason="known once 'map' is done"
        ),
    ]
    executor = {"executor": "inline", "executor_reason": "8 shards are few"}
    parts = [Part("edu", 52_000, weight=1, basis="at most"), Part("wiki", 3_100_000_000, epochs=5, basis="estimated")]
    plan = SimpleNamespace(
        stages=stages,
        shards=8,
        bytes=3_000_000,
        remarks=("dedup: 14 bands",),
        mixture=plan_mixture(parts, 20_000_000_000),
        **executor,
    )
    lines = [line.split() for line in printed(plan_view(plan)).splitlines()]
    assert ["map", "read", "→", "filter", "8", "6", "2", "changed:", "steps[0].keep"] in lines
    assert ["encode", "tokenize", "?", "0", "?", "known", "once", "'map'", "is", "done"] in lines
    assert ["edu", "≤", "52K", "4.5B", "86538.46", "22.5%"] in lines
    assert ["wiki", "~3.1B", "15.5B", "5.00", "77.5%"] in lines
    assert ["mix:", "'wiki'", "is", "read", "5.0", "times;", "beyond", "4", "repeats", "add", "little"] in lines
    assert lines[-3] == ["dedup:", "14", "bands"]
    assert lines[-2:] == [["input:", "8", "shards,", "3.0", "MB"], ["executor:", "inline", "(8", "shards", "are", "few)"]]


def test_status_shows_facts_and_tables() -> None:
    status = {
        "name": "tiny",
        "workers": 4,
        "finished": None,
        "totals": {"kept": 1200},
        "stages": [{"name": "map", "steps": ["read", "filter"], "tasks": 3}],
        "failed_shards": [],
    }
    text = printed(status_view(status))
    assert text.splitlines()[:3] == ["name: tiny", "workers: 4", "totals: kept 1,200"]
    assert ["map", "read,", "filter", "3"] in [line.split() for line in text.splitlines()]
    assert "finished" not in text


def test_problems_are_lines() -> None:
    problems = [Problem("steps[0].x", "is odd."), Problem("sources[0]", "is\x07 empty.", "warning")]
    assert printed(problems_view(problems)) == "error: steps[0].x: is odd.\nwarning: sources[0]: is empty."
    assert printed(problems_view([])) == "no problems"


def test_names_are_a_table() -> None:
    lines = [line.split() for line in printed(names_view(("name", "what"), [("a", "is first")])).splitlines()]
    assert ["name", "what"] in lines
    assert ["a", "is", "first"] in lines


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (12.0, "12"), (100000, "100,000"), (0.123456789, "0.123457"), (float("nan"), "nan")]
)
def test_numbers(value: Any, shown: str) -> None:
    assert number(value) == shown

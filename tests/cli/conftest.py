"""The program called in this process, over a pipeline and a run that only note what was asked of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pyarrow as pa
import pytest

import corpus_forge.pipeline
from corpus_forge.cli import main
from corpus_forge.document import REMOVED_SCHEMA


class Result(SimpleNamespace):
    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Any:
    """Call the program in this process; its exit code, stdout and stderr."""

    def call(*arguments: object) -> Result:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(code=ended.value.code or 0, out=captured.out, err=captured.err)

    return call


class FakeRun:
    """A run that was made, and the calls it got."""

    report: ClassVar[dict[str, Any]] = {
        "name": "tiny",
        "status": "complete",
        "funnel": [],
        "totals": {"records_in": 1, "kept": 1, "removed": 0, "quarantined": 0},
        "accounts": {"balance": True, "findings": []},
        "throughput": {"seconds": 0.0, "documents_per_second": 0.0},
        "failed_shards": [],
    }
    calls: ClassVar[list[Any]] = []

    @classmethod
    def open(cls, path: Path) -> FakeRun:
        cls.calls.append(("open", str(path)))
        return cls()

    def status(self) -> dict[str, Any]:
        return {"name": "tiny", "status": "running"}

    def write_report(self) -> None:
        self.calls.append("write_report")

    def clean(self) -> dict[str, int]:
        return {"bytes": 1_500_000, "files": 12}

    def removed(self, rule: str | None, limit: int | None) -> pa.Table:
        self.calls.append((rule, limit))
        row = dict.fromkeys(REMOVED_SCHEMA.names) | {
            "id": 7,
            "rule": "gopher.words",
            "value": 12.0,
            "text": "short \x1b[2J page",
        }
        return pa.Table.from_pylist([row], schema=REMOVED_SCHEMA)

    def explain(self, **which: Any) -> dict[str, Any]:
        self.calls.append(which)
        return {"id": 7, "origin": "a.warc#0+9", "verdicts": [], "tokens": []}


class FakePipeline:
    """A pipeline that notes what it was asked, and answers or raises what a test puts in; `Run` is the class of its runs."""

    Run: ClassVar = FakeRun
    config = SimpleNamespace(name="tiny", training=None)
    asked: ClassVar[dict[str, Any]] = {}
    answer: Any = None

    @classmethod
    def from_yaml(cls, path: str, overrides: Any = (), plugins: Any = ()) -> FakePipeline:
        cls.asked = {"path": path, "overrides": overrides, "plugins": plugins}
        return cls()

    def default_output(self) -> Path:
        return Path("runs/tiny")

    def _answer(self, **flags: Any) -> Any:
        FakePipeline.asked |= flags
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def run(self, output: Path, **flags: Any) -> Any:
        return self._answer(output=output, **flags)

    def plan(self, output: Path | None, **flags: Any) -> Any:
        return self._answer(output=output, **flags)

    def check(self, **flags: Any) -> Any:
        return self._answer(**flags)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakePipeline]:
    monkeypatch.setattr(corpus_forge.pipeline, "Pipeline", FakePipeline)
    monkeypatch.setattr(corpus_forge.pipeline, "Run", FakeRun)
    monkeypatch.setattr(FakePipeline, "answer", FakeRun())
    monkeypatch.setattr(FakePipeline, "asked", {})
    monkeypatch.setattr(FakeRun, "calls", [])
    return FakePipeline

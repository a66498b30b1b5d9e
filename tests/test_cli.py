"""The command line: verbs, help that teaches, errors as sentences, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import corpus_forge.pipeline
from corpus_forge.cli import main
from corpus_forge.cli.app import app
from corpus_forge.config import Problem
from corpus_forge.document import REMOVED_SCHEMA
from corpus_forge.errors import ConfigError, Interrupted, RunError

ROOT = Path(__file__).parent.parent
VERBS = ("run", "check", "plan", "status", "report", "clean", "removed", "explain", "list", "schema", "init")


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
    """A pipeline that notes what it was asked, and answers or raises what a test puts in."""

    config = SimpleNamespace(name="tiny")
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


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_each_verb_has_an_example(verb: str) -> None:
    result = CliRunner().invoke(app, [verb, "--help"])
    assert result.exit_code == 0
    assert "Examples:\n    " in result.output
    assert f"corpus-forge {verb}" in result.output.split("Examples:")[1]


def test_help_lists_the_verbs_in_order_and_the_exit_codes() -> None:
    output = CliRunner().invoke(app, ["--help"]).output
    lines = output.split("Commands:\n")[1].splitlines()[: len(VERBS)]
    assert [line.split()[0] for line in lines] == list(VERBS)
    assert not [line for line in lines if line.endswith("...")], "a summary is cut"
    assert "Exit codes: 0 done, 1 failed, 2 the request is wrong, 3 done but some shards failed, 130 interrupted." in output


def test_run_passes_every_flag(cli: Any, fake: type[FakePipeline]) -> None:
    flags = "--executor ray --workers 3 --address head:6379 --limit 9 --max-failed-shards 2 --max-quarantine 0.5 --allow-http"
    result = cli("run", "my.yaml", "-o", "out", *flags.split(), "--set", "a.b=1", "--set", "c=[x, y]", "--plugin", "p.py")
    asked = dict(fake.asked)
    assert asked.pop("observer") is not None
    assert asked == {
        "path": "my.yaml",
        "overrides": ("a.b=1", "c=[x, y]"),
        "plugins": ("p.py",),
        "output": "out",
        "executor": "ray",
        "workers": 3,
        "address": "head:6379",
        "limit": 9,
        "max_failed_shards": 2,
        "max_quarantine": 0.5,
        "allow_http": True,
    }
    assert result.code == 0
    assert "1 records in = 1 kept + 0 removed + 0 quarantined" in result.out
    assert "written to out" in result.out


def test_run_writes_below_runs_by_default(cli: Any, fake: type[FakePipeline]) -> None:
    assert cli("run", "my.yaml").code == 0
    assert fake.asked["output"] == Path("runs/tiny")


def test_an_object_store_as_output_arrives_as_it_was_written(cli: Any, fake: type[FakePipeline]) -> None:
    cli("run", "my.yaml", "-o", "s3://bucket/run")
    assert fake.asked["output"] == "s3://bucket/run"


def test_failed_shards_are_exit_code_3(cli: Any, fake: type[FakePipeline], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRun, "report", {**FakeRun.report, "failed_shards": [{"shard": "x"}]})
    assert cli("run", "my.yaml").code == 3


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (RunError("disk is full on /x"), 1, "corpus-forge: disk is full on /x\n"),
        (ConfigError("steps[0].filter", "is wrong.", "Do this."), 2, "corpus-forge: steps[0].filter: is wrong. Do this.\n"),
        (Interrupted("stopped; run it again"), 130, "corpus-forge: stopped; run it again\n"),
        (RunError("evil \x1b[2J name\nsecond line"), 1, "corpus-forge: evil [2J name\nsecond line\n"),
    ],
)
def test_errors_are_a_message_and_an_exit_code(cli: Any, fake: type[FakePipeline], error: Any, code: int, says: str) -> None:
    fake.answer = error
    result = cli("run", "my.yaml")
    assert (result.code, result.out) == (code, "")
    assert result.err == says


def test_an_unexpected_error_is_short_and_debug_shows_where(cli: Any, fake: type[FakePipeline]) -> None:
    fake.answer = ZeroDivisionError("division by zero")
    result = cli("run", "my.yaml")
    assert result.code == 1
    assert result.err.splitlines() == [
        "corpus-forge: unexpected ZeroDivisionError: division by zero",
        "This is a bug. The same command with --debug shows where it happened.",
    ]
    for arguments in (("--debug", "run", "my.yaml"), ("run", "my.yaml", "--debug")):
        result = cli(*arguments)
        assert result.code == 1
        assert "Traceback (most recent call last)" in result.err
        assert "in _answer" in result.err


def test_control_c_is_130(cli: Any, fake: type[FakePipeline]) -> None:
    fake.answer = KeyboardInterrupt()
    assert cli("run", "my.yaml").code == 130


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "my.yaml", "--workers", "0"],
        ["run", "my.yaml", "--workers", "many"],
        ["run", "my.yaml", "--executor", "spark"],
        ["run", "my.yaml", "--max-quarantine", "1.5"],
        ["run", "my.yaml", "--unknown"],
        ["explain", "run"],
        ["explain", "run", "--id", "1", "--url", "http://a/"],
        ["removed", "run", "-n", "0"],
        ["list", "everything"],
        ["fly"],
    ],
)
def test_wrong_usage_is_2(cli: Any, fake: type[FakePipeline], arguments: list[str]) -> None:
    result = cli(*arguments)
    assert result.code == 2
    assert "Error" in result.err
    assert "Traceback" not in result.err


def test_check_is_2_for_errors_and_0_for_warnings(cli: Any, fake: type[FakePipeline]) -> None:
    warning = Problem("sources[0]", "is empty.", "warning")
    fake.answer = [warning]
    result = cli("check", "my.yaml", "--allow-http", "--set", "a=1")
    assert (result.code, result.out) == (0, "warning: sources[0]: is empty.\n")
    assert (fake.asked["allow_http"], fake.asked["overrides"]) == (True, ("a=1",))
    fake.answer = [warning, Problem("steps[0]", "is odd.")]
    assert cli("check", "my.yaml").code == 2
    fake.answer = []
    assert cli("check", "my.yaml").out == "no problems\n"


def test_plan_prints_stages_and_why(cli: Any, fake: type[FakePipeline]) -> None:
    stage = SimpleNamespace(name="map", steps=("read",), tasks=8, reused=6, to_run=2, reason="2 new inputs")
    fake.answer = SimpleNamespace(stages=[stage], shards=8, bytes=10**9, executor="ray", executor_reason="it is large")
    result = cli("plan", "my.yaml", "-o", "out", "--workers", "2")
    assert result.code == 0
    assert ["map", "read", "8", "6", "2", "2", "new", "inputs"] in [line.split() for line in result.out.splitlines()]
    assert "executor: ray (it is large)" in result.out
    assert (fake.asked["output"], fake.asked["workers"], fake.asked["executor"]) == ("out", 2, "auto")


def test_verbs_on_a_run(cli: Any, fake: type[FakePipeline]) -> None:
    assert cli("status", "out").out == "name: tiny\nstatus: running\n"
    assert "1 records in" in cli("report", "out").out
    assert cli("clean", "out").out == "dropped 12 files, 1.5 MB\n"
    assert FakeRun.calls == [("open", "out"), ("open", "out"), "write_report", ("open", "out")]


def test_removed_prints_why_and_nothing_that_acts(cli: Any, fake: type[FakePipeline]) -> None:
    assert cli("removed", "out", "--rule", "gopher.words", "-n", "3").out == "7  gopher.words = 12\n    short [2J page\n"
    assert FakeRun.calls[-1] == ("gopher.words", 3)


def test_explain_asks_by_id_or_url(cli: Any, fake: type[FakePipeline]) -> None:
    assert "origin: a.warc#0+9" in cli("explain", "out", "--id", "7").out
    assert FakeRun.calls[-1] == {"id": 7, "url": None}
    assert cli("explain", "out", "--url", "http://a/").code == 0
    assert FakeRun.calls[-1] == {"id": None, "url": "http://a/"}


def test_lists(cli: Any) -> None:
    assert "engine*" in cli("list", "steps").out
    assert "warc" in cli("list", "sources").out
    assert "mean_word_length" in cli("list", "signals").out
    assert "gopher_quality@datatrove" in cli("list", "filters").out
    assert "quickstart" in cli("list", "pipelines").out


def test_own_steps_are_listed_and_in_the_schema(cli: Any, tmp_path: Path) -> None:
    plugin = tmp_path / "own.py"
    plugin.write_text(
        "from corpus_forge.steps.python import document_step\n\n\n"
        '@document_step("shout_for_cli_test")\n'
        "def shout(document: dict, *, loud: bool = True) -> dict:\n"
        '    """Make it loud."""\n'
        '    return {"text": document["text"].upper()}\n'
    )
    assert "shout_for_cli_test" in cli("list", "steps", "--plugin", plugin).out
    schema = json.loads(cli("schema", "--plugin", plugin).out)
    assert "loud" in schema["$defs"]["step-shout_for_cli_test"]["properties"]


def test_schema_is_json_on_stdout(cli: Any) -> None:
    result = cli("schema")
    assert json.loads(result.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert result.err == ""


def test_init_copies_once(cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = (ROOT / "pipelines/quickstart.yaml").read_text()
    assert cli("init").code == 0
    assert Path("quickstart.yaml").read_text() == shipped
    assert cli("init", "quickstart", "-o", "my.yaml").out == (
        "wrote my.yaml; next: corpus-forge check my.yaml, then corpus-forge run my.yaml\n"
    )
    Path("my.yaml").write_text("mine")
    result = cli("init", "quickstart", "-o", "my.yaml")
    assert (result.code, Path("my.yaml").read_text()) == (2, "mine")
    assert result.err == "corpus-forge: my.yaml exists already; nothing was written. Choose another name with -o.\n"
    assert cli("init", "quickstrat").err.startswith(
        "corpus-forge: no shipped pipeline is named 'quickstrat'. Did you mean 'quickstart'?"
    )


def _program(*arguments: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "from corpus_forge.cli import main; main()"
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_exit_codes_reach_the_shell(tmp_path: Path) -> None:
    wrong = tmp_path / "my.yaml"
    wrong.write_text("name: x\nsources: [{name: a, format: wrac, paths: [b]}]\n")
    assert _program("--version").stdout.startswith("corpus-forge ")
    result = _program("check", wrong)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(
        f"corpus-forge: {wrong}: sources[0].format: no source format is named \"wrac\". Did you mean 'warc'?"
    )
    assert _program("run", tmp_path / "none.yaml").returncode == 2
    assert _program("status", tmp_path).returncode == 2
    assert "Traceback" not in result.stderr


def test_a_run_from_the_shell_and_all_that_can_be_asked_of_it(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*arguments: str) -> str:
        result = cli(*arguments)
        assert (result.code, result.err) == (0, "")
        return result.out

    monkeypatch.chdir(tmp_path)
    assert ask("check", "quickstart") == "no problems\n"
    flags = ("--limit", "40", "--executor", "inline", "--set", "language.keep=[en, de]")
    ran = _program("run", "quickstart", "-o", "out", *flags, cwd=tmp_path)
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), ran.stderr
    assert "40 records in = " in ran.stdout
    assert "written to out" in ran.stdout
    assert (tmp_path / "out/tokens/index.json").is_file()
    assert "status: complete" in ask("status", "out")
    assert ask("report", "out").splitlines()[0].startswith("quickstart · complete")
    assert "origin: " in ask("explain", "out", "--id", "0")
    assert " = " in ask("removed", "out", "-n", "1")
    assert ask("clean", "out").startswith("dropped ")
    assert not (tmp_path / "out/work/data").exists()


def test_interrupt_of_the_process_is_130(tmp_path: Path) -> None:
    code = (
        "import corpus_forge.steps as steps, time, sys\n"
        "from corpus_forge.cli import main\n"
        "def wait(plugins):\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "steps.load_names = wait\n"
        "main(['schema'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom corpus_forge.cli.app import app\n"
        "heavy = {'ray', 'torch', 'numba', 'trafilatura', 'gigatoken', 'tokenizers', 'awkward'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")

"""Verbs: help that teaches, flags that arrive, errors as sentences, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from corpus_forge.cli.app import app
from corpus_forge.config import Problem
from corpus_forge.errors import ConfigError, Interrupted, RunError

ROOT = Path(__file__).parents[2]
VERBS = (
    "run",
    "check",
    "plan",
    "status",
    "report",
    "verify",
    "clean",
    "removed",
    "explain",
    "whatif",
    "list",
    "schema",
    "init",
    "warmup",
    "train",
    "generate",
    "ablate",
    "export",
    "import",
    "locate",
    "redact-tokens",
    "tokenizer",
)


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


def test_run_passes_every_flag(cli: Any, fake: Any) -> None:
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


def test_run_writes_below_runs_by_default(cli: Any, fake: Any) -> None:
    assert cli("run", "my.yaml").code == 0
    assert fake.asked["output"] == Path("runs/tiny")


def test_an_object_store_as_output_arrives_as_it_was_written(cli: Any, fake: Any) -> None:
    cli("run", "my.yaml", "-o", "s3://bucket/run")
    assert fake.asked["output"] == "s3://bucket/run"


def test_failed_shards_are_exit_code_3(cli: Any, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake.Run, "report", {**fake.Run.report, "failed_shards": [{"shard": "x"}]})
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
def test_errors_are_a_message_and_an_exit_code(cli: Any, fake: Any, error: Any, code: int, says: str) -> None:
    fake.answer = error
    result = cli("run", "my.yaml")
    assert (result.code, result.out) == (code, "")
    assert result.err == says


def test_an_unexpected_error_is_short_and_debug_shows_where(cli: Any, fake: Any) -> None:
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


def test_control_c_is_130(cli: Any, fake: Any) -> None:
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
def test_wrong_usage_is_2(cli: Any, fake: Any, arguments: list[str]) -> None:
    result = cli(*arguments)
    assert result.code == 2
    assert "Error" in result.err
    assert "Traceback" not in result.err


def test_check_is_2_for_errors_and_0_for_warnings(cli: Any, fake: Any) -> None:
    warning = Problem("sources[0]", "is empty.", "warning")
    fake.answer = [warning]
    result = cli("check", "my.yaml", "--allow-http", "--set", "a=1")
    assert (result.code, result.out) == (0, "warning: sources[0]: is empty.\n")
    assert (fake.asked["allow_http"], fake.asked["overrides"]) == (True, ("a=1",))
    fake.answer = [warning, Problem("steps[0]", "is odd.")]
    assert cli("check", "my.yaml").code == 2
    fake.answer = []
    assert cli("check", "my.yaml").out == "no problems\n"


def test_check_reads_records_unless_told_not_to(cli: Any, fake: Any) -> None:
    cli("check", "my.yaml")
    assert fake.asked["read"] is True
    cli("check", "my.yaml", "--no-read")
    assert fake.asked["read"] is False


def test_plan_prints_stages_and_why(cli: Any, fake: Any) -> None:
    stage = SimpleNamespace(name="map", steps=("read",), tasks=8, reused=6, to_run=2, reason="2 new inputs")
    fake.answer = SimpleNamespace(
        stages=[stage], shards=8, bytes=10**9, executor="ray", executor_reason="it is large", remarks=(), mixture=None
    )
    result = cli("plan", "my.yaml", "-o", "out", "--workers", "2")
    assert result.code == 0
    assert ["map", "read", "8", "6", "2", "2", "new", "inputs"] in [line.split() for line in result.out.splitlines()]
    assert "executor: ray (it is large)" in result.out
    assert (fake.asked["output"], fake.asked["workers"], fake.asked["executor"]) == ("out", 2, "auto")


def test_verbs_on_a_run(cli: Any, fake: Any) -> None:
    assert cli("status", "out").out == "name: tiny\nstatus: running\n"
    assert "1 records in" in cli("report", "out").out
    assert cli("clean", "out").out == "dropped 12 files, 1.5 MB\n"
    assert fake.Run.calls == [("open", "out"), ("open", "out"), "write_report", ("open", "out")]


def test_removed_prints_why_and_nothing_that_acts(cli: Any, fake: Any) -> None:
    assert cli("removed", "out", "--rule", "gopher.words", "-n", "3").out == "7  gopher.words = 12\n    short [2J page\n"
    assert fake.Run.calls[-1] == ("gopher.words", 3)


def test_explain_asks_by_id_or_url(cli: Any, fake: Any) -> None:
    assert "origin: a.warc#0+9" in cli("explain", "out", "--id", "7").out
    assert fake.Run.calls[-1] == {"id": 7, "url": None}
    assert cli("explain", "out", "--url", "http://a/").code == 0
    assert fake.Run.calls[-1] == {"id": None, "url": "http://a/"}


def test_lists(cli: Any) -> None:
    assert "engine*" in cli("list", "steps").out
    sources = cli("list", "sources").out
    assert "warc" in sources
    assert "redpajama_v2" in sources
    assert "ODC-BY" in sources
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

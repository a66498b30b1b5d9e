"""The program as the shell starts it: exit codes, one run and every question about it, signals, a fast --help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


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
        "import corpus_forge.steps as steps, signal, time\n"
        "from corpus_forge.cli import main\n"
        # a shell that runs the suite in the background has its children ignore SIGINT
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
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

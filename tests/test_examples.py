"""Every example runs, from an empty working folder, and says what its docstring promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parent.parent / "examples"
SAYS = {
    "quickstart.py": ["language ", "removed by gopher_quality.", "rows of 1024 tokens"],
    "try_rules.py": ["languages: {'en':", "kept by gopher_quality:", "at least 0.85:"],
    "train.py": ["step  25  loss ", "it writes: 'The "],
    "own_step.py": ["documents, mean code_share 0.0", "removed: https://docs.python.org/"],
}


def test_every_script_has_its_test():
    assert {path.name for path in EXAMPLES.glob("*.py")} == SAYS.keys()


@pytest.mark.parametrize("name", SAYS)
def test_a_script_says_what_it_promises(name, tmp_path):
    if name == "train.py":
        pytest.importorskip("torch", reason="torch is not installed")
        pytest.importorskip("safetensors", reason="safetensors is not installed")
    command = [sys.executable, "-W", "error::UserWarning", str(EXAMPLES / name)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    for words in SAYS[name]:
        assert words in done.stdout


def test_own_steps_work_as_a_plugin_too(tmp_path):
    pipeline = {
        "name": "hosts",
        "sources": [{"name": "docs", "format": "warc", "paths": ["examples/data/docs.warc.gz"]}],
        "steps": [{"only_hosts": {"hosts": ["docs.python.org"]}}, {"extract": "resiliparse"}],
    }
    (tmp_path / "hosts.yaml").write_text(yaml.safe_dump(pipeline), "utf-8")
    command = [Path(sys.executable).with_name("corpus-forge"), "check", "hosts.yaml", "--plugin", EXAMPLES / "own_step.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("look_around", ["rows of 1024", "alphabetic_word_share at least 0.8:"]),
        ("train_and_sample", ["rows of 1024", "step  25  loss ", "loss from ", "temperature 0.8: 'The "]),
    ],
)
def test_a_notebook_runs_to_its_end(tmp_path, name, says):
    if name == "train_and_sample":
        pytest.importorskip("torch", reason="torch is not installed")
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs do not belong into the file"
    client = NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"})
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    for words in says:
        assert words in printed

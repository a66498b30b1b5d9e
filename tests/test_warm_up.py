"""Kernels are compiled once: `warmup` covers all that a run needs, says what it did, and runs say when they compile."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpus_forge.engine.compiling import Kernels, told
from corpus_forge.engine.observer import Observer
from corpus_forge.engine.stages import build_stages
from corpus_forge.errors import RequestError, RunError
from corpus_forge.pipeline import Pipeline
from corpus_forge.warm_up import WARM_UPS, warm_up, warm_up_apart

PACKAGE = Path(__file__).parent.parent / "corpus_forge"
EVERY_KERNEL = """
import json, sys
from corpus_forge.warm_up import WARM_UPS, warm_up
for name in WARM_UPS:
    warm_up(name)
from numba.core import event
compiled = []
class Watch(event.Listener):
    def on_start(self, event): compiled.append(event.data["dispatcher"].py_func.__qualname__ + str(event.data["args"]))
    def on_end(self, event): pass
event.register("numba:compile", Watch())
from corpus_forge import Pipeline
Pipeline.from_dict(json.loads(sys.argv[1])).run(sys.argv[2], executor="inline")
print(json.dumps(compiled))
"""


def pipeline(corpus: Path, *steps: object, packing: str = "best_fit") -> dict[str, object]:
    source = {"name": "docs", "format": "jsonl", "paths": [str(corpus / "*.jsonl")]}
    tokens = {"train": {"vocab_size": 1024}, "seq_len": 128, "packing": packing}
    return {"name": "warm", "sources": [source], "steps": list(steps), "tokenize": tokens}


def test_after_warming_up_a_run_compiles_nothing(corpus, tmp_path):
    items = tmp_path / "items.jsonl"
    items.write_text(
        json.dumps({"text": "words that no document of this corpus has in this order at all, however long"}) + "\n"
    )
    wide = {"word_count": [0, None], "mean_word_length": [0, None], "stop_word_count": [0, None]}
    steps = [
        *({"filter": name} for name in ("fineweb@paper", "gopher_quality@dolma", "gopher_repetition@dclm")),
        *({"filter": name} for name in ("redpajama_v2", "madlad400", "refinedweb@dclm")),
        {"filter": {"rules": "c4", "set": {"sentence_count": [0, None], "line_ends_sentence": [0, None]}}},
        {"filter": {"rules": "gopher_quality", "set": wide, "words": "uax29"}},
        *({"dedup": method} for method in ("exact", "minhash", "line", "paragraph", "substring", "bloom")),
        {"dedup": {"method": "minhash", "verify": 0.7, "verify_by": "jaccard"}},
        {"decontaminate": {"sets": [{"name": "some", "paths": [str(items)]}]}},
    ]
    given = [json.dumps(pipeline(corpus, *steps)), str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-c", EVERY_KERNEL, *given], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_every_package_with_kernels_is_warmed_up():
    """A file that asks numba to keep machine code lies in a package whose warm-up is known."""
    users = {path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py") if "@kernel" in path.read_text("utf-8")}
    assert users == {module.split(".")[1] for module in WARM_UPS.values()}


def test_what_is_ready_is_not_compiled_again():
    warm_up("tokens")
    said: list[str] = []
    again = warm_up("tokens", lambda: said.append("compiling"))
    assert (again.name, again.compiled, said) == ("tokens", 0, [])
    assert again.seconds < 60


def test_compiling_is_counted_and_told(monkeypatch, tmp_path):
    (tmp_path / "two_kernels.py").write_text(
        "from numba import njit\n"
        "@njit\ndef inner(x): return x + 1\n"
        "@njit\ndef outer(x): return inner(x)\n"
        "@njit\ndef other(x): return x\n"
        "def warm_up(): outer(1); other(1)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(WARM_UPS, "two", "two_kernels")
    said: list[str] = []
    assert warm_up("two", lambda: said.append("compiling"))[:2] == ("two", 2)
    assert said == ["compiling"]


def test_unknown_kernels_are_refused_before_anything_starts():
    for refused in (lambda: warm_up("txt"), lambda: list(warm_up_apart(["tokens", "txt"], 2))):
        with pytest.raises(RequestError, match=r"no kernels are named 'txt'\. Did you mean 'text'"):
            refused()


def test_a_child_that_fails_says_why(monkeypatch):
    monkeypatch.setitem(WARM_UPS, "absent", "corpus_forge.absent")  # the child does not know it
    with pytest.raises(RunError, match="kernels of absent: they do not compile"):
        list(warm_up_apart(["absent"], 1))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"filter": "gopher_quality"}, {"dedup": "exact"}], ["text", "tokens"]),
        ([{"extract": "forge"}], ["extract", "metadata", "tokens"]),
        (
            [{"dedup": "minhash"}, {"filter": "fineweb"}, {"filter": "c4"}, {"dedup": "line"}],
            ["dedup", "text", "lines", "tokens"],
        ),
    ],
)
def test_stages_prepare_what_their_steps_run_each_once(steps, expected, monkeypatch, corpus):
    asked: list[str] = []
    monkeypatch.setattr("corpus_forge.engine.compiling.warm_up", lambda name, told: (asked.append(name), told()))
    messages: list[str] = []
    observer = Observer()
    observer.message = messages.append  # type: ignore[method-assign]
    config = Pipeline.from_dict(pipeline(corpus, *steps)).config
    kernels = Kernels(config, observer)
    for stage in build_stages(config):
        kernels.prepare(stage)
    assert asked == expected
    assert messages == [told(name) for name in expected]

"""Same pipeline and inputs, same bytes: whatever the executor, the number of workers, the hash seed, or the order of events."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from small_corpus import pipeline_dict, tree_digest, write_shard

from corpus_forge.io.warc import read_warc
from corpus_forge.pipeline import Pipeline

EXAMPLES = Path(__file__).parent.parent / "examples" / "data" / "docs.warc.gz"
RECORDS = 50
"""So many of the example's 706 are enough: pages of all kinds are among them."""


def cli_run(pipeline: dict, folder: Path, name: str, hash_seed: str, *flags: str) -> Path:
    """A run in a process of its own."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(pipeline))
    command = [sys.executable, "-m", "corpus_forge", "run", str(file), "-o", str(folder / name), *flags]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / name


def write_first_records(path: Path, count: int) -> Path:
    """The start of the example archive, up to the end of a record."""
    places = pa.Table.from_batches(list(read_warc(EXAMPLES))).select(["offset", "length"]).to_pylist()
    last = places[count - 1]
    path.write_bytes(EXAMPLES.read_bytes()[: last["offset"] + last["length"]])
    return path


@pytest.fixture(scope="module")
def web(tmp_path_factory) -> tuple[dict, dict[str, str]]:
    """Pages of the example archive beside six JSONL files, and the digest of an inline run of all steps."""
    folder = tmp_path_factory.mktemp("web")
    for n in range(6):
        write_shard(folder / "in" / f"{n}.jsonl", n)
    pages = {"name": "pages", "format": "warc", "paths": [str(write_first_records(folder / "pages.warc.gz", RECORDS))]}
    pipeline = pipeline_dict(folder / "in")
    pipeline["sources"].append(pages)
    pipeline["steps"] = [{"extract": "resiliparse"}, {"language": {"keep": ["en"]}}, *pipeline["steps"]]
    parts = {"half": {"source": "web", "sample": "50%", "epochs": 2.5}, "web": 1, "pages": 1}
    pipeline["mix"] = {"parts": parts, "materialise": True}
    run = Pipeline.from_dict(pipeline).run(folder / "inline", executor="inline")
    digest = tree_digest(run.root)
    assert sum(name.startswith("documents/") for name in digest) == 7
    return pipeline, digest


@pytest.mark.parametrize("hash_seed", ["0", "random"])
def test_hash_seeds_change_nothing(web, tmp_path, hash_seed):
    pipeline, digest = web
    assert tree_digest(cli_run(pipeline, tmp_path, "run", hash_seed, "--executor", "inline")) == digest


@pytest.mark.ray
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_ray_with_any_number_of_workers_gives_the_bytes_of_the_inline_executor(web, tmp_path, workers, ray_cluster):
    pipeline, digest = web
    run = Pipeline.from_dict(pipeline).run(tmp_path / "run", executor="ray", workers=workers)
    assert run.record["executor"] == "ray"
    assert tree_digest(run.root) == digest


@pytest.mark.ray
def test_a_cluster_of_its_own_with_a_random_hash_seed(web, tmp_path):
    pipeline, digest = web
    assert tree_digest(cli_run(pipeline, tmp_path, "run", "random", "--executor", "ray", "--workers", "2")) == digest


def test_two_runs_of_one_directory_do_not_meet(web, tmp_path):
    """The second driver is refused while the first holds the run."""
    from corpus_forge.engine.workspace import Workspace
    from corpus_forge.errors import RequestError

    pipeline, _ = web
    first = Workspace(tmp_path / "run")
    first.create()
    first.acquire()
    with pytest.raises(RequestError, match="another process is running this run"):
        Pipeline.from_dict(pipeline).run(tmp_path / "run", executor="inline")
    first.release()


@pytest.mark.data
@pytest.mark.ray
@pytest.mark.slow
def test_the_real_archives_give_the_same_bytes_everywhere(test_data, tmp_path, ray_cluster):
    pipeline = {
        "name": "real",
        "sources": [{"name": "web", "format": "warc", "paths": [str(test_data / "warc" / "*.warc.gz")]}],
        "steps": [
            {"extract": "resiliparse"}, {"language": {"keep": ["en"]}}, {"filter": "gopher_quality"},
            {"redact": ["email", "ip"]}, {"dedup": "exact"},
        ],
        "tokenize": {"train": {"vocab_size": 4096, "sample": "2MB"}, "seq_len": 512},
    }  # fmt: skip
    inline = Pipeline.from_dict(pipeline).run(tmp_path / "inline", executor="inline")
    totals = inline.record["totals"]
    assert totals["records_in"] == totals["kept"] + totals["removed"] + totals["quarantined"] == 2399
    digest = tree_digest(inline.root)
    run = Pipeline.from_dict(pipeline).run(tmp_path / "ray", executor="ray", workers=4)
    assert tree_digest(run.root) == digest
    assert tree_digest(cli_run(pipeline, tmp_path, "seeded", "random", "--executor", "inline")) == digest

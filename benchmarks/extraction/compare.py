"""Extraction side by side: word-F1 against gold texts, and speed in the same run, one pinned core; every table of it.

    export CORPUS_FORGE_TEST_DATA=FOLDER
    python benchmarks/extraction/compare.py --folds FOLDS --metadata               # everything: an hour and more
    python benchmarks/extraction/compare.py --folds FOLDS --sides forge cascade    # a new model: the others' texts stay

FOLDS holds the models of forge's cross-validation (`python -m corpus_forge.extract.training train … --folds FOLDS`): pages of
sets that forge has learned from are extracted by the model that has seen none of their domain; WCXB by cascade stands in a
table of its own. Peers' texts are kept in benchmarks/.inputs/extraction. Figures go to results.json, which report.py draws
results.md, the tables of docs/extraction.md and docs/extraction.svg from.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import cascade_table
import gold
import metadata_table
import report
import scores
from contestants import CONTESTANTS, OURS
from folds import LEARNED_FROM
from gold import INPUTS
from measure import ONE_THREAD

LEARNED = ("forge", "cascade")
"""Sides whose texts hang on the model."""
RESULTS = HERE / "results.json"


def main() -> None:
    """Make the texts, score them, time the sides, write the pages."""
    given = _arguments()
    digest = gold.prepare(Path(os.environ["CORPUS_FORGE_TEST_DATA"]), INPUTS)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in given.sides:
        results.setdefault("sides", {})[name] = measured(name, digest, given)
        _save(results)
    if not given.no_speed:
        kept = results.get("speed", {}).get("samples", {})
        for samples in speeds(given):
            found = kept | {name: figures for name, figures in samples.items() if figures}
            results["speed"] = {"date": _today(), "machine": machine(), "samples": found}
            _save(results)
    if given.folds:
        results["cascade"] = cascade_table.measure(INPUTS, given.folds)
        _save(results)
    if given.metadata:
        results["metadata"] = metadata_table.measure(Path(os.environ["CORPUS_FORGE_TEST_DATA"]))
        _save(results)
    report.write(results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sides = f"{', '.join(CONTESTANTS)}; none: no texts"
    parser.add_argument("--sides", nargs="*", default=list(CONTESTANTS), metavar="SIDE", help=sides)
    parser.add_argument(
        "--folds",
        type=Path,
        help="models of forge's cross-validation; without them forge has no row for sets it has learned from",
    )
    parser.add_argument("--no-speed", action="store_true", help="keep the last timings")
    parser.add_argument("--samples", nargs="*", default=list(gold.SPEED), choices=list(gold.SPEED), help="what is timed")
    parser.add_argument("--metadata", action="store_true", help="titles, authors and days too")
    parser.add_argument("--repeats", type=int, default=3, help="timings of each side, in turns")
    parser.add_argument("--core", type=int, default=0, help="the core of every side; -1: do not pin")
    peers = HERE.parent / ".venv-peers" / "bin" / "python"
    parser.add_argument("--peers", type=Path, default=peers, help="the peers' interpreter; `make bench` sets it up")
    given = parser.parse_args()
    unknown = [name for name in given.sides if name not in CONTESTANTS]
    if unknown:
        parser.error(f"no side is named '{unknown[0]}'. Sides: {', '.join(CONTESTANTS)}")
    if "CORPUS_FORGE_TEST_DATA" not in os.environ:
        parser.error("CORPUS_FORGE_TEST_DATA must name the folder with extraction_gold/ and warc/.")
    return given


def measured(name: str, digest: str, given: argparse.Namespace) -> dict[str, Any]:
    """Versions and scores of one side on every set."""
    result: dict[str, Any] = {"date": _today(), "gold": digest, "sets": {}}
    for each in gold.SETS:
        if each in CONTESTANTS[name].skips:
            continue
        learned_from = name in LEARNED and each in LEARNED_FROM
        folds = given.folds if learned_from else None
        if (learned_from and not folds) or (name, each) == ("cascade", "wcxb"):
            continue
        out = INPUTS / "texts" / _file_name(name) / f"{each}.jsonl"
        known = out.with_suffix(".about")
        if name in LEARNED or not known.exists():
            out.parent.mkdir(parents=True, exist_ok=True)
            pages = INPUTS / f"{each}.pages.jsonl"
            answer = child(name, given, "texts", pages, out, given.core, *([folds] if folds else []))
            if answer is None:
                continue
            known.write_text(json.dumps(answer))
        about = json.loads(known.read_text())
        result["versions"] = about["versions"]
        result["sets"][each] = {"raised": about["raised"], **scores.of_set(gold.read_gold(INPUTS, each), list(gold.read(out)))}
        print(f"{name}, {each}: {json.dumps(result['sets'][each]['all'])}", flush=True)
    if name == "forge":
        result["model"] = _model()
    return result


def speeds(given: argparse.Namespace) -> Iterator[dict[str, dict[str, Any]]]:
    """Of each sample, the median seconds of each side so far, after every turn of all sides."""
    sides = {sample: [name for name, each in CONTESTANTS.items() if sample not in each.skips] for sample in given.samples}
    figures: dict[str, dict[str, list[dict]]] = {sample: {name: [] for name in names} for sample, names in sides.items()}
    for _ in range(given.repeats):
        for sample, names in sides.items():
            for name in names:
                answer = child(name, given, "speed", INPUTS / f"{sample}.speed.jsonl", given.core)
                figures[sample][name] += [answer] if answer else []
            yield {each: {name: _typical(found) for name, found in of.items() if found} for each, of in figures.items()}


def _typical(figures: list[dict]) -> dict[str, Any]:
    seconds = [figure["seconds"] for figure in figures]
    return {**figures[0], "seconds": statistics.median(seconds), "least": min(seconds), "most": max(seconds)}


def child(name: str, given: argparse.Namespace, *arguments: object) -> dict[str, Any] | None:
    """What side.py prints; None, with its complaint on the terminal, where it fails."""
    python = sys.executable if CONTESTANTS[name].environment == OURS else str(given.peers)
    what, *rest = map(str, arguments)
    command = [python, str(HERE / "side.py"), name, what, *rest]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: failed\n{done.stderr[-2000:]}", flush=True)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def machine() -> str:
    """What the timings were taken on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    return f"one core of a shared {os.cpu_count()}-core machine, {processor}"


def _model() -> dict[str, str]:
    from corpus_forge.extract.forge.catalog import DEFAULT, digest

    return {"name": DEFAULT, "digest": digest(DEFAULT)}


def _file_name(name: str) -> str:
    return name.replace(", ", "-").replace(" ", "-")


def _save(results: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


if __name__ == "__main__":
    main()

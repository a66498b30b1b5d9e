"""Seconds a document takes against its length: our signals of four families, datatrove's four filters, dolma's two taggers.

    python benchmarks/cost.py --dolma DOLMA/bin/python --picture docs/cost.svg

The texts are English pages of the comparison, five of each length from 128 bytes to 128 KB, cut at a blank. A text is measured
as often as it takes for a tenth of a second, in processor time: by peers alone, as they work, by us in a column of 64 copies,
as pipelines have hundreds (a call with one text takes half a millisecond more). What is fitted is the exponent: 1 is linear.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
SIZES = [128 << power for power in range(11)]
OF_EACH = 5
COPIES = 64
LEAST_SECONDS = 0.1
SIDES = ("corpus-forge", "datatrove", "dolma")
COLOURS = dict(zip(SIDES, ("#1f77b4", "#d62728", "#2ca02c"), strict=True))


def main() -> None:
    """Measure, and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=HERE / ".venv-peers" / "bin" / "python", help="datatrove's interpreter")
    parser.add_argument("--dolma", required=True, help="dolma's interpreter")
    parser.add_argument("--picture", type=Path, required=True)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(measured(arguments.child, json.load(sys.stdin))))
        return
    texts = chosen_texts()
    interpreters = dict(zip(SIDES, (sys.executable, str(arguments.peers), str(arguments.dolma)), strict=True))
    points = {side: _child(interpreters[side], side, texts) for side in SIDES}
    print(table(points))
    draw(points, arguments.picture)


def chosen_texts() -> list[str]:
    """Heads of real texts, and of several in a row where the longest are too short."""
    from inputs import prepare, warc_paths
    from measure import read_lines

    pages = sorted(read_lines(prepare(warc_paths()) / "english.jsonl", "text"), key=len, reverse=True)[: 8 * OF_EACH]
    whole = ["\n".join(pages[k::OF_EACH]).encode() for k in range(OF_EACH)]
    return [text[:size].decode(errors="ignore").rpartition(" ")[0] for size in SIZES for text in whole]


def _child(interpreter: str, side: str, texts: list[str]) -> list[tuple[int, float]]:
    command = [interpreter, __file__, "--child", side, "--dolma", "", "--picture", ""]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=False, cwd=HERE)
    if done.returncode:
        raise SystemExit(f"{side}: {done.stderr[-2000:]}")
    return [(len(text.encode()), seconds) for text, seconds in zip(texts, json.loads(done.stdout), strict=True)]


def measured(side: str, texts: list[str]) -> list[float]:
    """Processor seconds of each text."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    prepare = {"corpus-forge": ours, "datatrove": datatrove, "dolma": dolma}[side]
    works = [prepare(text) for text in texts]
    works[0]()
    return [_seconds(work) / (COPIES if side == "corpus-forge" else 1) for work in works]


def _seconds(work: Callable[[], object]) -> float:
    rounds, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < LEAST_SECONDS:
        work()
        rounds += 1
    return spent / rounds


def ours(text: str) -> Callable[[], object]:
    """Every signal that the four families look at, of a column of texts."""
    import pyarrow as pa
    from rows.filters import FAMILIES

    import corpus_forge as cf
    from corpus_forge.rules.files import load_rules
    from corpus_forge.text.cleaning import lines_of
    from corpus_forge.text.columns import text_column

    column = pa.array([text] * COPIES, pa.large_string())
    used = {one.name for family in FAMILIES for one in load_rules(family).document_signals()}
    names = sorted(used - {"sentence_count"})
    return lambda: (cf.signals(column, names), lines_of(text_column(column), without_citations=True))


def datatrove(text: str) -> Callable[[], object]:
    """Its four filters."""
    from datatrove.data import Document
    from datatrove.pipeline import filters

    names = "GopherQualityFilter", "GopherRepetitionFilter", "C4QualityFilter", "FineWebQualityFilter"
    steps = [getattr(filters, name)() for name in names]
    return lambda: [step.filter(Document(text=text, id="0")) for step in steps]


def dolma(text: str) -> Callable[[], object]:
    """Its taggers gopher_v1 and c4_v1."""
    from dolma.core.data_types import Document
    from dolma.taggers.c4 import C4Tagger
    from dolma.taggers.gopher import GopherTagger

    document, taggers = Document(source="", id="0", text=text), (GopherTagger(), C4Tagger())
    return lambda: [tagger.predict(document) for tagger in taggers]


def exponent(points: list[tuple[int, float]]) -> float:
    """Slope of the least squares line through the logarithms, over texts of 2 KB and more."""
    import math

    long = [(math.log(size), math.log(seconds)) for size, seconds in points if size >= 2000]
    return statistics.linear_regression(*zip(*long, strict=True)).slope


def table(points: dict[str, list[tuple[int, float]]]) -> str:
    """Markdown: microseconds by length, the median of the texts."""
    lines = ["| bytes | " + " | ".join(SIDES) + " |", "|---|" + "---|" * len(SIDES)]
    for k, size in enumerate(SIZES):
        medians = (statistics.median(seconds for _, seconds in points[side][OF_EACH * k : OF_EACH * (k + 1)]) for side in SIDES)
        lines.append(f"| {size:,} | " + " | ".join(f"{1e6 * median:,.0f}" for median in medians) + " |")
    return "\n".join([*lines, "| exponent | " + " | ".join(f"{exponent(points[side]):.2f}" for side in SIDES) + " |"])


def draw(points: dict[str, list[tuple[int, float]]], picture: Path) -> None:
    """A point a text, both axes logarithmic."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "cost"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    for side in SIDES:
        sizes, seconds = zip(*points[side], strict=True)
        label = f"{side}: length to the power of {exponent(points[side]):.2f}"
        axes.loglog(sizes, [1e6 * each for each in seconds], "o", markersize=3, color=COLOURS[side], label=label)
    axes.set(xlabel="bytes of the text", ylabel="microseconds a text, one core")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main()

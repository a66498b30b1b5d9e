"""Does a reading say of every real document what the peer that it is named after says? One row a reading for docs/parity.md.

    python benchmarks/parity/run.py --peers PYTHON [--dolma PYTHON] [--nemo PYTHON] [--juicer PYTHON] [--readings NAME ...]

Texts are those of benchmarks/inputs.py: every page of the WARCs, extracted by resiliparse, or by `--engine`. `--texts` takes
others. The peer runs in its own interpreter over the same file and writes a line a document: does it keep it, and the text it
leaves. Nothing of the peer is imported here, and nothing of ours there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from inputs import prepare, warc_paths  # noqa: E402 - benchmarks/ is no package

SIDES = {
    "datatrove": "datatrove_side.py",
    "dolma": "dolma_side.py",
    "nemo": "nemo_side.py",
    "data_juicer": "juicer_side.py",
    "dclm": "definition_side.py",
    "tfds": "definition_side.py",
    "together": "definition_side.py",
    "paper": "definition_side.py",
}
READINGS = (
    "gopher_quality@datatrove",
    "gopher_quality@dolma",
    "gopher_repetition@datatrove",
    "gopher_repetition@dolma",
    "fineweb@datatrove",
    "c4@datatrove",
    "nemo_english@nemo",
    "gopher_quality@nemo",
    "gopher_repetition@nemo",
    "data_juicer@data_juicer",
    "gopher_quality@dclm",
    "gopher_repetition@dclm",
    "refinedweb@dclm",
    "c4@dclm",
    "c4@tfds",
    "redpajama_v2@together",
    "madlad400@paper",
)


def theirs(interpreter: str, reading: str, texts: Path) -> list[dict]:
    """A row a document of what the peer says: keep, and text."""
    side = HERE / SIDES[reading.split("@")[1]]
    done = subprocess.run([interpreter, str(side), reading, str(texts)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{side.name} {reading}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(reading: str, texts: list[str]) -> list[dict]:
    """A row a document of what we say."""
    import corpus_forge as cf

    return cf.apply_rules(texts, reading).to_pylist()


def compare(reading: str, texts: list[str], mine: list[dict], other: list[dict]) -> str:
    """The reading's row; differences are written to standard error with the rule that we name."""
    differ = [i for i in range(len(texts)) if mine[i]["keep"] != other[i]["keep"] or not same_text(mine[i], other[i])]
    for i in differ[:20]:
        print(reading, i, mine[i]["rule"], mine[i]["value"], other[i].get("why"), repr(texts[i][:60]), file=sys.stderr)
    kept = sum(row["keep"] for row in mine)
    agree = len(texts) - len(differ)
    return f"| {reading} | {len(texts):,} | {kept:,} | {agree:,} | {agree / len(texts):.4%} |"


def same_text(mine: dict, other: dict) -> bool:
    """Where both keep a document, is the text that is left the same? Peers that only filter leave no text."""
    return not mine["keep"] or other.get("text") is None or mine["text"] == other["text"]


def extracted(engine: str) -> Path:
    """Every page of the WARCs as text by another extractor, kept beside the inputs."""
    import corpus_forge as cf

    path = prepare(warc_paths()) / f"texts-{engine}.jsonl"
    if not path.exists():
        batches = (batch for warc in warc_paths() for batch in cf.read_warc(str(warc)))
        pages = (page for batch in batches for page in batch["html"].to_pylist())
        texts = [text for text in (cf.extract(page, engine=engine) for page in pages if page) if text]
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return path


def main() -> None:
    """Command line: a table to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=str(HERE.parent / ".venv-peers" / "bin" / "python"), help="has datatrove")
    parser.add_argument("--dolma", help="an interpreter with dolma 1.2.1")
    parser.add_argument("--nemo", help="an interpreter with nemo-curator 1.4.0, regex and loguru")
    parser.add_argument("--juicer", help="an interpreter with py-data-juicer 1.6.1 and aiohttp")
    parser.add_argument("--definitions", help="an interpreter with uniseg and spacy, for readings whose peer is no package")
    parser.add_argument("--readings", nargs="*", default=READINGS)
    parser.add_argument("--texts", type=Path, help="JSON lines with `text`, instead of the WARCs' pages")
    parser.add_argument("--engine", default="resiliparse", help="what extracts the pages: trafilatura takes minutes")
    arguments = parser.parse_args()
    usual = prepare(warc_paths()) / "texts.jsonl" if arguments.engine == "resiliparse" else extracted(arguments.engine)
    path = arguments.texts or usual
    texts = [json.loads(line)["text"] for line in path.open(encoding="utf-8")]
    interpreters = {"datatrove": arguments.peers, "dolma": arguments.dolma, "nemo": arguments.nemo}
    interpreters["data_juicer"] = arguments.juicer
    interpreters |= dict.fromkeys(("dclm", "tfds", "together", "paper"), arguments.definitions)
    print("| reading | documents | kept | agreeing | share |\n|---|---|---|---|---|")
    for reading in arguments.readings:
        interpreter = interpreters[reading.split("@")[1]]
        if interpreter:
            print(compare(reading, texts, ours(reading, texts), theirs(interpreter, reading, path)), flush=True)


if __name__ == "__main__":
    main()

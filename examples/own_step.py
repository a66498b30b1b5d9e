"""Two steps of your own, one over documents and one over Arrow columns, and a pipeline that uses them.

    python examples/own_step.py [RUN]
    corpus-forge run my.yaml --plugin examples/own_step.py      # the same steps in any pipeline file

A plugin file is loaded in every process that works, so what it does at import must be cheap: decorators, and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

import corpus_forge as cf

WARC = Path(__file__).parent / "data" / "docs.warc.gz"


@cf.document_step("only_hosts", needs=("url",))
def only_hosts(document: dict, *, hosts: list[str]) -> str | None:
    """Keep documents of some hosts; the detail names the host of one that goes."""
    host = urlsplit(document["url"]).netloc
    return None if host in hosts else host


@cf.batch_step("code_share", gives={"code_share": pa.float64()})
def code_share(batch: pa.RecordBatch, *, at_most: float = 1.0) -> cf.Outcome:
    """Measure the share of characters that only code is full of, as a column; remove what has too many of them."""
    text = batch.column("text")
    code = pc.count_substring_regex(text, pattern=r"[{}()\[\];=<>_]")
    share = pc.divide(pc.cast(code, pa.float64()), pc.max_element_wise(pc.utf8_length(text), 1))
    values = share.to_pylist()
    removed = {row: cf.Removal("code_share", value) for row, value in enumerate(values) if value > at_most}
    return cf.Outcome(batch.append_column("code_share", share), removed=removed)


def main(output: str = "runs/own_step") -> None:
    pipeline = {
        "name": "own-step",
        "sources": [{"name": "docs", "format": "warc", "paths": [str(WARC)]}],
        "steps": [
            {"only_hosts": {"hosts": ["docs.python.org"]}},
            {"extract": "resiliparse"},
            {"code_share": {"at_most": 0.03}},
        ],
    }
    # The steps are registered in this process. Workers on Ray need from_dict(pipeline, plugins=["own_step.py"]) instead.
    run = cf.Pipeline.from_dict(pipeline).run(output, executor="inline")
    documents = run.documents()
    print(f"{documents.num_rows} documents, mean code_share {pc.mean(documents['code_share']).as_py():.4f}")
    for row in run.removed(rule="code_share").slice(0, 3).to_pylist():
        print(f"removed: {row['url']} {row['value']:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Whole fuzzy deduplication of 20,000 documents, JSONL to JSONL or Parquet: 14 bands of 8 rows over word 5-grams.

datatrove runs its four stages, text-dedup its one command with its faster hash. They cut words and hash in ways of their own,
so the numbers of documents that stay differ a little in the middle of the S-curve.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main
from near_copies import near_copies

DOCUMENTS, BANDS, ROWS, NGRAM = 20_000, 14, 8, 5


def ours(documents: int, **parameters: object) -> Callable[[Path], Work]:
    """A side: a pipeline of this one step, inline; MinHash, or what the parameters say."""

    def prepare(inputs: Path) -> Work:
        import corpus_forge as cf

        path = near_copies(inputs, documents)
        recipe = {
            "name": "fuzzy",
            "sources": [{"name": "pages", "format": "jsonl", "paths": [str(path)]}],
            "steps": [{"dedup": parameters or {"method": "minhash", "bands": BANDS, "rows": ROWS, "ngram": NGRAM}}],
        }

        def run(limit: int | None) -> Done:
            with tempfile.TemporaryDirectory() as folder:
                done = cf.Pipeline.from_dict(recipe).run(folder, executor="inline", workers=1, limit=limit)
                return Done(documents, path.stat().st_size, f"{done.report['totals']['kept']} stay")

        run(100)
        return lambda: run(None)

    return prepare


def datatrove(inputs: Path) -> Work:
    """A side: signatures, buckets, clusters, filter."""
    from loguru import logger

    logger.remove()
    path = near_copies(inputs, DOCUMENTS)

    def run(limit: int) -> Done:
        with tempfile.TemporaryDirectory() as folder:
            _stages(path, folder, limit)
            kept = len(Path(folder, "kept", "00000.jsonl").read_bytes().splitlines())
        return Done(DOCUMENTS, path.stat().st_size, f"{kept} stay")

    run(20)
    return lambda: run(-1)


def _stages(path: Path, folder: str, limit: int) -> None:
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    config = MinhashConfig(n_grams=NGRAM, num_buckets=BANDS, hashes_per_bucket=ROWS)

    def read() -> JsonlReader:
        return JsonlReader(str(path.parent), glob_pattern=path.name, recursive=False, limit=limit)

    MinhashDedupSignature(f"{folder}/signatures", config).run(read()(None, 0, 1), 0, 1)
    buckets = MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config)
    for bucket in range(BANDS):
        buckets.run(None, bucket, BANDS)
    MinhashDedupCluster(f"{folder}/buckets", f"{folder}/removed", config=config).run(None, 0, 1)
    kept = MinhashDedupFilter(f"{folder}/removed").run(read()(None, 0, 1), 0, 1)
    writer = JsonlWriter(f"{folder}/kept", compression=None)
    for _ in writer(kept, 0, 1):
        pass


def text_dedup(inputs: Path) -> Work:
    """A side: its command line in this process, one process of its own for everything."""
    import contextlib
    import io

    from datasets import disable_progress_bars, load_from_disk
    from text_dedup.minhash import main as command

    disable_progress_bars()
    path = near_copies(inputs, DOCUMENTS)

    def work() -> Done:
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
            where = ["--path", "json", "--data_files", str(path), "--split", "train", "--cache_dir", f"{folder}/cache"]
            shape = ["--num_perm", str(BANDS * ROWS), "--b", str(BANDS), "--r", str(ROWS), "--ngram", str(NGRAM)]
            how = ["--hash_func", "xxh3", "--min_length", "0", "--num_proc", "1", "--output", f"{folder}/kept"]
            command([*where, *shape, *how, "--column", "text"], standalone_mode=False)
            return Done(DOCUMENTS, path.stat().st_size, f"{len(load_from_disk(f'{folder}/kept'))} stay")

    return work


ROW = Row(
    "Fuzzy deduplication of 20,000 documents",
    {
        "corpus-forge": Side(OURS, ours(DOCUMENTS)),
        "datatrove, four stages": Side(PEERS, datatrove),
        "text-dedup": Side(PEERS, text_dedup),
    },
    note="14 bands of 8 rows over word 5-grams, from files to files",
    repeats=3,
    shows_memory=True,
)

if __name__ == "__main__":
    main(ROW)

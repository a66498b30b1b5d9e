"""The inline executor against a bare loop over the same functions: what planning, commits, counts and reasons cost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import OURS, Done, Row, Side, Work, main, total_size, warcs

from rows.whole import steps

MAP_STEPS = steps("resiliparse")[:-1]
"""Without deduplication, which is no function over batches."""


def _pipeline(paths: list[str]):
    import corpus_forge as cf

    source = {"name": "cc", "format": "warc", "paths": paths}
    return cf.Pipeline.from_dict({"name": "overhead", "sources": [source], "steps": MAP_STEPS})


def executor(inputs: Path) -> Work:
    """A side: the engine, inline, with all it writes."""
    paths = warcs(inputs)

    def run(limit: int | None) -> Done:
        with tempfile.TemporaryDirectory() as folder:
            done = _pipeline(paths if limit is None else paths[:1]).run(folder, executor="inline", workers=1, limit=limit)
            totals = done.report["totals"]
        return Done(totals["records_in"], total_size(paths), f"{totals['kept']} documents")

    run(200)
    return lambda: run(None)


def bare_loop(inputs: Path) -> Work:
    """A side: read, apply the steps, keep what stays."""
    from corpus_forge.io.source import Access, Piece

    paths = warcs(inputs)

    def run(paths: list[str], limit: int | None) -> Done:
        """Kept documents end in one Parquet file, as the executor's do."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        config, access, kept, seen = _pipeline(paths).config, Access(), [], 0
        functions = [step.start() for step in config.steps]
        for path in paths:
            for outcome in config.sources[0].read(Piece(path), access):
                seen += outcome.batch.num_rows
                batch = outcome.kept()
                for function in functions:
                    batch = function(batch).kept()
                kept.append(batch)
                if limit and seen >= limit:
                    break
        with tempfile.TemporaryDirectory() as folder:
            kept = [batch for batch in kept if batch.num_rows]
            table = pa.Table.from_batches(kept)
            pq.write_table(table, Path(folder) / "documents.parquet", compression="zstd")
        return Done(seen, total_size(paths), f"{table.num_rows} documents")

    run(paths[:1], 200)
    return lambda: run(paths, None)


ROW = Row(
    "Inline executor",
    {"corpus-forge, inline executor": Side(OURS, executor), "the same functions in a bare loop": Side(OURS, bare_loop)},
    note="a ratio of 0.95 is an overhead of 5%",
    size_of="WARC",
)

if __name__ == "__main__":
    main(ROW)

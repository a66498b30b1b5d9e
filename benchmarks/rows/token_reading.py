"""Batches of 64 rows of 2,048 tokens from shards in the page cache, one thread: the rows alone, and all that a model gets.

The peer is written out here, after nanoGPT's `get_batch`: random windows of one flat file, as ids and ids shifted by one, both
int64. It knows no documents, no epochs and no place to go on from.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from measure import OURS, Done, Row, Side, Work, main

ROWS, SEQ_LEN, BATCH, BATCHES = 16_384, 2048, 64, 1500


def _tokens():
    import numpy as np

    return np.random.Generator(np.random.Philox(key=1)).integers(2, 50_000, (ROWS, SEQ_LEN), dtype=np.uint16)


def _reader(folder: Path):
    """A reader over four shards of a quarter of the rows each; three documents a row."""
    import numpy as np

    import corpus_forge as cf
    from corpus_forge.tokens.index import build_index, index_bytes
    from corpus_forge.tokens.rows import PackedRows
    from corpus_forge.tokens.schema import ShardMetadata
    from corpus_forge.tokens.shard import write_shard

    meta = ShardMetadata(seq_len=SEQ_LEN, vocab_size=50_257, source="made up", tokenizer_sha256="0" * 64, eos_id=0, pad_id=1)
    entries, count = [], ROWS // 4
    for number, tokens in enumerate(_tokens().reshape(4, count, SEQ_LEN)):
        starts = np.tile(np.array([0, 500, 1400]), count)
        full, pieces = np.full(count, SEQ_LEN, np.int32), np.arange(3 * count, dtype=np.uint64)
        rows = PackedRows(
            tokens, full, full.astype(np.uint32), np.arange(count + 1) * 3, starts, pieces, np.zeros(3 * count, bool)
        )
        with (folder / f"shard-{number}.arrow").open("wb") as sink:
            entries.append(write_shard(sink, rows, meta, f"shard-{number}.arrow"))
    facts = {"seq_len": SEQ_LEN, "vocab_size": 50_257, "tokenizer_sha256": "0" * 64, "run": "", "fingerprint": ""}
    (folder / "index.json").write_bytes(index_bytes(build_index(entries, **facts)))
    return cf.TokenDataset(folder).reader(BATCH)


def _folder() -> Path:
    """A folder that goes when the process ends."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return folder


def _done() -> Done:
    tokens = BATCHES * BATCH * SEQ_LEN
    return Done(BATCHES * BATCH, 2 * tokens, f"{tokens / 1e6:.0f} M tokens")


def ours(_: Path) -> Work:
    """A side: batches as the reader gives them."""
    reader = _reader(_folder())
    next(reader)

    def work() -> Done:
        for _ in range(BATCHES):
            next(reader)
        return _done()

    return work


def ours_with_labels(_: Path) -> Work:
    """A side: with labels, positions and document masks for a causal model, int32."""
    from corpus_forge.train.objectives.causal import causal

    reader = _reader(_folder())
    causal(next(reader))

    def work() -> Done:
        for _ in range(BATCHES):
            causal(next(reader))
        return _done()

    return work


def random_windows(_: Path) -> Work:
    """A side: what nanoGPT does."""
    import numpy as np

    file = _folder() / "train.bin"
    _tokens().tofile(file)
    random = np.random.default_rng(0)

    def batch() -> tuple[np.ndarray, np.ndarray]:
        data = np.memmap(file, np.uint16, "r")
        starts = random.integers(0, len(data) - SEQ_LEN - 1, BATCH)
        ids = np.stack([data[start : start + SEQ_LEN].astype(np.int64) for start in starts])
        return ids, np.stack([data[start + 1 : start + 1 + SEQ_LEN].astype(np.int64) for start in starts])

    batch()

    def work() -> Done:
        for _ in range(BATCHES):
            batch()
        return _done()

    return work


ROW = Row(
    "Reading tokens",
    {
        "corpus-forge, reader": Side(OURS, ours),
        "corpus-forge, reader and causal labels, positions, masks": Side(OURS, ours_with_labels),
        "random windows, as nanoGPT": Side(OURS, random_windows),
    },
    note="64 rows of 2,048 a batch, made-up tokens in four shards in the page cache; two bytes a token",
    size_of="tokens",
)

if __name__ == "__main__":
    main(ROW)

"""Batches of 64 rows of 2,048 tokens from local shards in the page cache, one thread: our reader and a streaming loader.

Both shuffle. litdata reads its own token format (`TokensLoader`), decodes one sample at a time and collates with numpy, which
is what its data loader does in each worker. MosaicML streaming asks for torchvision, whose wheels do not go with a CPU build
of torch; beside a CUDA build (torch 2.15, streaming 0.13) the same work from MDS shards took 2.02 s where litdata took 0.34 s.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main

ROWS, SEQ_LEN, BATCH, BATCHES = 4096, 2048, 64, 240


def _tokens():
    import numpy as np

    return np.random.Generator(np.random.Philox(key=1)).integers(2, 50_000, (ROWS, SEQ_LEN), dtype=np.uint16)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _done() -> Done:
    return Done(BATCHES * BATCH, 2 * BATCHES * BATCH * SEQ_LEN, f"{BATCHES * BATCH * SEQ_LEN / 1e6:.0f} M tokens")


def _batches(samples) -> Work:
    """Work that stacks samples of one row each."""
    import numpy as np

    def work() -> Done:
        source = iter(samples)
        for _ in range(BATCHES):
            np.stack([next(source) for _ in range(BATCH)])
        return _done()

    return work


def ours(_: Path) -> Work:
    """A side: the reader of a tokens folder, shuffled anew each epoch."""
    from rows.token_reading import _reader

    reader = _reader(_folder())
    next(reader)

    def work() -> Done:
        for _ in range(BATCHES):
            next(reader)
        return _done()

    return work


def litdata(_: Path) -> Work:
    """A side: litdata's StreamingDataset over its token chunks."""
    import numpy as np
    import torch
    from litdata import StreamingDataset, TokensLoader
    from litdata.streaming.writer import BinaryWriter

    folder = _folder()
    writer = BinaryWriter(str(folder), chunk_size=SEQ_LEN * 512, item_loader=TokensLoader(block_size=SEQ_LEN))
    for number, row in enumerate(_tokens()):
        writer.add_item(number, torch.from_numpy(row.astype(np.int32)))
    writer.done()
    writer.merge()
    dataset = StreamingDataset(str(folder), item_loader=TokensLoader(block_size=SEQ_LEN), shuffle=True, drop_last=False)
    next(iter(dataset))

    def samples():
        while True:
            yield from (item.numpy() for item in dataset)

    return _batches(samples())


ROW = Row(
    "Loading tokens, beside a streaming loader",
    {
        "corpus-forge, reader": Side(OURS, ours),
        "litdata, StreamingDataset": Side(PEERS, litdata),
    },
    note="64 rows of 2,048 a batch, made-up tokens in the page cache; two bytes a token; one process, no workers",
    repeats=3,
    size_of="tokens",
)

if __name__ == "__main__":
    main(ROW)

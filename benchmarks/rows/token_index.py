"""Opening 100 million rows over 3,000 shards, then looking at one row in the middle.

Shards are sparse files: headers and indexes are real, tokens are holes, 410 GB that take some 30 MB. Opening must not look at
each file, or a job of 64 ranks on a shared file system waits for 192,000 of them.
"""

from __future__ import annotations

import atexit
import io
import json
import shutil
import tempfile
from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main

SHARDS, ROWS, SEQ_LEN = 3000, 33_334, 2048


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _sparse(file: Path, size: int, parts: list[tuple[int, bytes]]) -> None:
    with file.open("xb") as sink:
        for place, content in parts:
            sink.seek(place)
            sink.write(content)
        sink.truncate(size)


def _opened(opened, row) -> Work:
    """Work that opens and reads the middle row."""

    def work() -> Done:
        dataset = opened()
        rows = len(dataset)
        tokens = len(row(dataset, rows // 2))
        return Done(rows, 0, f"{rows / 1e6:.1f} M rows, a row of {tokens}")

    return work


class _Parts(io.RawIOBase):
    """Keeps what is written where, large runs of zeros apart."""

    def __init__(self) -> None:
        self.size, self.parts = 0, []

    def write(self, data) -> int:
        content = bytes(data)
        if len(content) < 4096 or any(content):
            self.parts.append((self.size, content))
        self.size += len(content)
        return len(content)


def ours(_: Path) -> Work:
    """A side: TokenDataset."""
    import numpy as np

    import corpus_forge as cf
    from corpus_forge.tokens.index import build_index, index_bytes
    from corpus_forge.tokens.rows import PackedRows
    from corpus_forge.tokens.schema import ShardMetadata
    from corpus_forge.tokens.shard import write_shard

    folder, sink, facts = _folder(), _Parts(), {"seq_len": SEQ_LEN, "vocab_size": 50_257, "tokenizer_sha256": "0" * 64}
    empty = PackedRows.empty(SEQ_LEN, np.dtype(np.uint16))
    rows = PackedRows(
        np.zeros((ROWS, SEQ_LEN), np.uint16),
        np.zeros(ROWS, np.int32),
        np.zeros(ROWS, np.uint32),
        np.zeros(ROWS + 1, np.int64),
        empty.doc_starts,
        empty.doc_uid,
        empty.doc_cont,
    )
    entry = write_shard(sink, rows, ShardMetadata(**facts, source="made up", eos_id=0, pad_id=1), "")
    names = [f"shard-{number:05d}.arrow" for number in range(SHARDS)]
    for name in names:
        _sparse(folder / name, sink.size, sink.parts)
    entries = [type(entry)(**{**vars(entry), "path": name}) for name in names]
    (folder / "index.json").write_bytes(index_bytes(build_index(entries, **facts, run="", fingerprint="")))
    return _opened(lambda: cf.TokenDataset(folder), lambda dataset, row: dataset[row]["tokens"])


def datatrove(_: Path) -> Work:
    """A side: datatrove's folder of .ds files, which it lists."""
    from datatrove.utils.dataset import DatatroveFolderDataset

    folder = _folder()
    for number in range(SHARDS):
        _sparse(folder / f"{number:05d}_tokens.ds", 2 * ROWS * (SEQ_LEN + 1), [])
    return _opened(
        lambda: DatatroveFolderDataset(str(folder), SEQ_LEN, "*.ds"), lambda dataset, row: dataset[row]["input_ids"][:-1]
    )


def litdata(_: Path) -> Work:
    """A side: litdata's index of chunks."""
    import numpy as np
    from litdata import StreamingDataset, TokensLoader

    folder, size = _folder(), 12 + 2 * ROWS * SEQ_LEN
    head, names = np.array([1, 12, size], np.uint32).tobytes(), [f"chunk-0-{number}.bin" for number in range(SHARDS)]
    for name in names:
        _sparse(folder / name, size, [(0, head)])
    leaf = '[1, {"type": null, "context": null, "children_spec": []}]'
    nothing = dict.fromkeys(("chunk_size", "compression", "compression_level", "encryption", "ipc_compression"))
    config = {"chunk_bytes": size, "data_format": ["no_header_tensor:20"], "data_spec": leaf, "item_loader": "TokensLoader"}
    chunks = [{"chunk_bytes": size, "chunk_size": 1, "dim": ROWS * SEQ_LEN, "filename": name} for name in names]
    index = {"chunks": chunks, "config": config | nothing, "updated_at": "0"}
    (folder / "index.json").write_text(json.dumps(index), "utf-8")
    return _opened(
        lambda: StreamingDataset(str(folder), item_loader=TokensLoader(block_size=SEQ_LEN)), lambda dataset, row: dataset[row]
    )


ROW = Row(
    "Opening 100 million rows over 3,000 shards",
    {
        "corpus-forge, TokenDataset": Side(OURS, ours),
        "litdata, StreamingDataset": Side(PEERS, litdata),
        "datatrove, DatatroveFolderDataset": Side(PEERS, datatrove),
    },
    note="until one row in the middle is read; rows of 2,048 in sparse files, local; what would matter on a shared file "
    "system is that only one shard is touched",
    size_of="",
)

if __name__ == "__main__":
    main(ROW)

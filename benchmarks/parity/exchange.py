"""Exports read back by the libraries that own the formats, token for token.

    python benchmarks/parity/exchange.py RUN --readers PYTHON

RUN is a finished run with tokens. PYTHON has megatron-core, mosaicml-streaming, litdata and datatrove with torch; those that it
lacks are shown as absent. nanoGPT and llm.c are programs without a library: numpy reads their files as their scripts do. The
tokens that are expected come straight from the rows of the shards, by a loop that shares nothing with the exporter.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = {"megatron": "megatron-core", "mds": "mosaicml-streaming", "litdata": "litdata", "datatrove": "datatrove"}
FORMATS = ("megatron", "nanogpt", "llmc", "datatrove", "mds", "litdata")


def main() -> None:
    """Export, then read back in the other interpreter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run directory")
    parser.add_argument("--readers", default=sys.executable, help="the interpreter that has the readers' libraries")
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read_back(arguments.run)
        return
    with tempfile.TemporaryDirectory() as folder:
        prepare(arguments.run, Path(folder))
        done = subprocess.run([arguments.readers, __file__, folder, "--read"], check=False)
    sys.exit(done.returncode)


def prepare(run: Path, folder: Path) -> None:
    """All exports, and what they should hold."""
    import numpy as np

    from corpus_forge.exchange.export import export
    from corpus_forge.tokens.dataset import TokenDataset

    with TokenDataset(run) as dataset:
        documents: dict[tuple[str, str], dict[int, list[int]]] = {}
        rows: dict[tuple[str, str], list[np.ndarray]] = {}
        for number, entry in enumerate(dataset.shards):
            key, shard = (entry.source, entry.split), dataset.shard(number)
            for index in range(len(shard)):
                row = shard.row(index)
                rows.setdefault(key, []).append(row["tokens"])
                ends = [*row["doc_starts"][1:].tolist(), int(row["n_tokens"])]
                for uid, start, stop in zip(row["doc_uid"].tolist(), row["doc_starts"].tolist(), ends, strict=True):
                    documents.setdefault(key, {}).setdefault(uid, []).extend(row["tokens"][start:stop].tolist())
        facts = {"seq_len": dataset.seq_len, "dtype": dataset.metadata.token_dtype.name, "eos": dataset.metadata.eos_id}
    for number, (key, found) in enumerate(documents.items()):
        lengths = [len(ids) for _, ids in sorted(found.items())]
        tokens = np.concatenate([ids for _, ids in sorted(found.items())])
        np.savez(folder / f"{number}.npz", tokens=tokens, lengths=lengths, rows=np.stack(rows[key]))
    facts["groups"] = [list(key) for key in documents]
    (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    for name in FORMATS:
        if name != "nanogpt" or facts["dtype"] == "uint16":
            export(run, name, folder / name)


def read_back(folder: Path) -> None:
    """A line a format; exit code 1 when one differs."""
    import numpy as np

    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    expected = {tuple(key): dict(np.load(folder / f"{n}.npz")) for n, key in enumerate(facts["groups"])}
    wrong = 0
    for name in FORMATS:
        if not (folder / name).exists():
            continue
        try:
            tokens, documents = READERS[name](folder / name, expected, facts)
            print(f"{name} | {_version(name)} | {documents:,} documents or rows | {tokens:,} tokens | equal")
        except ImportError as error:
            print(f"{name} | absent: {error}")
        except AssertionError as error:
            wrong += 1
            print(f"{name} | {_version(name)} | DIFFERENT: {error}")
    sys.exit(1 if wrong else 0)


def _version(name: str) -> str:
    if name not in PACKAGES:
        return "numpy, as its scripts read"
    try:
        return f"{PACKAGES[name]} {version(PACKAGES[name])}"
    except PackageNotFoundError:
        return PACKAGES[name]


def _same(found: Any, right: Any, what: str) -> int:
    import numpy as np

    assert np.array_equal(np.asarray(found, np.int64), np.asarray(right, np.int64)), what
    return len(found)


def _documents(group: dict[str, Any]) -> list[Any]:
    import numpy as np

    return np.split(group["tokens"], np.cumsum(group["lengths"])[:-1])


def megatron(folder: Path, expected: dict[Any, Any], _: Any) -> tuple[int, int]:
    """megatron.core's IndexedDataset, document by document."""
    from megatron.core.datasets.indexed_dataset import IndexedDataset

    tokens = documents = 0
    for (source, split), group in expected.items():
        dataset = IndexedDataset(str(folder / f"{source}-{split}"))
        right = _documents(group)
        assert len(dataset) == len(right) == len(dataset.document_indices) - 1, f"{len(dataset)} documents"
        documents += len(right)
        tokens += sum(_same(dataset[i], ids, f"document {i} of {source}") for i, ids in enumerate(right))
    return tokens, documents


def nanogpt(folder: Path, expected: dict[Any, Any], _: Any) -> tuple[int, int]:
    """np.memmap of uint16, as nanoGPT's train.py."""
    import numpy as np

    tokens = documents = 0
    for split in {split for _, split in expected}:
        groups = [group for (_, of), group in expected.items() if of == split]
        right = np.concatenate([group["tokens"] for group in groups])
        name = "val" if split == "validation" else split
        tokens += _same(np.memmap(folder / f"{name}.bin", np.uint16, "r"), right, f"{name}.bin")
        documents += sum(len(group["lengths"]) for group in groups)
    return tokens, documents


def llmc(folder: Path, expected: dict[Any, Any], facts: Any) -> tuple[int, int]:
    """The header and tokens as llm.c's dataloader checks and reads them; EOS stands before each document."""
    import numpy as np

    magic, number = {"uint16": (20_240_520, 1), "uint32": (20_240_801, 7)}[facts["dtype"]]
    tokens = documents = 0
    for split in {split for _, split in expected}:
        name, found = "val" if split == "validation" else split, []
        for file in sorted(folder.glob(f"tokens_{name}_*.bin")):
            header, body = np.fromfile(file, np.int32, 256), np.fromfile(file, facts["dtype"], offset=1024)
            assert header[:3].tolist() == [magic, number, len(body)], f"{file.name}: header {header[:3].tolist()}"
            found.append(body)
        right = [
            [facts["eos"], *(ids[:-1] if ids[-1] == facts["eos"] else ids)]
            for (_, of), group in expected.items()
            if of == split
            for ids in _documents(group)
        ]
        tokens += _same(np.concatenate(found), np.concatenate(right), name)
        documents += len(right)
    return tokens, documents


def datatrove(folder: Path, expected: dict[Any, Any], facts: Any) -> tuple[int, int]:
    """DatatroveFileDataset, window by window, with the positions that it makes of the index."""
    import numpy as np
    from datatrove.utils.dataset import DatatroveFileDataset

    tokens = documents = 0
    for (source, split), group in expected.items():
        width = facts["seq_len"] + 1
        size = np.dtype(facts["dtype"]).itemsize
        path = str(folder / split / f"{source}.ds")
        dataset = DatatroveFileDataset(path, facts["seq_len"], token_size=size)
        windows = [dataset[index]["input_ids"].numpy() for index in range(len(dataset))]
        whole = len(group["tokens"]) // width * width
        tokens += _same(np.concatenate(windows) if windows else [], group["tokens"][:whole], f"tokens of {source}")
        rest = np.fromfile(path, facts["dtype"])[whole:]
        tokens += _same(rest, group["tokens"][whole:], f"end of {source}")
        documents += _same(np.fromfile(f"{path}.index", np.uint64), np.cumsum(group["lengths"]), f"index of {source}")
    return tokens, documents


def mds(folder: Path, expected: dict[Any, Any], _: Any) -> tuple[int, int]:
    """StreamingDataset, sample by sample."""
    from streaming import StreamingDataset

    tokens = rows = 0
    for (source, split), group in expected.items():
        dataset = StreamingDataset(local=str(folder / source), split=split, batch_size=1)
        assert len(dataset) == len(group["rows"]), f"{len(dataset)} samples of {source}"
        for index, right in enumerate(group["rows"]):
            sample = dataset[index]
            _same(sample["tokens"], right, f"row {index} of {source}")
            assert sample["doc_starts"][0] == 0, f"doc_starts of row {index}"
            tokens += int(sample["n_tokens"])
        rows += len(dataset)
    assert tokens == sum(len(group["tokens"]) for group in expected.values()), f"{tokens} tokens"
    return tokens, rows


def litdata(folder: Path, expected: dict[Any, Any], facts: Any) -> tuple[int, int]:
    """StreamingDataset with TokensLoader, block by block."""
    import numpy as np
    from litdata import StreamingDataset, TokensLoader

    tokens = blocks = 0
    for (source, split), group in expected.items():
        size = facts["seq_len"]
        dataset = StreamingDataset(str(folder / source / split), item_loader=TokensLoader(block_size=size))
        found = [dataset[index].numpy() for index in range(len(dataset))]
        whole = len(group["tokens"]) // size * size
        tokens += _same(np.concatenate(found) if found else [], group["tokens"][:whole], f"tokens of {source}")
        blocks += len(found)
    return tokens, blocks


READERS = {
    "megatron": megatron,
    "nanogpt": nanogpt,
    "llmc": llmc,
    "datatrove": datatrove,
    "mds": mds,
    "litdata": litdata,
}

if __name__ == "__main__":
    main()

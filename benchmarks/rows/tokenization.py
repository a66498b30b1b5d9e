"""Text to token files with one tokenizer.json. The numbers of tokens must be the same, the end of each document included."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size

EOS = "<|eos|>"


def ours(inputs: Path) -> Work:
    """A side: a whole pipeline, JSONL to packed shards, with all that a run writes."""
    import corpus_forge as cf

    size = text_size(read_lines(inputs / "english.jsonl", "text"))

    def pipeline(limit: int | None) -> tuple[int, int]:
        source = {"name": "texts", "format": "jsonl", "paths": [str(inputs / "english.jsonl")]}
        tokenize = {"tokenizer": str(inputs / "tokenizer.json"), "seq_len": 1024}
        with tempfile.TemporaryDirectory() as folder:
            recipe = cf.Pipeline.from_dict({"name": "tokens", "sources": [source], "steps": [], "tokenize": tokenize})
            report = recipe.run(folder, executor="inline", workers=1, limit=limit).report
        return report["totals"]["kept"], report["tokens"]["tokens"]

    pipeline(4)

    def work() -> Done:
        documents, tokens = pipeline(None)
        return Done(documents, size, f"{tokens} tokens")

    return work


def ours_encoder(inputs: Path) -> Work:
    """A side: the encoder, over an Arrow column."""
    import pyarrow as pa

    from corpus_forge.tokens.tokenizer import load_tokenizer

    texts = read_lines(inputs / "english.jsonl", "text")
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    tokenizer = load_tokenizer(inputs / "tokenizer.json")
    tokenizer.encode(texts[:4])

    def work() -> Done:
        encoded = tokenizer.encode(column)
        return Done(len(texts), size, f"{len(encoded.ids) + len(texts)} tokens")

    return work


def _packed(inputs: Path, packing: str) -> Work:
    """A column of texts to one written shard: the work of datatrove's step."""
    import numpy as np
    import pyarrow as pa

    from corpus_forge.tokens.pack import pack
    from corpus_forge.tokens.schema import ShardMetadata
    from corpus_forge.tokens.shard import write_shard
    from corpus_forge.tokens.tokenizer import load_tokenizer

    texts = read_lines(inputs / "english.jsonl", "text")
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    tokenizer = load_tokenizer(inputs / "tokenizer.json")
    eos, pad = tokenizer.packing_ids()
    facts = {"vocab_size": tokenizer.vocab_size, "tokenizer_sha256": tokenizer.sha256, "eos_id": eos, "pad_id": pad}
    made = {"seq_len": 2048, "eos_id": eos, "pad_id": pad, "dtype": tokenizer.dtype, "token_bytes": tokenizer.token_bytes()}

    def shard(some: pa.Array) -> int:
        encoded = tokenizer.encode(some)
        sizes = np.diff(np.frombuffer(some.buffers()[1], np.int64)[some.offset : some.offset + len(some) + 1])
        rows = pack(packing, encoded.ids, encoded.offsets, np.arange(len(some)), sizes, **made)
        with tempfile.TemporaryDirectory() as folder, (Path(folder) / "shard.arrow").open("wb") as sink:
            metadata = ShardMetadata(seq_len=2048, source="web", packing=packing, **facts)
            return write_shard(sink, rows, metadata, "shard.arrow").tokens

    shard(column[:4])

    def work() -> Done:
        return Done(len(texts), size, f"{shard(column)} tokens")

    return work


def ours_concat(inputs: Path) -> Work:
    """A side: texts in memory to a shard, one document after another."""
    return _packed(inputs, "concat")


def ours_best_fit(inputs: Path) -> Work:
    """A side: the same by best fit."""
    return _packed(inputs, "best_fit")


def tokenizers(inputs: Path) -> Work:
    """A side: the library that defines the tokenizer, on one thread."""
    from tokenizers import Tokenizer

    texts = read_lines(inputs / "english.jsonl", "text")
    size, tokenizer = text_size(texts), Tokenizer.from_file(str(inputs / "tokenizer.json"))
    tokenizer.encode_batch(texts[:4])

    def work() -> Done:
        tokens = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts))
        return Done(len(texts), size, f"{tokens + len(texts)} tokens")

    return work


def datatrove(inputs: Path) -> Work:
    """A side: datatrove's step, unshuffled, to token files."""
    from datatrove.data import Document
    from datatrove.pipeline.tokens import DocumentTokenizer
    from loguru import logger

    logger.remove()
    texts = read_lines(inputs / "english.jsonl", "text")
    size = text_size(texts)
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]

    def tokenize(some: list[Document]) -> int:
        with tempfile.TemporaryDirectory() as folder:
            step = DocumentTokenizer(folder, str(inputs / "tokenizer.json"), eos_token=EOS, shuffle_documents=False)
            step.run(some)
            (file,) = Path(folder).glob("*.ds")
            return file.stat().st_size // 2

    tokenize(documents[:4])

    def work() -> Done:
        return Done(len(texts), size, f"{tokenize(documents)} tokens")

    return work


ROW = Row(
    "Tokenization",
    {
        "corpus-forge, encoder alone": Side(OURS, ours_encoder),
        "corpus-forge, texts to a shard, concat": Side(OURS, ours_concat),
        "corpus-forge, texts to a shard, best_fit": Side(OURS, ours_best_fit),
        "corpus-forge, JSONL to packed shards": Side(OURS, ours),
        "tokenizers, encode_batch": Side(PEERS, tokenizers),
        "datatrove, DocumentTokenizer": Side(PEERS, datatrove),
    },
    note="byte-level BPE of 16,384; all but JSONL to packed shards start from texts in memory; digests of shards included",
)

if __name__ == "__main__":
    main(ROW)

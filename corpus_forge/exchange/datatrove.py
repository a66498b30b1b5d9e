"""datatrove's token files: SPLIT/SOURCE.ds holds the tokens of all documents, .ds.index where each ends.

    .ds           uint16 or uint32, document after document, each closed by EOS
    .ds.index     uint64 for each document: its end, in tokens
    .ds.metadata  three lines: tokenizer|bytes a token, tokens, tokens for people

Layout as in datatrove/pipeline/tokens/tokenizer.py (0.10). A folder for each split, since `DatatroveFolderDataset` takes all
of a folder's files.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.exchange.target import Target, safe_name
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.documents import groups


def write(dataset: TokenDataset, target: Target) -> None:
    """SPLIT/SOURCE.ds with its index and metadata, for each source and split."""
    dtype = dataset.metadata.token_dtype.newbyteorder("<")
    for group in groups(dataset):
        name, end = f"{safe_name(group.split)}/{safe_name(group.source)}.ds", 0
        with target.file(name) as tokens, target.file(f"{name}.index") as index:
            for block in group.documents():
                tokens.write(block.tokens.astype(dtype).tobytes())
                index.write((block.offsets[1:] + end).astype("<u8").tobytes())
                end += len(block.tokens)
        target.write(f"{name}.metadata", _metadata(dataset, end, dtype))


def _metadata(dataset: TokenDataset, tokens: int, dtype: np.dtype) -> bytes:
    tokenizer = (dataset.metadata.tokenizer_name or "tokenizer.json").replace("|", "_").replace("\n", " ")
    return f"{tokenizer}|{dtype.itemsize}\n{tokens}\n{tokens / 1e6:.1f} MT".encode()

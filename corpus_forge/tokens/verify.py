"""Whether a tokens folder is what it says: digests, boundaries, counts, and what its tokens mean.

Everything is looked at with numpy, whole columns at a time, straight from the mapped files; nothing is trusted that can be
counted. A finding is a sentence; an empty list means that nothing is wrong. What the folder cannot know, the run's documents,
is checked by report/verify.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus_forge.errors import CorpusForgeError, InputError
from corpus_forge.tokens.holdout import TRAIN
from corpus_forge.tokens.index import Index, ShardEntry, read_index, totals
from corpus_forge.tokens.mixture_file import MIXTURE_FILES, find_mixture, read_mixture, row_weights
from corpus_forge.tokens.shard import Shard
from corpus_forge.tokens.shuffled import MIXED
from corpus_forge.tokens.verify_rows import row_findings

READ_AT_ONCE = 1 << 22
TABLES = ("token_bytes.npy", "word_start.npy")


class Finding(NamedTuple):
    """What is wrong, and where: a file, below the folder or run that was looked at."""

    where: str
    what: str


def verify_tokens(path: str | Path) -> list[Finding]:
    """What is wrong with the tokens of a run, or with a tokens folder; InputError when there is none."""
    index = read_index(path)
    found = [*_index_findings(index), *_tokenizer_findings(index), *_mixture_findings(index)]
    begun: list[np.ndarray] = []
    for entry in index.shards:
        found += [Finding(entry.path, what) for what in shard_findings(index, entry, begun)]
    uids = np.sort(np.concatenate([np.zeros(0, np.uint64), *begun]))
    twice = uids[1:][uids[1:] == uids[:-1]]
    if len(twice):
        found.append(Finding("index.json", f"{len(twice)} documents are there twice, the first is {twice[0]}"))
    return found


def shard_findings(index: Index, entry: ShardEntry, begun: list[np.ndarray]) -> Iterator[str]:
    """What is wrong with one shard; the ids of documents that begin in it are added to `begun`."""
    file = index.folder / entry.path
    try:
        digest = file_digest(file)
        shard = Shard(file)
    except (CorpusForgeError, OSError) as error:
        yield str(error)
        return
    try:
        if digest != entry.sha256:
            yield f"its sha256 is {digest}, the index says {entry.sha256}"
        yield from _header_findings(index, entry, shard)
        yield from row_findings(shard)
        if shard.metadata.packing != MIXED:  # where a document may be read twice, or in part
            begun.append(shard.doc_uid[~shard.doc_cont])
    finally:
        shard.close()


def file_digest(path: Path) -> str:
    """sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(READ_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()


def _header_findings(index: Index, entry: ShardEntry, shard: Shard) -> Iterator[str]:
    """The header against the index."""
    meta, counts = shard.metadata, shard.counts
    pairs = [(name, getattr(counts, name), getattr(entry, name)) for name in ("rows", "tokens", "docs", "bytes")]
    pairs += [(name, getattr(meta, name), getattr(entry, name)) for name in ("source", "split")]
    pairs += [(name, getattr(meta, name), getattr(index, name)) for name in ("seq_len", "vocab_size")]
    pairs += [("run", meta.run, index.fields.get("run"))]
    pairs += [("tokenizer.sha256", meta.tokenizer_sha256, index.fields["tokenizer"]["sha256"])]
    for name, have, want in pairs:
        if have != want:
            yield f"its header says {name} {have}, the index says {want}"


def _index_findings(index: Index) -> Iterator[Finding]:
    names = [entry.path for entry in index.shards]
    if len(set(names)) != len(names):
        yield Finding("index.json", "it lists a shard twice")
    for stray in sorted({file.name for file in index.folder.glob("*.arrow")} - set(names)):
        yield Finding(stray, "it is not in the index")
    for by, key in (("source", "sources"), ("split", "splits")):
        if key in index.fields and index.fields[key] != totals(index.shards, by):
            yield Finding("index.json", f"its `{key}` are not the sums over its shards")


def _mixture_findings(index: Index) -> Iterator[Finding]:
    """A mixture file that cannot be read, or that wants tokens of a part that has none."""
    try:
        file = find_mixture(index.folder)
        if file is not None:
            row_weights(read_mixture(file), index, TRAIN, file.name)
    except InputError as error:
        yield Finding(MIXTURE_FILES[0], str(error))


def _tokenizer_findings(index: Index) -> Iterator[Finding]:
    """The digest of tokenizer.json, and the tables beside it against what it says."""
    file = index.folder / "tokenizer.json"
    try:
        digest = file_digest(file)
    except OSError as error:
        yield Finding(file.name, f"it cannot be read: {error.strerror}")
        return
    if digest != index.fields["tokenizer"]["sha256"]:
        yield Finding(file.name, f"its sha256 is {digest}, the index says {index.fields['tokenizer']['sha256']}")
    try:
        from corpus_forge.tokens.tokenizer import load_tokenizer

        tokenizer = load_tokenizer(index.folder)
    except InputError as error:
        yield Finding(file.name, str(error))
        return
    if tokenizer.vocab_size != index.vocab_size:
        yield Finding(file.name, f"it has {tokenizer.vocab_size} ids, the index says {index.vocab_size}")
    for name, right in zip(TABLES, (tokenizer.token_bytes(), tokenizer.word_start()), strict=True):
        try:
            table = np.load(index.folder / name, allow_pickle=False)
        except (OSError, ValueError) as error:
            yield Finding(name, f"it cannot be read: {error}")
            continue
        if not np.array_equal(table, right):
            yield Finding(name, "it is not what tokenizer.json says")

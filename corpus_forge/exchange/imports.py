"""Tokens that others made as a tokens folder: Megatron's .bin and .idx, nanoGPT's .bin.

Nothing is encoded anew: ids are taken as they are, and packed. What only the tokenizer knows, the bytes of each id and which
one is EOS, comes from its tokenizer.json. A document ends where the index says or at an EOS, whichever comes first, since in a
token shard EOS stands at the end of a document and nowhere else; one that ends without EOS gets it, and is counted. The cost of
not having the text: bytes are sums over ids, exact for byte-level tokenizers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from corpus_forge.document import document_ids
from corpus_forge.errors import InputError, RequestError, nearest
from corpus_forge.exchange import flat, megatron
from corpus_forge.exchange.target import safe_name
from corpus_forge.io.new_folder import new_folder
from corpus_forge.tokens.documents import blocks
from corpus_forge.tokens.index import INDEX_FILE, ShardEntry, build_index, index_bytes
from corpus_forge.tokens.layout import PACKINGS
from corpus_forge.tokens.pack import pack
from corpus_forge.tokens.schema import check_seq_len
from corpus_forge.tokens.shard import lookup_bytes, write_shard
from corpus_forge.tokens.tokenizer import TextTokenizer, load_tokenizer
from corpus_forge.tokens.verify import file_digest

Blocks = Iterator[tuple[np.ndarray, np.ndarray]]
BLOCK_TOKENS = 1 << 22
FORMATS = ("megatron", "nanogpt")


@dataclass(frozen=True)
class Packing:
    """What the new folder is to be; as `tokenize:` of a pipeline has it."""

    seq_len: int = 2048
    packing: str = "concat"
    source: str = "imported"
    split: str = "train"
    shard_tokens: int = 32_000_000

    def check(self) -> None:
        """RequestError names what cannot be."""
        check_seq_len(self.seq_len)
        safe_name(self.source)
        if self.packing not in PACKINGS:
            raise RequestError(f"--packing {self.packing}: unknown. {nearest(self.packing, PACKINGS)}")
        if self.split not in ("train", "validation"):
            raise RequestError(f"--split {self.split}: train or validation.")
        if self.shard_tokens < self.seq_len:
            raise RequestError(f"shard_tokens: {self.shard_tokens} is less than one row of {self.seq_len}.")


@dataclass
class _Import:
    """A folder in the making: documents wait until they fill a shard."""

    folder: Path
    tokenizer: TextTokenizer
    name: str
    to: Packing
    entries: list[ShardEntry] = field(default_factory=list)
    waiting: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    filled: int = 0
    without_eos: int = 0

    def add(self, path: Path, tokens: np.ndarray, offsets: np.ndarray, uids: np.ndarray) -> None:
        """Take documents whose EOS, if any, is already cut off."""
        if len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < self.tokenizer.vocab_size:
            wrong = int(np.flatnonzero((tokens < 0) | (tokens >= self.tokenizer.vocab_size))[0])
            where = np.searchsorted(offsets, wrong, "right") - 1
            message = f"document {int(uids[where]) & 0xFFFFFFFF} has id {tokens[wrong]}, and the tokenizer ids below"
            raise InputError(f"{path}: {message} {self.tokenizer.vocab_size}. Name the tokenizer that made it.")
        sizes = np.diff(offsets) + 1
        for start, stop in blocks(sizes, self.to.shard_tokens):
            size = int(sizes[start:stop].sum())
            if self.filled + size > self.to.shard_tokens:
                self.flush()
            some = tokens[offsets[start] : offsets[stop]].astype(self.tokenizer.dtype)
            self.waiting.append((some, offsets[start : stop + 1] - offsets[start], uids[start:stop]))
            self.filled += size

    def flush(self) -> None:
        """Write what waits as a shard."""
        if not self.waiting:
            return
        ids = np.concatenate([tokens for tokens, _, _ in self.waiting])
        lengths = np.concatenate([np.diff(offsets) for _, offsets, _ in self.waiting])
        uids = np.concatenate([uids for _, _, uids in self.waiting])
        self.waiting, self.filled = [], 0
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        eos, pad = self.tokenizer.packing_ids()
        table = self.tokenizer.token_bytes()
        sizes = np.diff(np.concatenate([[0], np.cumsum(table[ids], dtype=np.int64)])[offsets])
        rows = pack(
            self.to.packing,
            ids,
            offsets,
            uids,
            sizes,
            seq_len=self.to.seq_len,
            eos_id=eos,
            pad_id=pad,
            dtype=self.tokenizer.dtype,
            token_bytes=table,
        )
        name = f"shard-{len(self.entries):05d}.arrow"
        with (self.folder / name).open("xb") as sink:
            to = self.to
            about = self.tokenizer.shard_metadata(self.name, to.seq_len, to.packing, to.source, to.split)
            self.entries.append(write_shard(sink, rows, about, name))

    def finish(self, fingerprint: str, told: dict[str, Any]) -> None:
        """Write the tokenizer, its tables and the index."""
        self.flush()
        if not self.entries:
            raise InputError("import: there is no document in it.")
        tokenizer = self.tokenizer
        (self.folder / "tokenizer.json").write_bytes(tokenizer.content)
        (self.folder / "token_bytes.npy").write_bytes(lookup_bytes(tokenizer.token_bytes()))
        (self.folder / "word_start.npy").write_bytes(lookup_bytes(tokenizer.word_start()))
        index = build_index(
            self.entries,
            seq_len=self.to.seq_len,
            vocab_size=tokenizer.vocab_size,
            tokenizer_sha256=tokenizer.sha256,
            run="",
            fingerprint=fingerprint,
        )
        index |= {"imported": {**told, "documents_without_eos": self.without_eos}}
        (self.folder / INDEX_FILE).write_bytes(index_bytes(index))


def import_tokens(
    paths: Sequence[str | Path], form: str, tokenizer: str | Path, output: str | Path, to: Packing | None = None
) -> Path:
    """Make the tokens folder `output` of files that `megatron` or `nanogpt` reads; the folder.

    Documents are numbered by file (in the order given) and place, as a run's are. The files' digests stand in index.json under
    `imported`. RequestError and InputError say what is wrong with the request or a file.
    """
    to = to or Packing()
    to.check()
    if form not in FORMATS:
        raise RequestError(f"--from {form}: unknown. {nearest(form, FORMATS)}")
    loaded = load_tokenizer(tokenizer)
    eos, _ = loaded.packing_ids()
    with new_folder(output) as part:
        making = _Import(part, loaded, Path(tokenizer).name, to)
        for number, path in enumerate(map(Path, paths)):
            _take(making, number, path, _blocks(path, form, eos), eos)
        digests = {file.name: file_digest(file) for path in map(Path, paths) for file in _files(path, form)}
        making.finish(_fingerprint(digests, loaded, to), {"format": form, "files": digests})
    return Path(output)


def _blocks(path: Path, form: str, eos: int) -> Blocks:
    """(tokens, offsets) of the documents of a file, some at a time."""
    return megatron.read(path, BLOCK_TOKENS) if form == "megatron" else flat.read_nanogpt(path, eos, BLOCK_TOKENS)


def _take(making: _Import, number: int, path: Path, blocks: Blocks, eos: int) -> None:
    record = 0
    for tokens, ends in blocks:
        offsets = split_at_eos(tokens, ends, eos)
        closed = np.zeros(len(offsets) - 1, bool)
        filled = np.diff(offsets) > 0
        closed[filled] = tokens[offsets[1:][filled] - 1] == eos
        making.without_eos += int((~closed).sum())
        lengths = np.diff(offsets) - closed
        uids = document_ids(number, np.arange(record, record + len(lengths)))
        record += len(lengths)
        making.add(path, tokens[tokens != eos], np.concatenate([[0], np.cumsum(lengths)]), uids)


def split_at_eos(tokens: np.ndarray, offsets: np.ndarray, eos: int) -> np.ndarray:
    """int64[c + 1]: the offsets of documents with a further end behind every EOS that is none yet."""
    inner = np.flatnonzero(tokens == eos) + 1
    return np.sort(np.concatenate([offsets, np.setdiff1d(inner, offsets)]))


def _files(path: Path, form: str) -> list[Path]:
    if form != "megatron":
        return [path]
    prefix = path.with_suffix("") if path.suffix in (".bin", ".idx") else path
    return [prefix.with_name(f"{prefix.name}{suffix}") for suffix in (".bin", ".idx")]


def _fingerprint(digests: dict[str, str], tokenizer: TextTokenizer, to: Packing) -> str:
    return hashlib.sha256(repr((sorted(digests.items()), tokenizer.sha256, to)).encode()).hexdigest()

"""Whether a run directory is what it says: its tokens (tokens/verify.py), its counts, its index, and some documents read back.

Nothing is taken from the run's memory but what it claims: rows are counted, digests made anew, and sampled documents are
put together from their pieces, decoded, and held against documents/. The list is empty when all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpus_forge.errors import InputError
from corpus_forge.io.key_index import DESCRIPTION, FOLDER, find_indexes
from corpus_forge.report.build import accounting_findings
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.index import INDEX_FILE
from corpus_forge.tokens.positions import find_document
from corpus_forge.tokens.shuffled import MIXED
from corpus_forge.tokens.tokenizer import TextTokenizer, load_tokenizer
from corpus_forge.tokens.verify import Finding, verify_tokens

FOLDERS = {"documents": "kept", "removed": "removed", "quarantine": "quarantined"}


def verify_run(root: Path, record: Mapping[str, Any], sample: int = 20, seed: int = 0) -> list[Finding]:
    """What is wrong with a finished run; `sample` documents are read back to text."""
    if record["status"] != "complete":
        return [Finding("run.json", f"the run is {record['status']}; the same command goes on with it")]
    found = [*_count_findings(root, record), *_index_findings(root)]
    if not record.get("tokens"):
        return found
    try:
        tokens = verify_tokens(root)
    except InputError as error:
        return [*found, Finding(f"tokens/{INDEX_FILE}", str(error))]
    found += [Finding(f"tokens/{where}", what) for where, what in tokens]
    found += _total_findings(root, record)
    return found if found else list(_document_findings(root, sample, seed))


def _count_findings(root: Path, record: Mapping[str, Any]) -> Iterator[Finding]:
    """Rows of the parts against run.json, and run.json against itself."""
    steps, totals = record.get("steps") or [], record["totals"]
    for sentence in accounting_findings(steps, totals, whole=not record.get("failed_shards")):
        yield Finding("run.json", sentence)
    for folder, key in FOLDERS.items():
        rows = 0
        for part in sorted((root / folder).glob("part-*.parquet")):
            try:
                rows += pq.read_metadata(part).num_rows
            except (OSError, pa.ArrowException) as error:
                yield Finding(f"{folder}/{part.name}", f"it cannot be read: {error}")
        if rows != totals[key]:
            yield Finding(folder, f"{rows} rows, run.json says {totals[key]} {key}")


def _index_findings(root: Path) -> Iterator[Finding]:
    """What later runs would look up: whole, where it is there at all."""
    if not (root / FOLDER).is_dir():
        return
    try:
        indexes = find_indexes(root)
    except InputError as error:
        yield Finding(FOLDER, str(error))
        return
    for index in indexes:
        if index.there() != index.bytes:
            yield Finding(f"{FOLDER}/{index.folder.name}", f"{index.there()} bytes, {DESCRIPTION} says {index.bytes}")


def _total_findings(root: Path, record: Mapping[str, Any]) -> Iterator[Finding]:
    claimed, names = record["tokens"], {"tokens": "tokens", "sequences": "rows", "documents": "docs", "bytes": "bytes"}
    with TokenDataset(root) as dataset:
        for name, field in names.items():
            summed = sum(getattr(entry, field) for entry in dataset.shards)
            if summed != claimed[name]:
                yield Finding("tokens/index.json", f"{summed} {name}, run.json says {claimed[name]}")
        if _is_mixed(dataset):
            return
        counted = sum(each["documents"] for each in (dataset.index.get("statistics") or {}).get("sources", {}).values())
        if counted != claimed["documents"]:
            yield Finding("tokens/index.json", f"its statistics count {counted} documents, its shards {claimed['documents']}")


def _document_findings(root: Path, sample: int, seed: int) -> Iterator[Finding]:
    """Every kept document has tokens and the other way round; some are read back."""
    held, mixed = _begun(root), False
    with TokenDataset(root) as dataset:
        mixed = _is_mixed(dataset)
    kept = pq.read_table(root / "documents", columns=["id"]).column("id").to_numpy()
    lost, extra = np.setdiff1d(kept, held), np.setdiff1d(held, kept)
    if len(lost) and not mixed:
        yield Finding("tokens", f"{len(lost)} documents have no tokens, the first is {lost[0]}")
    if len(extra):
        yield Finding("tokens", f"{len(extra)} documents are not in documents/, the first is {extra[0]}")
    if (len(lost) and not mixed) or len(extra) or not len(kept):
        return
    draws = np.random.Generator(np.random.Philox(key=[seed, 5])).permutation(len(kept))[:sample]
    chosen = np.sort(kept[draws])
    rows = pq.read_table(root / "documents", columns=["id", "text"], filters=[("id", "in", chosen.tolist())]).to_pylist()
    tokenizer = load_tokenizer(root / "tokens")
    with TokenDataset(root) as dataset:
        for row in rows:
            what = _difference(dataset, tokenizer, row["id"], row["text"] or "")
            if what:
                yield Finding("tokens", f"document {row['id']}: {what}")


def _begun(root: Path) -> np.ndarray:
    """uint64[n]: ids of the documents that begin in any shard."""
    with TokenDataset(root) as dataset:
        shards = [dataset.shard(number) for number in range(len(dataset.shards))]
        return np.concatenate([np.zeros(0, np.uint64), *(shard.doc_uid[~shard.doc_cont] for shard in shards)])


def _is_mixed(dataset: TokenDataset) -> bool:
    """Whether rows are those of a materialised mixture, where a document may be read twice, in part, or not at all."""
    return bool(dataset.shards) and dataset.metadata.packing == MIXED


def _difference(dataset: TokenDataset, tokenizer: TextTokenizer, uid: int, text: str) -> str:
    """What is wrong with a document's tokens; empty when they are those of its text."""
    names = {entry.path: number for number, entry in enumerate(dataset.shards)}
    pieces = [dataset.shard(names[at.shard]).tokens[at.row, at.start : at.stop] for at in find_document(dataset.path, uid)]
    if _is_mixed(dataset):
        whole = np.append(tokenizer.encode([text]).ids, [dataset.metadata.eos_id])
        return "" if all(_lies_in(piece, whole) for piece in pieces) else "its tokens are not among those of its text"
    ids = np.concatenate(pieces)
    ended = len(ids) and ids[-1] == dataset.metadata.eos_id
    body = ids[:-1] if ended else ids
    right = tokenizer.encode([text]).ids
    cut = dataset.metadata.packing == "one_per_row" and not ended
    if not np.array_equal(body, right[: len(body)] if cut else right):
        return "its tokens are not those of its text"
    if tokenizer.vocabulary.byte_level and not cut and tokenizer.decode(body) != text:
        return "its tokens do not decode to its text"
    return ""


def _lies_in(piece: np.ndarray, whole: np.ndarray) -> bool:
    """Whether the ids of a piece follow one another somewhere in those of a document."""
    wide = whole.astype(np.uint64)
    starts = np.flatnonzero(wide[: max(0, len(wide) - len(piece) + 1)] == piece[0])
    return any(np.array_equal(wide[start : start + len(piece)], piece) for start in starts.tolist())

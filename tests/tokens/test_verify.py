"""verify: silent about what is right, and a sentence for each way to be wrong."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from token_folders import edit_index, metadata, pack

from corpus_forge.errors import InputError
from corpus_forge.tokens.index import build_index, index_bytes
from corpus_forge.tokens.layout import PACKINGS
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.shard import lookup_bytes, write_shard
from corpus_forge.tokens.tokenizer import TextTokenizer
from corpus_forge.tokens.verify import verify_tokens

DOCUMENTS = [(uid, [110 + uid] * (uid * 37 % 300)) for uid in range(40)]


def folder_of(folder: Path, tokenizer: TextTokenizer, rows: PackedRows, packing: str = "concat", **changes: object) -> Path:
    """A tokens folder with everything in it."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"vocab_size": tokenizer.vocab_size, "tokenizer_sha256": tokenizer.sha256, "packing": packing, "run": "r"}
    meta, sink = metadata(**{**facts, **changes}), io.BytesIO()
    entry = write_shard(sink, rows, meta, "shard-00000.arrow")
    (folder / "shard-00000.arrow").write_bytes(sink.getvalue())
    same = {"seq_len": 128, "vocab_size": tokenizer.vocab_size, "tokenizer_sha256": tokenizer.sha256}
    (folder / "index.json").write_bytes(index_bytes(build_index([entry], **same, run="r", fingerprint="f")))
    (folder / "tokenizer.json").write_bytes(tokenizer.content)
    (folder / "token_bytes.npy").write_bytes(lookup_bytes(tokenizer.token_bytes()))
    (folder / "word_start.npy").write_bytes(lookup_bytes(tokenizer.word_start()))
    return folder


@pytest.mark.parametrize("packing", sorted(PACKINGS))
def test_what_was_packed_is_right(tmp_path, tokenizer, packing) -> None:
    assert verify_tokens(folder_of(tmp_path, tokenizer, pack(DOCUMENTS, packing=packing), packing)) == []
    assert verify_tokens(folder_of(tmp_path / "none", tokenizer, pack([], packing=packing), packing)) == []


def changed(rows: PackedRows, name: str, place: tuple, value: int | bool) -> PackedRows:
    values = getattr(rows, name).copy()
    values[place] = value
    return replace(rows, **{name: values})


WRONG_ROWS = {
    "has EOS (0) inside a piece": ("tokens", (3, 5), 0),
    "has an id that is not below 600": ("tokens", (2, 1), 600),
    "has other ids than 1 in its padding": ("tokens", (-1, -1), 300),
    "has no token": ("n_tokens", (1,), 0),
    "has more than 128 tokens": ("n_tokens", (1,), 129),
    "is not full, and not the last one, under `concat`": ("n_tokens", (1,), 127),
    "does not begin with a piece": ("doc_starts", (0,), 1),
    "has pieces that are empty or out of order": ("doc_starts", (1,), 0),
    "has a piece that begins a document, or continues it, in the wrong place": ("doc_cont", (0,), True),
}


@pytest.mark.parametrize("says", WRONG_ROWS)
def test_each_rule_of_rows_is_checked(tmp_path, tokenizer, says) -> None:
    rows = changed(pack(DOCUMENTS), *WRONG_ROWS[says])
    assert any(says in finding.what for finding in verify_tokens(folder_of(tmp_path, tokenizer, rows)))


def test_documents_that_do_not_end_and_those_that_end_twice_are_found(tmp_path, tokenizer) -> None:
    rows = pack([(1, [300] * 10), (2, [301] * 10)])
    assert "has a document that does not end with EOS" in str(
        verify_tokens(folder_of(tmp_path / "a", tokenizer, changed(rows, "tokens", (0, 21), 305)))
    )
    same = replace(rows, doc_uid=np.array([1, 1], np.uint64))
    assert "in the wrong place" in str(verify_tokens(folder_of(tmp_path / "b", tokenizer, same)))


def test_promises_of_packings_are_checked(tmp_path, tokenizer) -> None:
    rows = pack(DOCUMENTS)
    for packing, says in (
        ("best_fit", "cut more than it must be"),
        ("pad", "more than one piece"),
        ("one_per_row", "one piece"),
    ):
        found = verify_tokens(folder_of(tmp_path / packing, tokenizer, rows, packing))
        assert any(says in finding.what for finding in found), packing
    assert "3 tokens were dropped" in str(verify_tokens(folder_of(tmp_path / "d", tokenizer, replace(rows, truncated=3))))


def test_files_that_are_not_what_the_index_says(tmp_path, tokenizer) -> None:
    folder = folder_of(tmp_path, tokenizer, pack(DOCUMENTS))
    (folder / "shard-00009.arrow").write_bytes(b"stray")
    (folder / "word_start.npy").write_bytes(lookup_bytes(~tokenizer.word_start()))
    (folder / "token_bytes.npy").write_bytes(b"\x93NUMPY broken")
    edit_index(folder, lambda index: index["shards"][0].update(docs=7, split="validation", sha256="0" * 64))
    found = {(finding.where, finding.what.partition(":")[0][:42]) for finding in verify_tokens(folder)}
    assert found >= {
        ("shard-00009.arrow", "it is not in the index"),
        ("word_start.npy", "it is not what tokenizer.json says"),
        ("token_bytes.npy", "it cannot be read"),
        ("index.json", "its `sources` are not the sums over its sh"),
        ("index.json", "its `splits` are not the sums over its sha"),
        ("shard-00000.arrow", "its header says docs 40, the index says 7"),
        ("shard-00000.arrow", "its header says split train, the index say"),
    }
    assert any("sha256" in what for _, what in found)


def test_a_flipped_bit_a_cut_file_and_another_tokenizer_are_found(tmp_path, tokenizer) -> None:
    folder = folder_of(tmp_path, tokenizer, pack(DOCUMENTS))
    whole = (folder / "shard-00000.arrow").read_bytes()
    for place in np.random.Generator(np.random.Philox(2)).integers(0, len(whole), 30):
        broken = bytearray(whole)
        broken[place] ^= 16
        (folder / "shard-00000.arrow").write_bytes(broken)
        assert verify_tokens(folder), place
    (folder / "shard-00000.arrow").write_bytes(whole[:-300])
    assert "damaged or truncated" in verify_tokens(folder)[0].what
    (folder / "shard-00000.arrow").unlink()
    assert verify_tokens(folder)
    (folder / "shard-00000.arrow").write_bytes(whole)
    (folder / "tokenizer.json").write_bytes(tokenizer.content + b" ")
    assert [finding.where for finding in verify_tokens(folder)] == ["tokenizer.json"]
    (folder / "index.json").write_text(json.dumps({"format": "other"}))
    with pytest.raises(InputError, match="damaged index"):
        verify_tokens(folder)

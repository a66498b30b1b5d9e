"""Tokens without some documents: those are gone, all others are there, and the folder is as good as one made by `run`."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from token_folders import metadata, pack

from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.documents import groups
from corpus_forge.tokens.index import build_index, index_bytes
from corpus_forge.tokens.layout import PACKINGS
from corpus_forge.tokens.pack import pack as pack_documents
from corpus_forge.tokens.redact import redact_tokens
from corpus_forge.tokens.shard import lookup_bytes, write_shard
from corpus_forge.tokens.verify import verify_tokens

TEXTS = {uid: "the quick brown fox é " * (uid % 23) for uid in range(60)}
SHARDS = [range(20), range(20, 21), range(21, 40), range(40, 60)]


@pytest.fixture
def folder_of(tmp_path, tokenizer):
    """A whole folder of TEXTS, packed in one way, with real sizes."""

    def make(packing: str) -> Path:
        folder, entries = tmp_path / f"tokens-{packing}", []
        folder.mkdir()
        facts = {"vocab_size": tokenizer.vocab_size, "tokenizer_sha256": tokenizer.sha256}
        eos, pad = tokenizer.packing_ids()
        for number, uids in enumerate(SHARDS):
            encoded = tokenizer.encode([TEXTS[uid] for uid in uids])
            sizes = np.array([len(TEXTS[uid].encode()) for uid in uids])
            rows = pack_documents(
                packing,
                encoded.ids,
                encoded.offsets,
                np.array(uids, np.uint64),
                sizes,
                seq_len=128,
                eos_id=eos,
                pad_id=pad,
                dtype=tokenizer.dtype,
                token_bytes=tokenizer.token_bytes(),
            )
            meta = metadata(**facts, packing=packing, run="r", eos_id=eos, pad_id=pad)
            sink, name = io.BytesIO(), f"shard-{number:05d}.arrow"
            entries.append(write_shard(sink, rows, meta, name))
            (folder / name).write_bytes(sink.getvalue())
        (folder / "index.json").write_bytes(index_bytes(build_index(entries, seq_len=128, **facts, run="r", fingerprint="f")))
        (folder / "tokenizer.json").write_bytes(tokenizer.content)
        (folder / "token_bytes.npy").write_bytes(lookup_bytes(tokenizer.token_bytes()))
        (folder / "word_start.npy").write_bytes(lookup_bytes(tokenizer.word_start()))
        return folder

    return make


def documents(folder: Path) -> dict[int, list[int]]:
    with TokenDataset(folder) as dataset:
        (group,) = groups(dataset)
        found = {}
        for some in group.documents():
            parts = np.split(some.tokens, some.offsets[1:-1])
            found |= zip(some.uids.tolist(), (part.tolist() for part in parts), strict=True)
        return found


def uint64(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.uint64)


@pytest.mark.parametrize("packing", sorted(PACKINGS))
def test_only_the_documents_that_were_named_are_gone(folder_of, tmp_path, packing) -> None:
    folder, out = folder_of(packing), tmp_path / "out"
    before = documents(folder)
    record = redact_tokens(folder, uint64(3, 22, 19, 999), out)
    assert verify_tokens(out) == []
    after = documents(out)
    assert after == {uid: ids for uid, ids in before.items() if uid not in (3, 19, 22)}
    assert [(entry["id"], entry["tokens"]) for entry in record["documents"]] == [(n, len(before[n])) for n in (3, 19, 22)]
    assert record["tokens"] == sum(len(before[uid]) for uid in (3, 19, 22))
    assert (record["rewritten"], record["dropped"]) == (["shard-00000.arrow", "shard-00002.arrow"], [])
    assert record["as_they_were"] == 2
    for name in ("shard-00001.arrow", "shard-00003.arrow", "tokenizer.json", "token_bytes.npy"):
        assert (out / name).read_bytes() == (folder / name).read_bytes()
    with TokenDataset(out) as dataset:
        kept = sum(len(TEXTS[uid].encode()) for uid in after)
        assert packing == "one_per_row" or sum(entry.bytes for entry in dataset.shards) == kept
        assert dataset.index["fingerprint"] not in ("", "f")
        assert dataset.index["statistics"] == {}


def test_a_rewritten_shard_is_what_packing_the_others_gives(folder_of, tmp_path) -> None:
    """The bytes of the shard are those of a run that never had the document."""
    folder = folder_of("best_fit")
    redact_tokens(folder, uint64(5), tmp_path / "out")
    others = [uid for uid in SHARDS[0] if uid != 5]
    with TokenDataset(folder) as before, TokenDataset(tmp_path / "out") as after:
        held = documents(folder)
        rows = pack([(uid, held[uid][:-1]) for uid in others], dtype="uint16", packing="best_fit")
        assert after.shard(0).tokens.tolist() == rows.tokens.tolist()
        assert after.shard(0).metadata == before.shard(0).metadata


def test_a_shard_of_which_nothing_is_left_goes(folder_of, tmp_path) -> None:
    folder, out = folder_of("concat"), tmp_path / "out"
    record = redact_tokens(folder, uint64(20), out)
    assert (record["dropped"], record["rewritten"], record["as_they_were"]) == (["shard-00001.arrow"], [], 3)
    assert verify_tokens(out) == []
    assert not (out / "shard-00001.arrow").exists()


def test_the_same_request_gives_the_same_bytes_and_records_add_up(folder_of, tmp_path) -> None:
    folder = folder_of("concat")
    redact_tokens(folder, uint64(3, 22), tmp_path / "a", {"urls": ["u"]})
    redact_tokens(folder, uint64(22, 3, 3), tmp_path / "b", {"urls": ["u"]})
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
    redact_tokens(tmp_path / "a", uint64(40), tmp_path / "c")
    records = json.loads((tmp_path / "c" / "redaction.json").read_text())
    assert [[entry["id"] for entry in record["documents"]] for record in records] == [[3, 22], [40]]
    assert records[0]["asked"] == {"urls": ["u"]}
    assert records[0]["of"]["run"] == "r"
    assert "quick" not in json.dumps(records), "nothing of the text"


def test_without_tables_the_bytes_are_spread_evenly(folder_of, tmp_path) -> None:
    folder = folder_of("concat")
    (folder / "token_bytes.npy").unlink()
    redact_tokens(folder, uint64(3), tmp_path / "out")
    with TokenDataset(tmp_path / "out") as dataset:
        right = sum(len(TEXTS[uid].encode()) for uid in SHARDS[0] if uid != 3)
        assert dataset.shards[0].bytes == pytest.approx(right, rel=0.05)


def test_what_cannot_be_done_is_said_and_leaves_nothing(folder_of, tmp_path) -> None:
    folder, out = folder_of("concat"), tmp_path / "out"
    with pytest.raises(RequestError, match="none of the 1 documents has tokens in it"):
        redact_tokens(folder, uint64(999), out)
    with pytest.raises(RequestError, match="no other document has tokens in it"):
        redact_tokens(folder, np.arange(60, dtype=np.uint64), out)
    with pytest.raises(RequestError, match=r"exists\. Name a folder"):
        redact_tokens(folder, uint64(3), folder)
    whole = bytearray((folder / "shard-00003.arrow").read_bytes())
    whole[3000] ^= 1
    (folder / "shard-00003.arrow").write_bytes(whole)
    with pytest.raises(InputError, match=r"shard-00003\.arrow: its sha256 is .* It is damaged"):
        redact_tokens(folder, uint64(3), out)
    assert not out.exists()
    assert not list(tmp_path.glob(".out*"))

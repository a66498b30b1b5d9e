"""Tokens of others become shards: the same ids, documents and order, and what is wrong with a file is said."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from corpus_forge.errors import InputError, RequestError
from corpus_forge.exchange import imports
from corpus_forge.exchange.export import export
from corpus_forge.exchange.imports import Packing, import_tokens, split_at_eos
from corpus_forge.exchange.megatron import index_bytes, read_index
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.verify import verify_tokens

TEXTS = ["the quick brown fox", "", "漢字 🙂 é", "the lazy dog " * 200, "x"]


@pytest.fixture
def tokenizer_file(tmp_path, trained):
    file = tmp_path / "tokenizer.json"
    file.write_bytes(trained)
    return file


@pytest.fixture
def documents(tokenizer) -> list[list[int]]:
    """Ids of the texts without EOS."""
    return [tokenizer.encode([text]).ids.tolist() for text in TEXTS]


def write_megatron(prefix, sequences: list[list[int]], bounds: list[int], kind: str = "i") -> None:
    """By hand, so that a document may be several sequences."""
    code = {"i": 4, "H": 8, "q": 5}[kind]
    prefix.with_name(f"{prefix.name}.bin").write_bytes(b"".join(struct.pack(f"<{len(s)}{kind}", *s) for s in sequences))
    index = struct.pack("<9sQBQQ", b"MMIDIDX\x00\x00", 1, code, len(sequences), len(bounds))
    starts = np.cumsum([0, *(len(s) for s in sequences)])[:-1] * struct.calcsize(kind)
    index += struct.pack(f"<{len(sequences)}i", *map(len, sequences)) + struct.pack(f"<{len(starts)}q", *starts)
    prefix.with_name(f"{prefix.name}.idx").write_bytes(index + struct.pack(f"<{len(bounds)}q", *bounds))


def texts_of(folder) -> list[str]:
    with TokenDataset(folder) as dataset:
        return "".join(dataset.decode(row) for row in range(len(dataset))).split("<|eos|>")[:-1]


@pytest.mark.parametrize("kind", ["i", "H", "q"])
@pytest.mark.parametrize("packing", ["concat", "best_fit", "pad"])
def test_megatron_documents_may_be_several_sequences(tmp_path, tokenizer_file, tokenizer, documents, kind, packing) -> None:
    eos = tokenizer.eos_id
    closed = [[*ids, eos] for ids in documents]
    sequences = [closed[0], closed[1], closed[2][:3], closed[2][3:], closed[3], closed[4]]
    write_megatron(tmp_path / "m", sequences, [0, 1, 2, 4, 5, 6], kind)
    folder = import_tokens([tmp_path / "m"], "megatron", tokenizer_file, tmp_path / "out", Packing(128, packing))
    assert verify_tokens(folder) == []
    out = export(folder, "megatron", tmp_path / "back")
    content = np.fromfile(out / "imported-train.bin", np.uint16)
    assert content.tolist() == [token for ids in closed for token in ids]
    assert np.diff(read_index(out / "imported-train.idx").begin).tolist() == [len(ids) for ids in closed[:-1]]
    with TokenDataset(folder) as dataset:
        assert sum(entry.bytes for entry in dataset.shards) == sum(len(text.encode()) for text in TEXTS)


@pytest.mark.parametrize("suffix", ["", ".bin", ".idx"])
def test_a_dataset_of_megatron_is_named_by_any_of_its_files(tmp_path, tokenizer_file, documents, suffix) -> None:
    write_megatron(tmp_path / "a.b", [documents[0]], [0, 1])
    assert texts_of(import_tokens([tmp_path / f"a.b{suffix}"], "megatron", tokenizer_file, tmp_path / "out", Packing(128))) == [
        TEXTS[0]
    ]


@pytest.mark.parametrize("block", [3, 10, 1 << 22])
def test_nanogpt_comes_back_byte_for_byte(tmp_path, tokenizer_file, tokenizer, documents, monkeypatch, block) -> None:
    monkeypatch.setattr(imports, "BLOCK_TOKENS", block)
    stream = [token for ids in documents for token in (*ids, tokenizer.eos_id)]
    (tmp_path / "train.bin").write_bytes(struct.pack(f"<{len(stream)}H", *stream))
    to = Packing(128, "best_fit", shard_tokens=128)
    folder = import_tokens([tmp_path / "train.bin"], "nanogpt", tokenizer_file, tmp_path / "out", to)
    assert verify_tokens(folder) == []
    back = export(folder, "nanogpt", tmp_path / "back")
    assert (back / "train.bin").read_bytes() == (tmp_path / "train.bin").read_bytes()
    with TokenDataset(folder) as dataset:
        assert len(dataset.shards) > 1
        assert sum(entry.docs for entry in dataset.shards) == len(TEXTS)


def test_a_last_document_without_eos_gets_it_and_is_counted(tmp_path, tokenizer_file, tokenizer, documents) -> None:
    stream = [*documents[0], tokenizer.eos_id, *documents[2]]
    (tmp_path / "train.bin").write_bytes(struct.pack(f"<{len(stream)}H", *stream))
    folder = import_tokens([tmp_path / "train.bin"], "nanogpt", tokenizer_file, tmp_path / "out", Packing(128))
    assert texts_of(folder) == [TEXTS[0], TEXTS[2]]
    told = json.loads((folder / "index.json").read_text())["imported"]
    assert (told["format"], told["documents_without_eos"], list(told["files"])) == ("nanogpt", 1, ["train.bin"])


def test_a_document_of_megatron_without_a_sequence_is_empty(tmp_path, tokenizer_file, documents) -> None:
    write_megatron(tmp_path / "m", [documents[0]], [0, 0, 1, 1])
    folder = import_tokens([tmp_path / "m"], "megatron", tokenizer_file, tmp_path / "out", Packing(128))
    assert texts_of(folder) == ["", TEXTS[0], ""]
    write_megatron(tmp_path / "n", [], [0, 0])
    assert texts_of(import_tokens([tmp_path / "n"], "megatron", tokenizer_file, tmp_path / "none", Packing(128))) == [""]


def test_eos_inside_a_document_of_megatron_ends_it(tmp_path, tokenizer_file, tokenizer, documents) -> None:
    eos = tokenizer.eos_id
    write_megatron(tmp_path / "m", [[*documents[0], eos, *documents[2], eos]], [0, 1])
    folder = import_tokens([tmp_path / "m"], "megatron", tokenizer_file, tmp_path / "out", Packing(128))
    assert texts_of(folder) == [TEXTS[0], TEXTS[2]]
    assert verify_tokens(folder) == []


def test_documents_of_several_files_have_ids_of_their_own(tmp_path, tokenizer_file, documents) -> None:
    for name, ids in zip("ab", documents[2:], strict=False):
        (tmp_path / f"{name}.bin").write_bytes(struct.pack(f"<{len(ids)}H", *ids))
    files = [tmp_path / "a.bin", tmp_path / "b.bin"]
    to = Packing(128, source="mine", split="validation")
    first, again = (import_tokens(files, "nanogpt", tokenizer_file, tmp_path / name, to) for name in ("x", "y"))
    with TokenDataset(first) as dataset:
        assert dataset.shards[0].source == "mine"
        assert dataset.shards[0].split == "validation"
        assert np.unique(dataset.shard(0).doc_uid).tolist() == [0, 1 << 32]
    assert all((again / path.name).read_bytes() == path.read_bytes() for path in first.iterdir())


def test_split_at_eos_keeps_ends_that_are_there() -> None:
    tokens = np.array([5, 0, 6, 0, 0, 7])
    assert split_at_eos(tokens, np.array([0, 2, 6]), 0).tolist() == [0, 2, 4, 5, 6]
    assert split_at_eos(tokens, np.array([0, 2, 2, 6]), 0).tolist() == [0, 2, 2, 4, 5, 6], "an empty document stays"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda idx: b"NOTIDIDX" + idx[8:], "does not begin with MMIDIDX"),
        (lambda idx: idx[:20], "does not begin with MMIDIDX"),
        (lambda idx: idx[:9] + struct.pack("<Q", 2) + idx[17:], "version 2, type 4"),
        (lambda idx: idx[:17] + b"\x07" + idx[18:], "version 1, type 7"),
        (lambda idx: idx[:-8], "are too few for 1 sequences and 1 documents"),
        (lambda idx: idx[:18] + struct.pack("<Q", 1 << 62) + idx[26:], "are too few for 4611686018427387904 sequences"),
        (lambda idx: idx[:-8] + struct.pack("<q", 5), "its documents are not runs of its 1 sequences"),
        (lambda idx: idx[:34] + struct.pack("<i", -1) + idx[38:], "a length or a place that cannot be"),
        (lambda idx: idx[:38] + struct.pack("<q", 3) + idx[46:], "a length or a place that cannot be"),
        (lambda idx: idx[:34] + struct.pack("<i", 999) + idx[38:], "its index names tokens behind its end"),
    ],
)
def test_a_damaged_index_of_megatron_is_named(tmp_path, tokenizer_file, documents, change, message) -> None:
    write_megatron(tmp_path / "m", [documents[0]], [0, 1])
    (tmp_path / "m.idx").write_bytes(change((tmp_path / "m.idx").read_bytes()))
    with pytest.raises(InputError, match=message):
        import_tokens([tmp_path / "m"], "megatron", tokenizer_file, tmp_path / "out", Packing(128))
    assert not (tmp_path / "out").exists()


def test_wrong_requests_are_named(tmp_path, tokenizer_file, tokenizer) -> None:
    (tmp_path / "odd.bin").write_bytes(b"abc")
    (tmp_path / "empty.bin").write_bytes(b"")
    (tmp_path / "wide.bin").write_bytes(struct.pack("<3H", 5, tokenizer.vocab_size, 5))

    def attempt(file: str, form: str = "nanogpt", **changes) -> None:
        import_tokens([tmp_path / file], form, tokenizer_file, tmp_path / "out", Packing(**{"seq_len": 128, **changes}))

    for file, error in {
        "odd.bin": r"odd\.bin: 3 bytes are no whole number of uint16 tokens",
        "empty.bin": "there is no document in it",
        "wide.bin": rf"document 0 has id {tokenizer.vocab_size}, and the tokenizer ids below {tokenizer.vocab_size}",
        "gone.bin": r"gone\.bin: cannot be read: No such file",
    }.items():
        with pytest.raises(InputError, match=error):
            attempt(file)
    with pytest.raises(InputError, match=r"gone\.idx: cannot be read"):
        attempt("gone", "megatron")
    for changes, error in {
        ("seq_len", 100): "not a positive multiple of 128",
        ("packing", "bestfit"): "--packing bestfit: unknown. Did you mean 'best_fit'",
        ("split", "test"): "--split test: train or validation",
        ("source", "../x"): "no name for a file",
        ("shard_tokens", 1): "less than one row of 128",
    }.items():
        with pytest.raises(RequestError, match=error):
            attempt("odd.bin", **dict([changes]))
    with pytest.raises(RequestError, match="--from llama: unknown"):
        attempt("odd.bin", "llama")


def test_index_bytes_are_read_back() -> None:
    content = index_bytes(np.array([3, 0, 5]), 8)
    assert len(content) == 34 + 3 * 12 + 4 * 8

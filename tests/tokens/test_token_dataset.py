"""All rows of a tokens folder by number, without a copy, in any process; and what a damaged folder says."""

from __future__ import annotations

import multiprocessing
import operator
import pickle
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from token_folders import edit_index, metadata, pack, write_folder

from corpus_forge.errors import InputError
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.rows import PackedRows

SHARDS = [[(1, [5] * 300), (2, [6] * 10)], [], [(3, [7] * 127)], [(4, [8] * 400)]]


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "RUN" / "tokens", [pack(documents) for documents in SHARDS])


def test_rows_of_all_shards_are_one_sequence(folder) -> None:
    packed = PackedRows.join([pack(documents) for documents in SHARDS])
    with TokenDataset(folder) as dataset:
        assert len(dataset) == len(packed) == 3 + 0 + 1 + 4
        assert [row["tokens"].tolist() for row in dataset] == packed.tokens.tolist()
        assert [row["doc_uid"].tolist() for row in dataset] == [[1], [1], [1, 2], [3], [4], [4], [4], [4]]
        assert [row["doc_cont"].tolist() for row in dataset] == [[0], [1], [1, 0], [0], [0], [1], [1], [1]]
        assert dataset[2]["doc_starts"].tolist() == [0, 45]
        assert [int(row["n_tokens"]) for row in dataset] == [128, 128, 56, 128, 128, 128, 128, 17]
        assert [int(row["n_bytes"]) for row in dataset] == [128, 128, 54, 127, 128, 128, 128, 16]
        assert (dataset.seq_len, dataset.vocab_size, dataset.tokens) == (128, 600, 301 + 11 + 128 + 401)
        assert dataset.sources == {"web": {"shards": 4, "rows": 8, "tokens": 841, "docs": 4, "bytes": 837}}
        assert dataset.metadata == metadata()
        assert dataset.index["run"] == "r"


def test_a_run_directory_will_do_and_numbers_count_from_both_ends(folder) -> None:
    dataset = TokenDataset(folder.parent)
    assert dataset[-1]["tokens"].tolist() == dataset[7]["tokens"].tolist()
    assert dataset[np.int64(-8)]["doc_uid"].tolist() == [1]
    for wrong in (8, -9):
        with pytest.raises(IndexError, match=f"row {wrong} of a dataset of 8 rows"):
            dataset[wrong]
    with pytest.raises(TypeError):
        dataset[0:2]


def test_rows_are_views_of_the_mapped_file_that_outlive_the_dataset(folder) -> None:
    before = pa.total_allocated_bytes()
    dataset = TokenDataset(folder)
    tokens = dataset[3]["tokens"]
    mapped = dataset.shard(2).tokens
    assert np.shares_memory(tokens, mapped)
    assert pa.total_allocated_bytes() - before < mapped.nbytes + 100_000
    assert not tokens.flags.writeable
    dataset.close()
    assert tokens[:2].tolist() == [7, 7]
    assert dataset[0]["tokens"][0] == 5


def test_several_processes_read_at_once_and_a_dataset_can_be_sent_to_one(folder) -> None:
    dataset = TokenDataset(folder)
    assert dataset[0]["tokens"][0] == 5
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        rows = pool.map_async(operator.itemgetter(2, 4), [dataset] * 4).get(timeout=60)
    assert [(third["doc_uid"].tolist(), int(fifth["tokens"][0])) for third, fifth in rows] == [([1, 2], 8)] * 4
    assert len(pickle.dumps(dataset)) < 400


def test_reading_needs_numpy_and_pyarrow_alone(folder) -> None:
    program = f"""
import sys
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.positions import find_document
assert len(TokenDataset({str(folder)!r})[0]["tokens"]) == 128
assert find_document({str(folder)!r}, 2)
heavy = {{"pydantic", "ray", "gigatoken", "awkward", "tokenizers", "numba", "torch", "yaml"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_empty_index_is_an_empty_dataset(tmp_path) -> None:
    dataset = TokenDataset(write_folder(tmp_path / "tokens", []))
    assert (len(dataset), dataset.tokens, dataset.sources) == (0, 0, {})
    with pytest.raises(InputError, match="the index lists no shard"):
        _ = dataset.metadata


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda index: index.update(format="x"), r"index\.json: damaged index: ValueError: found 'x' version 1"),
        (lambda index: index.update(version=9), r"expected 'packed-tokens-index' version 1"),
        (lambda index: index.pop("shards"), "KeyError: 'shards'"),
        (lambda index: index["shards"][0].update(path="../secret.arrow"), "'../secret.arrow' is not a plain file name"),
        (lambda index: index["shards"][0].update(path="/etc/passwd"), "'/etc/passwd' is not a plain file name"),
        (lambda index: index["shards"][0].update(path=".."), "is not a plain file name"),
        (lambda index: index["shards"][0].update(path=3), "is not a plain file name"),
        (lambda index: index["shards"][0].update(rows=-1), "rows is -1"),
        (lambda index: index["shards"][0].update(rows="3"), "rows is '3'"),
        (lambda index: index.update(shards=3), "TypeError"),
    ],
)
def test_a_damaged_index_is_named_with_what_is_wrong(folder, change, message) -> None:
    edit_index(folder, change)
    with pytest.raises(InputError, match=message):
        TokenDataset(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda index: index["shards"][0].update(rows=2), "rows is 3, .*says 2"),
        (lambda index: index.update(seq_len=256), "seq_len is 128, .*says 256"),
        (lambda index: index["tokenizer"].update(sha256="00"), "tokenizer sha256 is abab.*, .*says 00"),
        (lambda index: index["shards"][0].update(path="gone.arrow"), r"gone\.arrow: no such token shard"),
    ],
)
def test_a_shard_that_does_not_belong_is_refused_when_it_is_opened(folder, change, message) -> None:
    edit_index(folder, change)
    with pytest.raises(InputError, match=message):
        TokenDataset(folder)[0]


def test_a_path_without_tokens_says_what_to_give(tmp_path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        TokenDataset(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"neither index\.json nor tokens/index\.json is in it"):
        TokenDataset(tmp_path)
    (tmp_path / "index.json").write_bytes(b"[" * 100_000)
    with pytest.raises(InputError, match="damaged index: RecursionError"):
        TokenDataset(tmp_path)


def test_a_row_is_decoded_with_the_tokenizer_beside_the_index(tmp_path, tokenizer) -> None:
    ids = tokenizer.encode(["the lazy dog"]).ids.tolist()
    meta = metadata(vocab_size=tokenizer.vocab_size, tokenizer_sha256=tokenizer.sha256)
    folder = write_folder(tmp_path, [pack([(1, ids), (2, ids)])], meta)
    (folder / "tokenizer.json").write_bytes(tokenizer.content)
    assert TokenDataset(folder).decode(0) == "the lazy dog<|eos|>the lazy dog<|eos|>"

"""Exports, read back token for token by readers that were written from the layouts' descriptions (layouts.py)."""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
from pathlib import Path

import exchange_layouts as layouts
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from exchange_corpus import DOCUMENTS, EOS, with_eos

from corpus_forge.errors import InputError, RequestError
from corpus_forge.exchange import flat, litdata, mds
from corpus_forge.exchange.export import FORMATS, export
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.documents import groups

PACKINGS = ("concat", "best_fit", "pad")
WIDE = {"vocab_size": 70_000}


@pytest.mark.parametrize("packing", ["concat", "best_fit"])
def test_groups_are_sources_and_splits(corpus_folder, packing) -> None:
    with TokenDataset(corpus_folder(packing)) as dataset:
        found = groups(dataset)
        assert [(group.source, group.split, group.numbers) for group in found] == [
            ("web", "train", (0, 1)),
            ("wiki", "train", (2,)),
            ("web", "validation", (3,)),
        ]
        assert [sum(len(some.tokens) for some in group.documents()) for group in found] == [g.tokens for g in found]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("changes", [{}, WIDE])
def test_megatron_has_each_document_as_a_sequence(corpus_folder, tmp_path, packing, changes) -> None:
    out = export(corpus_folder(packing, **changes), "megatron", tmp_path / "out")
    for source, split in DOCUMENTS:
        assert layouts.megatron(out / f"{source}-{split}") == with_eos(source, split)


def test_megatron_takes_int32_where_its_own_writer_does(corpus_folder, tmp_path) -> None:
    """65,500 ids and more, though uint16 would hold them."""
    out = export(corpus_folder(vocab_size=65_500), "megatron", tmp_path / "out")
    assert (out / "web-train.idx").read_bytes()[17] == 4
    assert layouts.megatron(out / "wiki-train") == with_eos("wiki", "train")


@pytest.mark.parametrize("packing", PACKINGS)
def test_nanogpt_has_all_documents_of_a_split_in_a_row(corpus_folder, tmp_path, packing) -> None:
    out = export(corpus_folder(packing), "nanogpt", tmp_path / "out")
    for name, keys in {"train": [("web", "train"), ("wiki", "train")], "val": [("web", "validation")]}.items():
        content = (out / f"{name}.bin").read_bytes()
        right = [token for key in keys for document in with_eos(*key) for token in document]
        assert list(struct.unpack(f"<{len(content) // 2}H", content)) == right


def test_nanogpt_cannot_hold_ids_of_more_than_16_bits(corpus_folder, tmp_path) -> None:
    with pytest.raises(RequestError, match=r"nanoGPT reads uint16, and ids go up to 69999\. Try llmc"):
        export(corpus_folder(**WIDE), "nanogpt", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tokens-concat"], "nothing is left behind"


@pytest.mark.parametrize("changes", [{}, WIDE])
@pytest.mark.parametrize("size", [7, 128, 100_000])
def test_llmc_has_eos_before_each_document_in_files_of_a_size(corpus_folder, tmp_path, monkeypatch, changes, size) -> None:
    monkeypatch.setattr(flat.write_llmc, "__defaults__", (size,))
    out = export(corpus_folder(**changes), "llmc", tmp_path / "out")
    for name, keys in {"train": [("web", "train"), ("wiki", "train")], "val": [("web", "validation")]}.items():
        parts = [layouts.llmc(file) for file in sorted(out.glob(f"tokens_{name}_*.bin"))]
        right = [token for key in keys for document in with_eos(*key) for token in (EOS, *document[:-1])]
        assert [token for part in parts for token in part] == right
        assert all(len(part) == size for part in parts[:-1])
        assert 0 < len(parts[-1]) <= size


@pytest.mark.parametrize(("changes", "kind"), [({}, "H"), (WIDE, "I")])
def test_datatrove_has_ends_of_documents_beside_the_tokens(corpus_folder, tmp_path, changes, kind) -> None:
    out = export(corpus_folder("best_fit", **changes), "datatrove", tmp_path / "out")
    for source, split in DOCUMENTS:
        assert layouts.datatrove(out / split / f"{source}.ds", kind) == with_eos(source, split)
    assert (out / "train" / "wiki.ds.metadata").read_text() == f"tokenizer.json|{struct.calcsize(kind)}\n141\n0.0 MT"


@pytest.mark.parametrize("changes", [{}, WIDE])
@pytest.mark.parametrize("chunk", [1, 600, 1 << 26])
def test_litdata_has_whole_rows_in_every_chunk_but_the_last(corpus_folder, tmp_path, monkeypatch, changes, chunk) -> None:
    monkeypatch.setattr(litdata, "CHUNK_BYTES", chunk)
    out = export(corpus_folder(**changes), "litdata", tmp_path / "out")
    for source, split in DOCUMENTS:
        tokens, sizes = layouts.litdata(out / source / split)
        assert tokens == [token for document in with_eos(source, split) for token in document]
        whole = {1: 128, 600: 128 * (600 // (128 * (2 if not changes else 4))), 1 << 26: len(tokens)}[chunk]
        assert sizes == [min(whole, len(tokens) - start) for start in range(0, len(tokens), whole)]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("limit", [1, 1500, 1 << 26])
def test_mds_has_the_rows_with_their_documents(corpus_folder, tmp_path, monkeypatch, packing, limit) -> None:
    monkeypatch.setattr(mds, "SHARD_BYTES", limit)
    folder = corpus_folder(packing)
    out = export(folder, "mds", tmp_path / "out")
    with TokenDataset(folder) as dataset:
        for source, split in DOCUMENTS:
            numbers = dataset.shard_numbers(source, split)
            rows = [dataset.shard(number).row(i) for number in numbers for i in range(len(dataset.shard(number)))]
            right = [{name: row[name].tolist() for name in ("doc_starts", "n_tokens", "tokens")} for row in rows]
            assert layouts.mds(out / source / split, 128) == right
            files = sorted((out / source / split).glob("*.mds"))
            assert len(files) == len(rows) if limit == 1 else all(file.stat().st_size < limit + 1000 for file in files)


@pytest.mark.parametrize("count", [255, 256, 70_000])
def test_mds_writes_the_number_of_pieces_in_as_few_bytes_as_its_own_writer(count) -> None:
    class Wide:
        piece_offsets, doc_starts = [0, count], np.arange(count)
        n_tokens, tokens = np.array([9]), np.zeros((1, 128), np.uint16)

    sample = layouts._mds_sample(mds._sample(Wide(), 0), 128)
    assert sample["doc_starts"] == list(range(count))


@pytest.mark.parametrize("to", [name for name, form in FORMATS.items() if form.tokens])
def test_the_same_tokens_give_the_same_bytes_and_a_record_of_them(corpus_folder, tmp_path, to) -> None:
    folder = corpus_folder()
    first, second = (export(folder, to, tmp_path / name) for name in ("a", "b"))
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in files)
    record = json.loads((first / "export.json").read_text())
    tokens = sum(len(document) for group in DOCUMENTS for document in with_eos(*group))
    assert (record["format"], record["run"], record["eos_id"], record["tokens"]) == (to, "r", 0, tokens)
    assert record["index_sha256"] == hashlib.sha256((folder / "index.json").read_bytes()).hexdigest()
    digests = {name: entry["sha256"] for name, entry in record["files"].items()}
    right = {str(name): hashlib.sha256((first / name).read_bytes()).hexdigest() for name in files if name.name != "export.json"}
    assert digests == right
    assert "tokenizer.json" in digests


def test_wrong_requests_are_named(corpus_folder, tmp_path) -> None:
    folder = corpus_folder()
    with pytest.raises(RequestError, match=r"--to megatrom: not a format that a run is exported to\. Did you mean 'megatron'"):
        export(folder, "megatrom", tmp_path / "out")
    with pytest.raises(RequestError, match=r"exists\. Name a folder that does not"):
        export(folder, "mds", folder)
    with pytest.raises(InputError, match="no such folder"):
        export(tmp_path / "nowhere", "mds", tmp_path / "out")
    with pytest.raises(RequestError, match="no documents/ in it"):
        export(folder, "jsonl", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """documents/ of two parts, the second with a column more."""
    folder = tmp_path / "RUN" / "documents"
    folder.mkdir(parents=True)
    rows = {"id": pa.array([1, 1 << 60], pa.uint64()), "text": ["é\n1", "two"], "url": [None, "https://x.org"]}
    pq.write_table(pa.table(rows), folder / "part-00000.parquet")
    more = {"id": pa.array([3], pa.uint64()), "text": ["three"], "url": [None], "quality": [float("nan")]}
    pq.write_table(pa.table(more), folder / "part-00001.parquet")
    return folder.parent


def test_documents_become_json_lines_with_all_columns(run_folder, tmp_path) -> None:
    out = export(run_folder, "jsonl", tmp_path / "out")
    content = b"".join(gzip.decompress((out / f"part-{name}.jsonl.gz").read_bytes()) for name in ("00000", "00001"))
    assert [json.loads(line) for line in content.splitlines()] == [
        {"id": "1", "text": "é\n1", "url": None, "quality": None},
        {"id": str(1 << 60), "text": "two", "url": "https://x.org", "quality": None},
        {"id": "3", "text": "three", "url": None, "quality": None},
    ]
    again = export(run_folder, "jsonl", tmp_path / "again")
    assert all((again / path.name).read_bytes() == path.read_bytes() for path in out.iterdir())


def test_documents_become_parquet_with_one_schema(run_folder, tmp_path) -> None:
    out = export(run_folder, "parquet", tmp_path / "out")
    tables = [pq.read_table(out / f"part-0000{n}.parquet") for n in range(2)]
    assert tables[0].schema.names == tables[1].schema.names == ["id", "text", "url", "quality"]
    assert tables[0].column("id").to_pylist() == [1, 1 << 60]
    assert tables[0].column("quality").null_count == 2

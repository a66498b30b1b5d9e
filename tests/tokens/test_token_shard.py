"""A shard holds what was written, is the same bytes each time, and says what is wrong with a damaged one."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pyarrow as pa
import pytest
from token_folders import metadata, pack

from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens.rows import PackedRows
from corpus_forge.tokens.schema import ShardCounts, shard_schema
from corpus_forge.tokens.shard import Shard, lookup_bytes, write_shard

DOCUMENTS = [(2**40 + uid, [2 + (uid + place) % 500 for place in range(37 * uid)]) for uid in range(12)]


@pytest.fixture
def written(tmp_path):
    rows = pack(DOCUMENTS)
    sink = io.BytesIO()
    entry = write_shard(sink, rows, metadata(mask_id=2), "shard-00000.arrow")
    path = tmp_path / "shard-00000.arrow"
    path.write_bytes(sink.getvalue())
    return path, rows, entry


def test_every_column_is_read_back_as_written(written) -> None:
    path, rows, _ = written
    shard = Shard(path)
    assert len(shard) == len(rows)
    assert np.array_equal(shard.tokens, rows.tokens)
    assert shard.metadata == metadata(mask_id=2)
    for index in range(len(rows)):
        row, span = shard.row(index), slice(rows.piece_offsets[index], rows.piece_offsets[index + 1])
        assert row["tokens"].tolist() == rows.tokens[index].tolist()
        assert row["doc_starts"].tolist() == rows.doc_starts[span].tolist()
        assert row["doc_uid"].tolist() == rows.doc_uid[span].tolist()
        assert row["doc_cont"].tolist() == rows.doc_cont[span].tolist()
        assert (row["n_tokens"], row["n_bytes"]) == (rows.n_tokens[index], rows.n_bytes[index])


def test_the_entry_counts_rows_tokens_documents_and_bytes_and_knows_the_digest(written) -> None:
    path, rows, entry = written
    lengths = [len(ids) for _, ids in DOCUMENTS]
    assert (entry.rows, entry.tokens, entry.docs, entry.bytes) == (len(rows), sum(lengths) + 12, 12, sum(lengths))
    assert entry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert Shard(path).counts == ShardCounts(
        rows=len(rows), tokens=entry.tokens, docs=12, bytes=entry.bytes, max_docs_per_row=int(np.diff(rows.piece_offsets).max())
    )


def test_the_same_rows_give_the_same_bytes_also_as_views_of_larger_ones(written) -> None:
    path, rows, _ = written
    again, sliced = io.BytesIO(), io.BytesIO()
    write_shard(again, pack(DOCUMENTS), metadata(mask_id=2), "shard-00000.arrow")
    write_shard(sliced, PackedRows.join([rows, rows]).take(len(rows), 2 * len(rows)), metadata(mask_id=2), "x")
    assert again.getvalue() == path.read_bytes() == sliced.getvalue()


def test_the_file_is_plain_arrow_that_anything_can_read(written) -> None:
    path, rows, _ = written
    with pa.memory_map(str(path)) as source:
        file = pa.ipc.open_file(source)
        table = file.read_all()
        table.validate(full=True)
        assert file.num_record_batches == 1
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds == {
        "tokens": "fixed_size_list<item: uint16 not null>[128]",
        "doc_starts": "list<item: uint16 not null>",
        "n_tokens": "int32",
        "n_bytes": "uint32",
        "doc_uid": "list<item: uint64 not null>",
        "doc_cont": "list<item: bool not null>",
    }
    header = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert header["cf.format"] == "packed-tokens"
    assert header["cf.version"] == "1"
    assert (header["cf.token_dtype"], header["cf.seq_len"], header["cf.vocab_size"]) == ("uint16", "128", "600")
    assert (header["cf.eos_id"], header["cf.mask_id"], header["cf.bos_id"]) == ("0", "2", "-1")
    assert json.loads(header["cf.packing"]) == {"algo": "concat", "eos": True}
    assert list(header) == sorted(header)
    assert table["tokens"].to_pylist() == rows.tokens.tolist()


def test_a_vocabulary_above_65536_is_stored_as_uint32(tmp_path) -> None:
    path, meta = tmp_path / "wide.arrow", metadata(vocab_size=65_537)
    with path.open("wb") as sink:
        write_shard(sink, pack([(1, [65_536])], dtype="uint32"), meta, "wide.arrow")
    shard = Shard(path)
    assert (shard.tokens.dtype, int(shard.tokens[0, 0])) == (np.uint32, 65_536)
    assert metadata(vocab_size=65_536).token_dtype == np.uint16


def test_a_shard_without_rows_is_a_shard(tmp_path) -> None:
    path = tmp_path / "empty.arrow"
    with path.open("wb") as sink:
        entry = write_shard(sink, PackedRows.empty(128, np.dtype(np.uint16)), metadata(), "empty.arrow")
    assert (len(Shard(path)), entry.rows, entry.tokens) == (0, 0, 0)


def test_rows_are_views_of_the_mapped_file_and_cannot_be_written(written) -> None:
    path, rows, _ = written
    before = pa.total_allocated_bytes()
    shard = Shard(path)
    held = [shard.row(index)["tokens"] for index in range(len(shard))]
    assert pa.total_allocated_bytes() - before < 4096
    assert all(np.shares_memory(tokens, shard.tokens) for tokens in held)
    assert not any(tokens.flags.writeable for tokens in held)
    shard.close()
    assert np.array_equal(np.stack(held), rows.tokens)


@pytest.mark.parametrize("keep", [0, 1, 5, 8, 100, 0.5, -1, -10])
def test_a_truncated_file_is_named_in_the_error(written, keep) -> None:
    path, *_ = written
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(InputError, match=r"shard-00000\.arrow: damaged or truncated token shard"):
        Shard(path)


def test_a_damaged_footer_or_offset_never_gives_a_bare_error(written) -> None:
    path, *_ = written
    whole = path.read_bytes()
    outcomes = set()
    for place in [*range(0, 900, 7), *range(len(whole) - 1400, len(whole), 5)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        outcomes.add(read_all(path))
    assert outcomes == {"read", "refused"}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("cf.format", "other", "not a token shard: cf.format is 'other'"),
        ("cf.version", "2", "format version '2', this program reads 1"),
        ("cf.seq_len", "many", "bad shard metadata: ValueError"),
        ("cf.seq_len", "100", "seq_len: 100 is not a positive multiple"),
        ("cf.token_dtype", "uint32", "cf.token_dtype uint32 does not go with cf.vocab_size 600"),
        ("cf.seq_len", "256", "column tokens is .*128.*, expected .*256"),
        ("cf.vocab_size", "70000", "cf.token_dtype uint16 does not go with cf.vocab_size 70000"),
        ("cf.rows", "3", "20 rows, the header says 3"),
    ],
)
def test_wrong_metadata_is_said(written, key, value, message) -> None:
    path, *_ = written
    table = pa.ipc.open_file(path.read_bytes()).read_all()
    write_plain(path, table.replace_schema_metadata({**table.schema.metadata, key.encode(): value.encode()}))
    with pytest.raises(InputError, match=message):
        Shard(path)


def test_a_missing_key_and_another_arrow_file_are_said(written) -> None:
    path, *_ = written
    table = pa.ipc.open_file(path.read_bytes()).read_all()
    rest = {key: value for key, value in table.schema.metadata.items() if key != b"cf.source"}
    write_plain(path, table.replace_schema_metadata(rest))
    with pytest.raises(InputError, match=r"bad shard metadata: KeyError: 'cf.source'"):
        Shard(path)
    write_plain(path, pa.table({"a": [1]}))
    with pytest.raises(InputError, match=r"not a token shard: cf\.format is None"):
        Shard(path)
    with pytest.raises(InputError, match=r"none\.arrow: no such token shard"):
        Shard(path.with_name("none.arrow"))


def test_two_record_batches_are_refused(written) -> None:
    path, *_ = written
    table = pa.ipc.open_file(path.read_bytes()).read_all()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        for _ in range(2):
            writer.write_batch(table.to_batches()[0])
    with pytest.raises(InputError, match="2 record batches; a token shard has exactly one"):
        Shard(path)


def test_rows_that_do_not_fit_the_metadata_are_refused() -> None:
    with pytest.raises(RequestError, match=r"rows are uint16\[2, 128\]; the metadata says uint16\[n, 256\]"):
        write_shard(io.BytesIO(), pack([(1, [2] * 130)]), metadata(seq_len=256), "x")
    with pytest.raises(RequestError, match=r"rows are uint16\[1, 128\]; the metadata says uint32\[n, 128\]"):
        write_shard(io.BytesIO(), pack([(1, [2])]), metadata(vocab_size=100_000), "x")


def test_starts_need_uint32_only_in_rows_longer_than_65536_tokens() -> None:
    counts = ShardCounts(0, 0, 0, 0, 0)
    kinds = [str(shard_schema(metadata(seq_len=n), counts).field("doc_starts").type) for n in (65_536, 65_664)]
    assert kinds == ["list<item: uint16 not null>", "list<item: uint32 not null>"]


def test_lookup_tables_are_read_without_pickle() -> None:
    table = np.array([0, 3, 70_000], np.uint32)
    assert np.load(io.BytesIO(lookup_bytes(table)), allow_pickle=False).tolist() == [0, 3, 70_000]
    assert lookup_bytes(table) == lookup_bytes(table.copy())


def write_plain(path, table) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_batch(table.combine_chunks().to_batches()[0])


def read_all(path) -> str:
    """`read` when every row has its shape, `refused` with an error that names the file."""
    try:
        shard = Shard(path)
    except InputError as error:
        return "refused" if path.name in str(error) else f"unnamed: {error}"
    return "read" if all(shard.row(index)["tokens"].shape == (128,) for index in range(len(shard))) else "misread"

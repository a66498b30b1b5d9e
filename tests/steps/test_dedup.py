"""Step `dedup`: one key a document, the first of each key stays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.dedup.exact import text_keys
from corpus_forge.errors import RequestError
from corpus_forge.steps.base import GROUP_DTYPE, KEY_DTYPE, REMOVAL_DTYPE, CorpusStep
from corpus_forge.steps.dedup.family import dedup


def batch(*texts: str | None) -> pa.RecordBatch:
    return pa.record_batch({"text": pa.array(texts, pa.large_string())})


def reduced(step: CorpusStep, shards: dict[int, pa.RecordBatch]) -> list[tuple[int, int]]:
    """What the engine does: rows of all shards, ids instead of row numbers, sorted."""
    parts = []
    for ordinal, shard in shards.items():
        keys = step.partition(shard)
        rows = np.empty(len(keys), GROUP_DTYPE)
        rows["hi"], rows["lo"], rows["id"] = keys["hi"], keys["lo"], (ordinal << 32) | keys["row"].astype(np.uint64)
        parts.append(rows)
    removals = step.reduce(np.sort(np.concatenate(parts), order=["hi", "lo", "id"]))
    assert removals.dtype == REMOVAL_DTYPE
    return sorted(removals.tolist())


def test_partition_has_the_key_of_each_row():
    rows = dedup.make().partition(batch("a", None, "b", ""))
    assert rows.dtype == KEY_DTYPE
    assert rows["row"].tolist() == [0, 1, 2, 3]
    hi, lo = text_keys(["a", "", "b", ""])
    assert (rows["hi"].tolist(), rows["lo"].tolist()) == (hi.tolist(), lo.tolist())
    assert len(dedup.make().partition(batch())) == 0


def test_the_smallest_id_of_all_shards_stays_in_whatever_order_they_come():
    shards = {0: batch("a", "b", "a"), 2: batch("b", "a"), 1: batch("c", "a")}
    expected = [(2, 0), (1 << 32 | 1, 0), (2 << 32, 1), (2 << 32 | 1, 0)]
    assert reduced(dedup.make(), shards) == expected
    assert reduced(dedup.make(), dict(reversed(shards.items()))) == expected


def test_no_rows_and_no_duplicates_remove_nothing():
    assert len(dedup.make().reduce(np.empty(0, GROUP_DTYPE))) == 0
    assert reduced(dedup.make(), {0: batch("a", "b")}) == []


def test_normalize_makes_more_documents_equal():
    shards = {0: batch("Hello World", "hello  world", "Hello\nWorld")}
    assert reduced(dedup.make(), shards) == []
    assert reduced(dedup.make({"normalize": "whitespace"}), shards) == [(2, 0)]
    assert reduced(dedup.make({"normalize": ["whitespace", "lower"]}), shards) == [(1, 0), (2, 0)]


def test_rule_names_the_method():
    assert dedup.make().rule() == "dedup.exact"


def test_spellings_of_the_same_request_have_one_identity():
    identity = dedup.make().identity()
    assert identity == {"step": "dedup", "version": 1, "method": "exact", "normalize": [], "keep": "first"}
    assert dedup.make({"method": "exact", "normalize": "none", "buckets": 7}).identity() == identity
    both = dedup.make({"normalize": ["whitespace", "lower"]}).identity()
    assert dedup.make({"normalize": ["lower", "whitespace", "lower"]}).identity() == both


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"method": "minhsh"}, "no method of dedup is named 'minhsh'. Did you mean 'minhash'. Known: bloom, exact, line, "),
        ({"method": ["exact"]}, "no method of dedup is named"),
        ({"normalize": "upper"}, "normalize"),
        ({"keep": "last"}, "keep"),
    ],
)
def test_wrong_parameters_are_refused(wrong, said):
    with pytest.raises((ValidationError, RequestError), match=said):
        dedup.make(wrong)


def test_a_scope_keeps_a_copy_in_each_source_or_shard():
    def of(source: str, *texts: str) -> pa.RecordBatch:
        return batch(*texts).append_column("source", pa.array([source] * len(texts)))

    shards = {0: of("a", "x", "y"), 1: of("a", "x", "x"), 2: of("b", "x", "y")}
    assert reduced(dedup.make({"scope": "run"}), shards) == [(1 << 32, 0), (1 << 32 | 1, 0), (2 << 32, 0), (2 << 32 | 1, 1)]
    assert reduced(dedup.make({"scope": "source"}), shards) == [(1 << 32, 0), (1 << 32 | 1, 0)]
    assert reduced(dedup.make({"scope": "shard"}), shards) == [(1 << 32 | 1, 1 << 32)]


def test_urls_written_in_two_ways_are_one_and_none_is_not():
    urls = ["http://a.b/c/", None, "https://A.b:443/c?utm_source=x", None, "https://a.b/d"]
    page = pa.record_batch({"text": pa.array(["t"] * 5, pa.large_string()), "url": pa.array(urls)})
    step = dedup.make({"method": "url"})
    assert reduced(step, {0: page}) == [(2, 0)]
    assert step.rule() == "dedup.url"


def test_copies_count_where_a_column_has_the_same_value():
    def of(*rows: tuple[str, int | None]) -> pa.RecordBatch:
        return batch(*(text for text, _ in rows)).append_column("dump", pa.array([dump for _, dump in rows], pa.int64()))

    shards = {0: of(("x", 1), ("x", 2), ("x", None)), 1: of(("x", 2), ("x", None), ("y", 1), ("x", 1))}
    step = dedup.make({"within": "dump"})
    assert reduced(step, shards) == [(1 << 32, 1), (1 << 32 | 1, 2), (1 << 32 | 3, 0)]
    assert step.needs == ("text", "dump")
    assert (dedup.make().needs, type(step).needs) == (("text",), ("text",))
    assert "within" not in dedup.make().identity()
    assert step.index_keys()["within"] == "dump"
    nested = batch("x").append_column("dump", pa.array([[1]]))
    with pytest.raises(RequestError, match="within: column 'dump' holds list<item: int64>; words or numbers"):
        step.partition(nested)

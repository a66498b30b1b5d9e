"""Accounting: every document is kept, removed or quarantined, and counts merge to the same sums in any order."""

from __future__ import annotations

import pyarrow as pa
import pytest

from corpus_forge.document import Fault, Outcome, Removal
from corpus_forge.engine.counts import StepCounts, check_accounting, merge_steps, payload_bytes


def batch(texts):
    return pa.RecordBatch.from_arrays([pa.array(texts, pa.large_string())], names=["text"])


def counted(name, texts, removed=(), quarantined=()):
    outcome = Outcome(batch(texts), {r: Removal("rule") for r in removed}, {q: Fault("timeout") for q in quarantined})
    counts = StepCounts(name)
    counts.add(outcome, payload_bytes(outcome.batch), outcome.kept(), 0.5)
    return counts.as_json()


def test_bytes_are_utf8_bytes_of_what_goes_in_and_out():
    counts = counted("a", ["é", "bc", None], removed=[0])
    assert (counts["bytes_in"], counts["bytes_out"]) == (4, 2)
    assert (counts["documents_in"], counts["documents_out"]) == (3, 2)


def test_steps_that_hand_on_what_they_kept_are_accepted():
    check_accounting([counted("a", ["x", "y", "z"], removed=[1]), counted("b", ["x", "z"], quarantined=[0])])


def test_a_lost_document_is_refused():
    lossy = counted("a", ["x", "y"])
    lossy["documents_out"] = 1
    with pytest.raises(AssertionError, match="step a: 2 in, 1 out, 0 left"):
        check_accounting([lossy])


def test_a_document_from_nowhere_is_refused():
    with pytest.raises(AssertionError, match="a gave 1, b got 2"):
        check_accounting([counted("a", ["x"]), counted("b", ["x", "y"])])


def test_a_row_cannot_leave_twice():
    with pytest.raises(ValueError, match="both removed and quarantined"):
        Outcome(batch(["x"]), {0: Removal("rule")}, {0: Fault("timeout")}).kept()


def test_merging_is_a_sum_and_keeps_the_order_of_steps():
    one = [counted("a", ["x", "y"], removed=[0]), counted("b", ["y"])]
    two = [counted("a", ["z"]), counted("b", ["z"], quarantined=[0])]
    merged = merge_steps([one, two])
    assert merged == merge_steps([two, one])
    assert [step["name"] for step in merged] == ["a", "b"]
    assert merged[0]["documents_in"] == 3
    assert merged[0]["removed"] == {"rule": 1}
    assert merged[1]["quarantined"] == {"timeout": 1}

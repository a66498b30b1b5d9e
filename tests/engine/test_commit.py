"""What a commit refuses, and what is no commit any more."""

from __future__ import annotations

import pytest
from small_corpus import pipeline_dict, tree_digest

from corpus_forge.engine.counts import StepCounts
from corpus_forge.errors import RunError
from corpus_forge.pipeline import Pipeline


def test_a_task_whose_counts_do_not_add_up_is_not_committed(corpus, tmp_path, monkeypatch):
    honest = StepCounts.as_json
    monkeypatch.setattr(StepCounts, "as_json", lambda self: {**honest(self), "documents_out": self.totals["documents_out"] + 1})
    with pytest.raises(RunError, match="accounting: step read: 40 in, 41 out, 0 left"):
        Pipeline.from_dict(pipeline_dict(corpus)).run(tmp_path / "run", executor="inline")
    assert list((tmp_path / "run" / "work" / "tasks").iterdir()) == []


@pytest.mark.parametrize("damage", ["lost", "cut"])
def test_a_task_whose_file_is_lost_or_cut_runs_again(corpus, tmp_path, damage):
    pipeline = Pipeline.from_dict(pipeline_dict(corpus, tokenize=None))
    digest = tree_digest(pipeline.run(tmp_path / "run", executor="inline").root)
    stored = max((tmp_path / "run" / "work" / "data").glob("*.documents"), key=lambda path: path.stat().st_size)
    content = stored.read_bytes()
    stored.unlink()
    if damage == "cut":
        stored.write_bytes(content[:-1])
    pipeline.run(tmp_path / "run", executor="inline")
    assert stored.read_bytes() == content
    assert tree_digest(tmp_path / "run") == digest

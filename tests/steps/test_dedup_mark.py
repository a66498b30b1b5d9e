"""`action: mark`: nobody leaves, and each document knows its cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_corpus import tree_digest

import corpus_forge as cf
from corpus_forge.errors import RequestError

TEXTS = ["one two three", "alone", "one  two three", "four five six", "four five six!", "one two three"]


def run_over(folder: Path, run: str, files: int = 2, **dedup: Any) -> cf.Run:
    (folder / f"in{files}").mkdir(exist_ok=True)
    for n in range(files):
        part = TEXTS[n * len(TEXTS) // files : (n + 1) * len(TEXTS) // files]
        lines = "".join(json.dumps({"text": text, "url": f"https://e.org/{text.split()[0]}"}) + "\n" for text in part)
        (folder / f"in{files}" / f"{n}.jsonl").write_text(lines)
    source = {"name": "web", "format": "jsonl", "paths": [f"{folder}/in{files}/*.jsonl"]}
    return cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": [{"dedup": dedup}]}).run(
        folder / run, executor="inline"
    )


HOWS = {
    "exact": ({"method": "exact"}, [0, 1, 2, 3, 4, 0], [2, 1, 1, 1, 1, 2]),
    "exact, longest": (
        {"method": "exact", "normalize": "whitespace", "keep": "longest"},
        [2, 1, 2, 3, 4, 2],
        [3, 1, 3, 1, 1, 3],
    ),
    "url": ({"method": "url"}, [0, 1, 0, 3, 3, 0], [3, 1, 3, 2, 2, 3]),
    "minhash": ({"preset": "fineweb"}, [0, 1, 0, 3, 3, 0], [3, 1, 3, 2, 2, 3]),
}


@pytest.mark.parametrize(("how", "clusters", "sizes"), HOWS.values(), ids=HOWS)
@pytest.mark.parametrize("files", [1, 3])
def test_all_stay_and_know_who_would(tmp_path, how, clusters, sizes, files):
    run = run_over(tmp_path, "run", files, action="mark", buckets=2, **how)
    table = run.documents()
    ids = table["id"].to_pylist()
    assert table["text"].to_pylist() == TEXTS
    assert [ids.index(uid) for uid in table["cluster_id"].to_pylist()] == clusters
    assert table["cluster_size"].to_pylist() == sizes
    marked = sum(n != cluster for n, cluster in enumerate(clusters))
    [counted] = run.report["cleaned"]
    assert (counted["kind"], counted["count"]) == (f"dedup.{how.get('method', 'minhash')}: documents marked", marked)
    assert run.report["accounts"]["balance"]
    removed = run_over(tmp_path, "removed", files, buckets=2, **how)
    assert removed.documents()["id"].to_pylist() == [uid for n, uid in enumerate(ids) if clusters[n] == n]


@pytest.mark.parametrize("how", [{"preset": "fineweb"}, {"method": "exact", "keep": "longest"}], ids=["minhash", "exact"])
def test_another_action_finds_nothing_again(tmp_path, how):
    run_over(tmp_path, "run", action="mark", **how)
    changed = run_over(tmp_path, "run", **how)
    assert {stage["name"] for stage in changed.record["stages"] if stage["tasks"] > stage["reused"]} == {"apply", "publish"}
    assert tree_digest(changed.root) == tree_digest(run_over(tmp_path, "fresh", **how).root)


def test_explain_shows_the_cluster(tmp_path):
    run = run_over(tmp_path, "run", 1, preset="fineweb", action="mark")
    assert json.dumps(run.explain(id=2), default=str).count('"cluster_id": 0') == 1


@pytest.mark.parametrize("other", [{"against": "old"}, {"weight_by": "cluster_size"}])
def test_what_is_for_removing_does_not_go_with_marks(tmp_path, other):
    with pytest.raises(RequestError, match=rf"action: mark.*`{next(iter(other))}` is for action: remove"):
        run_over(tmp_path, "run", method="exact", action="mark", **other)

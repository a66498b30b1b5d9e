"""`against`: a run against earlier ones keeps of its documents what one run over all of them would, and names the same ones."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from small_corpus import tree_digest

import corpus_forge as cf
from corpus_forge.errors import RequestError

DUMPS = {"a": (0, 24, 40), "b": (40, 47, 80), "c": (80, 80, 110, 120)}
"""Where each dump's files begin and end; one of them is empty."""
METHODS: dict[str, dict[str, Any]] = {
    "exact": {"method": "exact", "normalize": ["lower"]},
    "url": {"method": "url"},
    "minhash": {"method": "minhash", "bands": 20, "rows": 5},
    "signature": {"method": "minhash", "bands": 20, "rows": 5, "verify": 0.75},
    "jaccard": {"method": "minhash", "bands": 20, "rows": 5, "verify": 0.75, "verify_by": "jaccard"},
}


def documents() -> list[dict[str, Any]]:
    """A hundred and twenty texts of fifteen families, three of which begin late; each edits an earlier one of its family."""
    rng = random.Random(3)
    vocabulary = ["".join(rng.choice("abcdefghij") for _ in range(5)) for _ in range(4000)]
    families: list[list[list[str]]] = []
    rows = []
    for number in range(120):
        if number < 12 or number in (41, 50, 60):
            families.append([[rng.choice(vocabulary) for _ in range(150)]])
            words = families[-1][0]
        else:
            family = rng.choice(families)
            words = list(rng.choice(family))
            for place in rng.sample(range(150), rng.choice([0, 0, 3, 6])):
                words[place] = rng.choice(vocabulary)
            family.append(words)
        text = " ".join(words)
        rows.append(
            {"text": text.upper() if number % 7 == 3 else text, "url": f"https://example.org/{rng.randrange(70)}", "n": number}
        )
    return rows


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Path:
    """One folder a dump, and files whose names sort in the order of the dumps."""
    root, rows = tmp_path_factory.mktemp("dumps"), documents()
    for dump, ends in DUMPS.items():
        (root / dump).mkdir()
        for number, (begin, end) in enumerate(itertools.pairwise(ends)):
            lines = "".join(json.dumps(row) + "\n" for row in rows[begin:end])
            (root / dump / f"{number}.jsonl").write_text(lines)
    return root


def run_over(folders: Path, dumps: str, run: Path, executor: str = "inline", **dedup: Any) -> cf.Run:
    source = {"name": "web", "format": "jsonl", "paths": [f"{folders}/{dump}/*.jsonl" for dump in dumps], "columns": {"n": "n"}}
    return cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": [{"dedup": dedup}]}).run(run, executor=executor)


def numbers(run: cf.Run) -> set[int]:
    return set(run.documents()["n"].to_pylist())


def stays(runs: dict[str, cf.Run], name: str) -> dict[int, int]:
    """For each document removed in a run the number of the one that stays."""
    found = {}
    kept = {
        (of, uid): n
        for of, run in runs.items()
        for uid, n in zip(*(run.documents()[c].to_pylist() for c in ("id", "n")), strict=True)
    }
    for row in runs[name].removed().to_pylist():
        of, _, uid = row["detail"].rpartition(":")
        found[json.loads(row["measured"])["n"]] = kept[of or name, int(uid)]
    return found


@pytest.mark.parametrize("method", METHODS)
def test_a_chain_of_runs_keeps_and_names_what_one_run_does(folders, tmp_path, method):
    how, runs = METHODS[method], {}
    for place, dump in enumerate("abc"):
        earlier = [str(tmp_path / name) for name in "abc"[:place]]
        runs[dump] = run_over(folders, dump, tmp_path / dump, against=earlier, buckets=(3, 4, None)[place], **how)
    whole = {"whole": run_over(folders, "abc", tmp_path / "whole", **how)}
    assert set().union(*(numbers(run) for run in runs.values())) == numbers(whole["whole"])
    named = {n: stay for dump in "abc" for n, stay in stays(runs, dump).items()}
    assert named == stays(whole, "whole")
    across = [row["detail"] for dump in "bc" for row in runs[dump].removed().to_pylist() if ":" in row["detail"]]
    assert {detail.partition(":")[0] for detail in across} == {"a", "b"}


def test_a_document_like_a_removed_one_is_removed_for_the_one_that_stayed(tmp_path):
    """A chain: the third is like the second, the second like the first, and the third is not like the first."""
    rng = random.Random(1)
    words = [f"w{rng.randrange(10**6)}" for _ in range(100)]
    chain = [
        words,
        words[:80] + [f"x{n}" for n in range(20)],
        words[20:80] + [f"x{n}" for n in range(20)] + [f"y{n}" for n in range(20)],
    ]
    how = {"method": "minhash", "bands": 40, "rows": 2, "verify": 0.5, "verify_by": "jaccard"}
    assert cf.near_duplicates(
        [" ".join(chain[0]), " ".join(chain[2])], bands=40, rows=2, verify=0.5, verify_by="jaccard"
    ).tolist() == [0, 1]
    for name, texts in (("a", chain[:2]), ("b", chain[2:])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.jsonl").write_text("".join(json.dumps({"text": " ".join(text), "n": 0}) + "\n" for text in texts))
    run_over(tmp_path, "a", tmp_path / "first", **how)
    [removed] = run_over(tmp_path, "b", tmp_path / "second", against=str(tmp_path / "first"), **how).removed().to_pylist()
    assert removed["detail"] == "first:0"


def test_what_an_earlier_run_kept_stays_whatever_the_policy(folders, tmp_path):
    run_over(folders, "a", tmp_path / "a", **METHODS["exact"])
    longest = {**METHODS["exact"], "normalize": ["lower", "whitespace"], "keep": "longest"}
    with pytest.raises(RequestError, match=r"normalize is \['lower'\] there and \['lower', 'whitespace'\] here"):
        run_over(folders, "b", tmp_path / "b", against=str(tmp_path / "a"), **longest)
    first = run_over(folders, "b", tmp_path / "b1", against=str(tmp_path / "a"), **METHODS["exact"])
    other = run_over(
        folders, "b", tmp_path / "b2", against=str(tmp_path / "a"), **METHODS["exact"], keep="lowest", signal="word_count"
    )
    assert len(numbers(first)) == len(numbers(other))


def test_an_index_survives_clean_and_bytes_depend_on_neither_buckets_nor_place(folders, tmp_path):
    old = run_over(folders, "a", tmp_path / "a", buckets=3, **METHODS["signature"])
    against = {"against": str(tmp_path / "a"), **METHODS["signature"]}
    digest = tree_digest(run_over(folders, "b", tmp_path / "b1", **against).root)
    assert old.clean()["files"] > 0
    assert tree_digest(run_over(folders, "b", tmp_path / "b2", buckets=5, **against).root) == digest
    (tmp_path / "elsewhere").mkdir()
    shutil.move(tmp_path / "a", tmp_path / "elsewhere" / "a")
    against["against"] = str(tmp_path / "elsewhere" / "a")
    moved = run_over(folders, "b", tmp_path / "b1", **against)
    assert tree_digest(moved.root) == digest
    assert {stage["name"]: stage["tasks"] - stage["reused"] for stage in moved.record["stages"]} == dict.fromkeys(
        ["read", "dedup: partition", "dedup: reduce", "dedup: join", "apply", "publish"], 0
    )


def test_a_damaged_index_is_found_by_verify(folders, tmp_path):
    run = run_over(folders, "a", tmp_path / "a", method="exact")
    assert run.verify() == []
    (tmp_path / "a" / "index" / "step-0" / "part-00001.keys").unlink()
    [(where, what)] = run.verify()
    assert where == "index/step-0"
    assert "index.json says" in what


def test_plan_says_how_much_there_is_to_look_up(folders, tmp_path, monkeypatch):
    run_over(folders, "a", tmp_path / "a", **METHODS["minhash"])
    monkeypatch.chdir(tmp_path)
    source = {"name": "web", "format": "jsonl", "paths": [f"{folders}/b/*.jsonl"]}
    step = {"dedup": {**METHODS["minhash"], "against": "a"}}
    plan = cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": [step]}).plan(tmp_path / "b")
    assert plan.remarks[0] == "dedup: against a: 40 documents by 800 keys"
    assert plan.remarks[1].startswith("dedup: 20 bands of 5 rows")


@pytest.mark.ray
def test_ray_gives_the_bytes_of_the_inline_executor(folders, tmp_path, monkeypatch, ray_cluster):
    """By a relative path, which means nothing to a worker elsewhere."""
    monkeypatch.chdir(tmp_path)
    run_over(folders, "a", tmp_path / "a", **METHODS["signature"])
    how = {"against": "a", "self_test": True, "weight_by": "cluster_size", "buckets": 3, **METHODS["signature"]}
    inline = run_over(folders, "b", tmp_path / "inline", **how)
    spread = run_over(folders, "b", tmp_path / "spread", "ray", **how)
    assert spread.record["executor"] == "ray"
    assert tree_digest(spread.root) == tree_digest(inline.root)
    assert spread.report["overlap"] == inline.report["overlap"] != []
    assert spread.report["self_tests"] == inline.report["self_tests"] != []


def test_another_earlier_run_makes_no_key_again(folders, tmp_path):
    for dump in "ac":
        run_over(folders, dump, tmp_path / dump, **METHODS["minhash"])
    run_over(folders, "b", tmp_path / "b", against=str(tmp_path / "a"), **METHODS["minhash"])
    again = run_over(folders, "b", tmp_path / "b", against=[str(tmp_path / "a"), str(tmp_path / "c")], **METHODS["minhash"])
    did = {stage["name"]: stage["tasks"] - stage["reused"] for stage in again.record["stages"]}
    assert (did["read"], did["dedup: partition"], did["dedup: join"]) == (0, 0, 1)
    fresh = run_over(folders, "b", tmp_path / "f", against=[str(tmp_path / "a"), str(tmp_path / "c")], **METHODS["minhash"])
    assert tree_digest(again.root) == tree_digest(fresh.root)


def test_a_run_without_dedup_shows_no_index_and_drops_the_one_it_had(folders, tmp_path):
    run_over(folders, "a", tmp_path / "a", method="exact")
    assert (tmp_path / "a" / "index" / "step-0" / "index.json").is_file()
    source = {"name": "web", "format": "jsonl", "paths": [f"{folders}/a/*.jsonl"]}
    cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": [{"dedup": "line"}]}).run(
        tmp_path / "a", executor="inline"
    )
    assert not (tmp_path / "a" / "index").exists()


def problems_of(folders: Path, **dedup: Any) -> list[str]:
    source = {"name": "web", "format": "jsonl", "paths": [f"{folders}/b/*.jsonl"]}
    pipeline = cf.Pipeline.from_dict({"name": "p", "sources": [source], "steps": [{"dedup": dedup}]})
    return [str(problem) for problem in pipeline.check(read=False)]


def test_what_cannot_be_looked_up_is_said_before_the_run(folders, tmp_path):
    old = str(tmp_path / "old")
    run_over(folders, "a", tmp_path / "old", **METHODS["minhash"])
    for wrong, says in (
        (
            {"method": "minhash", "bands": 14, "rows": 5},
            "its index has other keys: bands is 20 there and 14 here. Give this step",
        ),
        ({**METHODS["minhash"], "scope": "source"}, "scope is run there and source here"),
        ({**METHODS["minhash"], "seed": 4}, "seed is 1 there and 4 here"),
        (METHODS["signature"], "its index keeps no signatures, which `verify` compares"),
        (METHODS["jaccard"], "its index keeps no shingles"),
        ({"method": "url"}, "its index is of method minhash, and this step's method is url"),
    ):
        [problem] = problems_of(folders, against=old, **wrong)
        assert problem.startswith(f"error: steps[0].dedup: against: {old}: ")
        assert says in problem
    assert problems_of(folders, against=old, **METHODS["minhash"], keep="longest") == []
    [missing] = problems_of(folders, against=str(tmp_path / "none"), method="exact")
    assert "not a run directory (no run.json)" in missing
    assert "two runs are named 'old'" in problems_of(folders, against=[old, old], **METHODS["minhash"])[0]


def test_damaged_indexes_are_said_before_the_run(folders, tmp_path):
    run_over(folders, "a", tmp_path / "old", **METHODS["minhash"])
    folder, old = tmp_path / "old" / "index" / "step-0", str(tmp_path / "old")
    part = folder / "part-00000.keys"
    content = part.read_bytes()
    part.unlink()
    part.write_bytes(content[:-1])
    assert "it should be" in problems_of(folders, against=old, **METHODS["minhash"])[0]
    described = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps({**described, "format": 99}))
    assert "an index of another version" in problems_of(folders, against=old, **METHODS["minhash"])[0]
    for broken in ("{", "[]", json.dumps({"format": 1})):
        (folder / "index.json").write_text(broken)
        assert "no index can be read there" in problems_of(folders, against=old, **METHODS["minhash"])[0]
    shutil.rmtree(folder.parent)
    assert "it has no index of documents" in problems_of(folders, against=old, **METHODS["minhash"])[0]


def test_a_run_is_not_deduplicated_against_itself(folders, tmp_path):
    run_over(folders, "a", tmp_path / "a", method="exact")
    with pytest.raises(RequestError, match="is the run's own directory"):
        run_over(folders, "a", tmp_path / "a", method="exact", against=str(tmp_path / "a"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"method": "line", "against": "x"}, "`against` belongs to method: exact or minhash or url, and the method is line"),
        ({"method": "exact", "against": "x", "scope": "shard"}, "`against` needs scope: run or source"),
    ],
)
def test_parameters_that_cannot_be(folders, wrong, says):
    with pytest.raises(RequestError, match=says):
        problems_of(folders, **wrong)

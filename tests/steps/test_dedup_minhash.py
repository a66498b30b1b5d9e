"""Step `dedup: minhash` alone and in runs: the clusters of the library, for any split, buckets and executor."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError
from small_corpus import tree_digest

import corpus_forge as cf
from corpus_forge.dedup.minhash import minhash_signatures
from corpus_forge.errors import RequestError
from corpus_forge.pipeline import Pipeline
from corpus_forge.steps.dedup.family import dedup

DOCUMENTS = 60
FILES = {"one": (DOCUMENTS,), "three": (1, 20, DOCUMENTS), "four": (10, 10, 41, DOCUMENTS)}
"""Where each file of a split ends; one of them is empty."""


def documents() -> list[dict[str, Any]]:
    """Sixty texts of 400 words in families of three: the second and third differ from the first in one and two words."""
    rng = random.Random(11)
    vocabulary = ["".join(rng.choice("abcdefghij") for _ in range(6)) for _ in range(5000)]
    rows = []
    for number in range(DOCUMENTS):
        if number % 3 == 0:
            family = [rng.choice(vocabulary) for _ in range(400)]
        words = list(family)
        for place in rng.sample(range(400), number % 3):
            words[place] = rng.choice(vocabulary)
        rows.append({"text": " ".join(words) + " end" * (number % 3 == 1), "url": f"https://example.org/{number}"})
        rows[-1]["date"] = f"2024-01-{1 + (7 * number) % 28:02}T00:00:00Z"
    return rows


def write_files(folder: Path, ends: tuple[int, ...], rows: list[dict[str, Any]]) -> Path:
    folder.mkdir(parents=True)
    begin = 0
    for name, end in enumerate(ends):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[begin:end]))
        begin = end
    return folder


def run_over(folder: Path, run: Path, executor: str = "inline", **dedup: Any) -> cf.Run:
    pipeline = {
        "name": "near",
        "sources": [{"name": "web", "format": "jsonl", "paths": [f"{folder}/*.jsonl"]}],
        "steps": [{"dedup": {"method": "minhash", **dedup}}],
    }
    return Pipeline.from_dict(pipeline).run(run, executor=executor)


def outcome_of(run: cf.Run) -> tuple[list[str], dict[str, str], dict[str, int]]:
    """Urls that stayed, in order; for each removed url the url that stayed for it; cluster size by url that stayed."""
    kept, removed = run.documents(), run.removed()
    url_of = dict(zip(kept["id"].to_pylist(), kept["url"].to_pylist(), strict=True))
    gone = {row["url"]: url_of[int(row["detail"])] for row in removed.to_pylist()}
    return kept["url"].to_pylist(), gone, dict(zip(kept["url"].to_pylist(), kept["cluster_size"].to_pylist(), strict=True))


def expected_outcome(
    rows: list[dict[str, Any]], clusters: list[int], better
) -> tuple[list[str], dict[str, str], dict[str, int]]:
    members: dict[int, list[int]] = {}
    for number, cluster in enumerate(clusters):
        members.setdefault(cluster, []).append(number)
    stays = {cluster: min(group, key=lambda n: (better(rows[n]), n)) for cluster, group in members.items()}
    kept = [rows[n]["url"] for n in sorted(stays.values())]
    gone = {rows[n]["url"]: rows[stays[c]]["url"] for n, c in enumerate(clusters) if stays[c] != n}
    return kept, gone, {rows[stays[cluster]]["url"]: len(group) for cluster, group in members.items()}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return documents()


@pytest.fixture(scope="module")
def clusters(rows) -> list[int]:
    found = cf.near_duplicates([row["text"] for row in rows]).tolist()
    assert found == [3 * (n // 3) for n in range(DOCUMENTS)]
    return found


KEEPS = {
    "first": (lambda row: 0, {}),
    "longest": (lambda row: -len(row["text"].encode()), {"keep": "longest"}),
    "newest": (lambda row: -int(row["date"][8:10]), {"keep": "newest"}),
    "signal": (lambda row: -len(row["text"].split()), {"keep": "highest", "signal": "word_count"}),
}


@pytest.mark.parametrize("split", FILES)
@pytest.mark.parametrize("keep", KEEPS)
def test_a_run_keeps_one_of_each_cluster_of_the_library(rows, clusters, tmp_path, split, keep):
    better, parameters = KEEPS[keep]
    run = run_over(write_files(tmp_path / "in", FILES[split], rows), tmp_path / "run", buckets=3, **parameters)
    assert outcome_of(run) == expected_outcome(rows, clusters, better)
    assert set(run.removed()["rule"].to_pylist()) == {"dedup.minhash"}


def test_bytes_do_not_depend_on_buckets_or_verification_that_changes_nothing(rows, tmp_path):
    folder = write_files(tmp_path / "in", FILES["four"], rows)
    digest = tree_digest(run_over(folder, tmp_path / "a").root)
    assert tree_digest(run_over(folder, tmp_path / "b", buckets=7).root) == digest
    assert tree_digest(run_over(folder, tmp_path / "c", verify=0.6).root) == digest
    assert tree_digest(run_over(folder, tmp_path / "d", buckets=2, verify=1.0).root) != digest


def test_pairs_verified_by_all_shingles_are_those_of_the_library(rows, tmp_path):
    texts = [row["text"] for row in rows]
    clusters = cf.near_duplicates(texts, verify=0.975, verify_by="jaccard").tolist()
    assert clusters != cf.near_duplicates(texts).tolist()
    run = run_over(
        write_files(tmp_path / "in", FILES["four"], rows), tmp_path / "run", buckets=3, verify=0.975, verify_by="jaccard"
    )
    assert outcome_of(run) == expected_outcome(rows, clusters, lambda row: 0)


@pytest.mark.ray
def test_ray_gives_the_bytes_of_the_inline_executor(rows, tmp_path, ray_cluster):
    folder = write_files(tmp_path / "in", FILES["four"], rows)
    how = {"buckets": 3, "verify": 0.5, "keep": "longest"}
    digest = tree_digest(run_over(folder, tmp_path / "a", **how).root)
    assert tree_digest(run_over(folder, tmp_path / "b", executor="ray", **how).root) == digest


def test_sources_in_order_of_preference(rows, tmp_path):
    for name, part in (("cc", rows[0::3]), ("wiki", rows[1::3])):
        write_files(tmp_path / name, (DOCUMENTS,), part)
    sources = [{"name": name, "format": "jsonl", "paths": [f"{tmp_path / name}/*.jsonl"]} for name in ("cc", "wiki")]
    for preferred, expected in ((["wiki"], {"wiki"}), ([], {"cc"}), (["cc", "wiki"], {"cc"})):
        pipeline = {"name": "s", "sources": sources, "steps": [{"dedup": {"preset": "fineweb", "sources": preferred}}]}
        run = Pipeline.from_dict(pipeline).run(tmp_path / f"run{len(preferred)}", executor="inline")
        assert set(run.documents()["source"].to_pylist()) == expected
        assert run.documents().num_rows == DOCUMENTS // 3


def test_a_preferred_source_that_does_not_exist_is_told_before_a_run(tmp_path):
    folder = write_files(tmp_path / "in", (1,), [{"text": "a"}])
    with pytest.raises(RequestError, match=r"steps\[0\].dedup.sources: no source is named 'wikii'.*Known: web"):
        run_over(folder, tmp_path / "run", sources=["wikii"])


def test_exact_copies_keep_the_longest_before_normalization(tmp_path):
    rows = [{"text": text} for text in ("a b", "a   b", "c", "A B", "a    b")]
    run = run_over(
        write_files(tmp_path / "in", (2, 5), rows), tmp_path / "run", method="exact", normalize="whitespace", keep="longest"
    )
    assert run.documents()["text"].to_pylist() == ["c", "A B", "a    b"]
    assert run.documents()["cluster_size"].to_pylist() == [1, 1, 3]


def test_an_added_input_reads_only_itself_and_gives_a_fresh_runs_bytes(rows, tmp_path):
    folder = write_files(tmp_path / "in", (20, 40), rows)
    run_over(folder, tmp_path / "a")
    (folder / "00.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[40:]))
    again = run_over(folder, tmp_path / "a")
    stages = {stage["name"]: (stage["tasks"], stage["reused"]) for stage in again.record["stages"]}
    assert stages["read"] == (3, 2)
    assert stages["dedup: partition"] == (3, 2)
    assert stages["dedup: join"] == (1, 0)
    assert tree_digest(again.root) == tree_digest(run_over(folder, tmp_path / "b").root)


def test_plan_shows_the_curve(rows, tmp_path):
    folder = write_files(tmp_path / "in", (DOCUMENTS,), rows)
    data = {"name": "p", "sources": [{"name": "w", "format": "jsonl", "paths": [f"{folder}/*.jsonl"]}]}
    plan = Pipeline.from_dict({**data, "steps": [{"dedup": {"preset": "slimpajama"}}, {"dedup": "exact"}]}).plan(
        tmp_path / "run"
    )
    assert len(plan.remarks) == 1
    assert plan.remarks[0].startswith("dedup:minhash: 9 bands of 13 rows; pairs caught by similarity: 0.5: 0.1%")
    assert [stage.name for stage in plan.stages if "join" in stage.name] == ["dedup:minhash: join"]


def batch(*texts: str | None) -> pa.RecordBatch:
    return pa.record_batch({"text": pa.array(texts, pa.large_string())})


def test_partition_has_a_key_for_each_band_of_each_document_with_words():
    step = dedup.make({"method": "minhash", "bands": 3, "rows": 2, "verify": 0.5})
    keys, notes = step.survey(batch("some words", None, "...", "some words", "more"))
    assert keys["row"].tolist() == [0, 0, 0, 3, 3, 3, 4, 4, 4]
    assert keys["hi"][:3].tolist() == keys["hi"][3:6].tolist()
    assert len(set(keys["hi"].tolist())) == len(set(keys["lo"].tolist())) == 6
    np.testing.assert_array_equal(notes["signature"], minhash_signatures(["some words", "", "...", "some words", "more"], 5, 6))
    assert len(step.survey(batch())[0]) == 0
    np.testing.assert_array_equal(step.partition(batch("some words", "more")), step.survey(batch("some words", "more"))[0])


def test_a_preset_is_what_it_stands_for():
    named = dedup.make({"preset": "fineweb"})
    written = {"method": "minhash", "unit": "words", "ngram": 5, "bands": 14, "rows": 8}
    spelled = dedup.make({**written, "normalize": ["lower", "punctuation", "digits", "accents"]})
    assert named.identity() == spelled.identity()
    assert dedup.make({"preset": "fineweb", "bands": 20}).bands == 20
    assert dedup.make(named.model_dump(mode="json")) == named
    assert dedup.make({"preset": "nemo", "normalize": "none"}).normalize == ()
    assert named.identity() != dedup.make({"preset": "fineweb", "keep": "longest"}).identity()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bands": 3}, "`bands` belongs to method: minhash"),
        ({"method": "exact", "verify": 0.5}, "`verify` belongs to method: minhash"),
        ({"method": "minhash", "normalize": "whitespace"}, "normalize: 'whitespace' is not known"),
        ({"normalize": "accents"}, "normalize: 'accents' is not known to method: exact"),
        ({"preset": "finweb"}, "no preset of dedup is named 'finweb'"),
        ({"method": "minhash", "verify": 0}, "verify"),
        ({"method": "minhash", "verify_by": "jaccard"}, "verify_by: jaccard needs"),
        ({"method": "minhash", "ngram": 0}, "ngram"),
        ({"keep": "highest"}, "keep: highest and lowest need `signal`"),
        ({"keep": "longest", "signal": "word_count"}, "keep: highest and lowest need `signal`"),
        ({"keep": "lowest", "signal": "wordcount"}, "no signal is named 'wordcount'. Did you mean 'word_count"),
    ],
)
def test_wrong_parameters_are_refused(wrong, said):
    with pytest.raises((ValidationError, RequestError), match=said):
        dedup.make(wrong)

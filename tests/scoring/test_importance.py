"""Importance weights against a slow oracle, the model's file, and the bound that draws a share."""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from fuzz_cases import cases
from hypothesis import given
from hypothesis import strategies as st

from corpus_forge.errors import InputError, RequestError
from corpus_forge.report.importance import importance_to
from corpus_forge.scoring.importance import SMOOTHING, fit_importance, load_importance
from corpus_forge.steps.importance import ImportanceStep
from corpus_forge.steps.sample import SampleStep

TARGET = ["The theorem: a proof, and a lemma.", "A lemma has a proof"]
RAW = ["Buy now! cheap cheap", "a proof of purchase", "", None, "THE the"]


def grams(text: str, ngram: int) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+|[^\w\s]", (text or "").lower())
    return Counter(tuple(words[i : i + n]) for n in range(1, ngram + 1) for i in range(len(words) - n + 1))


def slow_weight(text: str, ngram: int) -> float:
    """By the n-grams themselves: with more features than n-grams hashing changes nothing."""
    target, raw = (sum((grams(each, ngram) for each in texts), Counter()) for texts in (TARGET, RAW))

    def log(counts, gram):
        return math.log(counts[gram] / counts.total() + SMOOTHING)

    return sum(count * (log(target, gram) - log(raw, gram)) for gram, count in grams(text, ngram).items())


@pytest.mark.parametrize("ngram", [1, 2, 3])
def test_weights_are_those_of_a_slow_oracle(ngram):
    model = fit_importance(TARGET, RAW, ngram, buckets=1 << 20)
    found = model.weigh([*TARGET, *RAW])
    assert found.total.tolist() == pytest.approx([slow_weight(text, ngram) for text in [*TARGET, *RAW]])
    assert found.ngrams.tolist() == [grams(text, ngram).total() for text in [*TARGET, *RAW]]
    assert min(found.total[:2]) > 0 > found.total[2]


@given(st.lists(st.lists(st.sampled_from(["a", "B", "proof", "ü", ",", " ", "漢"]), max_size=9).map("".join), max_size=5))
@cases(60)
def test_batches_and_slices_change_no_bit(texts):
    model = fit_importance(TARGET, RAW, buckets=16)
    whole = model.weigh(pa.array(["cut", *texts], pa.large_string()).slice(1))
    alone = [model.weigh([text]) for text in texts]
    assert whole.total.tolist() == [each.total[0] for each in alone]
    assert whole.ngrams.tolist() == [each.ngrams[0] for each in alone]


def texts_of(words: list[str], count: int, seed: int) -> pa.Array:
    rng = random.Random(seed)
    return pa.array([" ".join(rng.choices([*words, "the", "of"], k=12)) for _ in range(count)], pa.large_string())


def test_the_bound_makes_the_steps_draw_the_top_k_of_weight_and_noise(tmp_path):
    path = tmp_path / "i.json"
    target = texts_of(["theorem", "proof"], 50, 1)
    raw = pa.concat_arrays([texts_of(["theorem", "proof"], 60, 2), texts_of(["buy", "cheap"], 140, 3)])
    found = importance_to(path, target, raw, 0.2, (2, 1000))
    assert found["target_mean"] > 0 > found["raw_mean"]
    weighed = ImportanceStep(model=str(path)).start()(pa.record_batch({"text": raw})).kept()
    outcome = SampleStep(method="gumbel", by="importance", least=found["least"]).start()(weighed)
    kept = np.flatnonzero(outcome.keep_mask())
    assert len(kept) == 40
    assert (kept < 60).mean() > 0.9
    again = tmp_path / "again.json"
    importance_to(again, target, raw, 0.2, (2, 1000))
    assert again.read_bytes() == path.read_bytes()


def test_the_step_gives_weight_and_mean_and_nothing_for_no_words(tmp_path):
    path = tmp_path / "i.json"
    importance_to(path, pa.array(TARGET), pa.array(RAW), 0.5, (2, 64))
    step = ImportanceStep(model=str(path), column="w")
    batch = step.start()(pa.record_batch({"text": pa.array(["cut", "a proof", "", " \n "]).slice(1)})).batch
    weights = load_importance(path).weigh(["a proof"])
    assert batch["w"].to_pylist() == [weights.total[0], None, None]
    assert batch["w_mean"].to_pylist() == [weights.total[0] / 3, None, None]
    assert step.gives == ("w", "w_mean")
    assert step.problems() == []
    assert step.identity()["sha256"]
    assert step.identity()["model"] is None
    assert "but 000" in ImportanceStep(model=str(path), sha256="0" * 64).problems()[0]
    assert "`corpus-forge importance train` wrote" in ImportanceStep(model=str(tmp_path / "none.json")).problems()[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "x"}, "its format is x"),
        ({"ngram": 0}, "its numbers cannot be"),
        ({"log_ratio": []}, "its numbers cannot be"),
        ({"log_ratio": [1, "x"]}, "not a model of importance weights"),
        ({"log_ratio": [1, float("nan")]}, "a ratio is no number"),
        ({"probe": [0]}, "hashes words otherwise"),
    ],
)
def test_files_that_are_no_model_are_told(tmp_path, change, says):
    path = tmp_path / "i.json"
    path.write_text(json.dumps(fit_importance(TARGET, RAW).as_json() | change))
    with pytest.raises(InputError, match=says):
        load_importance(path)


def test_wrong_requests_are_told(tmp_path):
    with pytest.raises(RequestError, match="raw: its texts have no words"):
        fit_importance(TARGET, ["", " "])
    with pytest.raises(RequestError, match="ngram 9"):
        fit_importance(TARGET, RAW, ngram=9)
    with pytest.raises(RequestError, match=r"ends in \.json"):
        importance_to(tmp_path / "x.bin", pa.array(TARGET), pa.array(RAW), 0.1, (2, 10))

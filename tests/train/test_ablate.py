"""Ablation: it finds what is better and says nothing where nothing can be said."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import yaml
from markov_tokens import VOCAB, markov, write_tokens

torch = pytest.importorskip("torch", reason="torch is not installed")

from corpus_forge.cli.app import main
from corpus_forge.errors import ConfigError, RequestError
from corpus_forge.train.ablate import regmix
from corpus_forge.train.ablate.config import chosen_model, load, parse, quickened, tokens_for_flops
from corpus_forge.train.ablate.run import ablate
from corpus_forge.train.ablate.suite import DocumentScores, make_suite, ngram_hashes, open_rows, score
from corpus_forge.train.ablate.verdict import compare, summary
from corpus_forge.train.config import ModelConfig
from corpus_forge.train.model import Transformer


def noised(documents, share: float, seed: int):
    """The same documents with a share of the tokens drawn at random."""
    random = np.random.default_rng(seed)
    made = []
    for uid, tokens in documents:
        ids = np.array(tokens)
        hit = random.random(len(ids)) < share
        ids[hit] = random.integers(8, VOCAB, hit.sum())
        made.append((uid, ids.tolist()))
    return made


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two halves of one source, one of them with 30% noise too, and documents that none of them has."""
    root = tmp_path_factory.mktemp("ablate")
    every = markov(240)
    halves = {"even": every[::2], "odd": every[1::2]}
    made = {name: write_tokens(root / name, documents) for name, documents in halves.items()}
    made["noisy"] = write_tokens(root / "noisy", noised(halves["odd"], 0.3, 1))
    unseen = [(10_000 + uid, tokens) for uid, tokens in markov(60, seed=9)]
    made["held"] = write_tokens(root / "held", unseen)
    return made


def wanted(folders, output, names, **changes):
    return {
        "output": str(output),
        "candidates": [{"name": name, "tokens": str(folders[name])} for name in names],
        "held_out": [{"name": "unseen", "path": str(folders["held"])}],
        "budget": {"tokens": 24_576},
        "model": {"preset": "tiny"}, "batch_tokens": 1024, "device": "cpu", "ngram": 40, "resamples": 500,
        **changes,
    }  # fmt: skip


def test_a_clean_source_beats_a_noisy_one_and_halves_of_one_are_not_separated(folders, tmp_path) -> None:
    said = []
    config = parse(wanted(folders, tmp_path / "out", ["even", "odd", "noisy"]))
    made = ablate(config, said.append)
    verdicts = {(each["first"], each["second"]): each["verdict"] for each in made["comparisons"]}
    assert verdicts["even", "odd"] == "not separated"
    assert verdicts["even", "noisy"] == "even is better than noisy"
    assert verdicts["odd", "noisy"] == "odd is better than noisy"
    table = made["bits_per_byte"]
    assert table["noisy"]["unseen"] > table["odd"]["unseen"] + 0.1
    assert table["odd"]["macro"] == table["odd"]["unseen"]
    assert json.loads((tmp_path / "out" / "ablation.json").read_text()) == made
    assert sum("training" in line for line in said) == 9
    (tmp_path / "out" / "odd" / "2" / "scores.npz").unlink()
    again = []
    assert ablate(config, again.append) == made
    assert sum("done before" in line for line in again) == 8
    with pytest.raises(RequestError, match="other settings or another suite"):
        ablate(parse(wanted(folders, tmp_path / "out", ["even", "odd"], budget={"tokens": 2048})))


def test_held_out_documents_that_a_candidate_contains_do_not_count(tmp_path) -> None:
    documents = markov(40, seed=3)
    held = write_tokens(tmp_path / "held", [(500 + uid, tokens) for uid, tokens in documents])
    inside = tokens_of(documents[7])[5:30]
    other = [(uid + 900, tokens) for uid, tokens in markov(10, seed=77)]
    random = np.random.default_rng(0)
    fresh = [(uid, random.integers(8, VOCAB, 60).tolist()) for uid in range(2000, 2010)]
    candidate = write_tokens(tmp_path / "candidate", [*fresh, (1, [*fresh[0][1][:20], *inside, 9])], run="other")
    suite = make_suite({"held": open_rows(str(held), "held")}, [open_rows(str(candidate), "c", "train")], 0.9)
    assert suite.left_out == {"held": 1}
    assert 507 not in suite.kept["held"].tolist()
    assert len(suite.kept["held"]) == 39
    same = write_tokens(tmp_path / "same", [(503, fresh[1][1]), *other[:0]])
    suite = make_suite({"held": open_rows(str(held), "held")}, [open_rows(str(same), "c", "train")], 0.9)
    assert suite.left_out == {"held": 1}, "the id counts where the run is the same"
    assert 503 not in suite.kept["held"].tolist()
    with pytest.raises(RequestError, match=r"40 of 40 documents are in a candidate; max_overlap is 0.5"):
        make_suite({"held": open_rows(str(held), "held")}, [open_rows(str(held), "c", "train")], 0.5)


def tokens_of(document):
    return document[1]


def test_hashes_are_of_thirteen_tokens_of_one_piece() -> None:
    tokens = np.array([*range(40), *range(40)], np.uint16)
    piece = np.repeat([0, 1], 40)
    hashes = ngram_hashes(tokens, piece, 13)
    assert len(hashes) == 68
    assert np.flatnonzero(hashes == 0).tolist() == list(range(28, 40))
    assert np.array_equal(hashes[:28], hashes[40:68])
    assert len(np.unique(hashes[:28])) == 28
    assert len(ngram_hashes(tokens[:5], piece[:5], 13)) == 0


def test_documents_are_scored_as_the_whole_suite_is(folders) -> None:
    net = Transformer(ModelConfig(preset="tiny"), VOCAB, "decoder")
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
    rows = open_rows(str(folders["held"]), "unseen")
    other = open_rows(str(folders["noisy"]), "c", "train")
    suite = make_suite({"unseen": rows}, [other], 0.5, 40)
    table = np.r_[np.zeros(8, np.int64), np.ones(VOCAB - 8, np.int64)]
    found = score(net, suite, table, torch.device("cpu"), "sdpa")["unseen"]
    documents = {10_000 + uid: tokens for uid, tokens in markov(60, seed=9)}
    cuts = {}
    for row in rows.dataset:
        for start, uid in zip(row["doc_starts"].tolist(), row["doc_uid"].tolist(), strict=True):
            cuts.setdefault(uid, []).append(int(row["tokens"][start]) >= 8)
    for uid, nats, size in zip(suite.kept["unseen"].tolist(), found.nats, found.bytes, strict=True):
        scored = len(documents[uid]) + 1 - len(cuts[uid])
        assert nats == pytest.approx(scored * math.log(VOCAB), rel=1e-5)
        assert size == len(documents[uid]) - sum(cuts[uid])


def fake(values, bytes_each=1000):
    """One seed's scores: documents whose bits a byte are `values`."""
    nats = np.array(values) * math.log(2) * bytes_each
    return {"s": DocumentScores(nats, np.full(len(values), bytes_each))}


def test_a_difference_within_the_scatter_of_seeds_is_no_verdict() -> None:
    base = np.random.default_rng(0).normal(1.0, 0.05, 200)
    clear = {"a": [fake(base + n * 0.001) for n in range(3)], "b": [fake(base + 0.05 + n * 0.001) for n in range(3)]}
    assert compare(clear, 400)[0].verdict == "a is better than b"
    scattered = {"a": [fake(base + n * 0.05) for n in range(3)], "b": [fake(base + 0.05 + n * 0.05) for n in range(3)]}
    assert compare(scattered, 400)[0].verdict == "not separated"
    assert compare(scattered, 400)[0].low > -0.0501
    single = {"a": [fake(base)], "b": [fake(base + 0.05)]}
    assert compare(single, 400)[0].verdict.startswith("not separated: one seed")
    assert json.dumps(summary(single, 400), allow_nan=False)
    noise = {"a": [fake(base)] * 2, "b": [fake(base + np.random.default_rng(1).normal(0, 0.2, 200))] * 2}
    comparison = compare(noise, 400)[0]
    assert comparison.low < 0 < comparison.high
    assert comparison.verdict == "not separated"


def test_the_interval_is_that_of_a_slow_bootstrap() -> None:
    random = np.random.default_rng(3)
    first, second = random.normal(1, 0.1, 50), random.normal(1.02, 0.1, 50)
    found = compare({"a": [fake(first)], "b": [fake(second)]}, 4000)[0]
    means = np.array([np.mean((first - second)[random.integers(0, 50, 50)]) for _ in range(4000)])
    assert found.difference == pytest.approx(np.mean(first - second))
    assert [found.low, found.high] == pytest.approx(np.quantile(means, [0.025, 0.975]).tolist(), abs=0.005)


def test_a_budget_gives_the_model_and_the_tokens(folders, tmp_path) -> None:
    config = parse({**wanted(folders, tmp_path, ["even", "odd"]), "model": None})
    for tokens, preset in ((1000, "tiny"), (300_000_000, "20m"), (2_600_000_000, "124m")):
        assert chosen_model(config, tokens).preset == preset
    assert 6 * tokens_for_flops(6e16) * tokens_for_flops(6e16) / 20 == pytest.approx(6e16, rel=1e-6)
    assert quickened(config).budget.tokens == 20_000_000
    by_bytes = parse({**wanted(folders, tmp_path / "b", ["even", "odd"]), "budget": {"bytes": 3000}, "seeds": [1]})
    made = ablate(by_bytes)
    assert 3000 < made["tokens_per_run"]["even"] < 3400, "a byte a token, and ends of documents, which have none"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"candidates": [{"name": "a", "tokens": "x"}]}, "1 is too few"),
        ({"candidates": [{"name": "a", "tokens": "x"}] * 2}, "two candidates are called 'a'"),
        ({"candidates": [{"name": "a"}, {"name": "b", "tokens": "x"}]}, r"candidates\[0\].tokens: is required"),
        ({"budget": {"tokens": 1, "flops": 1e9}}, "Give exactly one"),
        ({"budgte": 1}, "unknown key"),
        ({"seeds": []}, "seeds: must have at least one"),
    ],
)
def test_wrong_files_are_named_errors(folders, tmp_path, change, message) -> None:
    with pytest.raises(ConfigError, match=message):
        parse({**wanted(folders, tmp_path, ["even", "odd"]), **change})


# regmix


def test_a_regression_finds_the_mixture_that_made_the_losses() -> None:
    random = np.random.Generator(np.random.Philox(key=5))
    natural = np.array([0.5, 0.3, 0.2])
    shares = regmix.draw(natural, 40, random)
    assert np.allclose(shares.sum(1), 1)
    losses = 3 - 0.30 * np.log(shares[:, 0]) * 0.6 - 0.18 * np.log(shares[:, 1]) + 0.2 * shares[:, 2]
    found = regmix.choose(shares, losses, np.ones(3), random)
    assert found["rank_correlation"] > 0.95
    assert found["weights"][2] < 0.1
    assert abs(found["weights"][0] - 0.5) < 0.12
    capped = regmix.choose(shares, losses, np.array([0.3, 0.5, 1.0]), random)
    assert (capped["weights"] <= np.array([0.3, 0.5, 1.0]) + 1e-9).all()
    with pytest.raises(RequestError, match="long enough within max_epochs"):
        regmix.choose(shares, losses, np.array([0.1, 0.2, 0.3]), random)


def test_the_verb_proposes_the_clean_source_and_draws(folders, tmp_path, capsys) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(yaml.safe_dump(wanted(folders, tmp_path / "mix", ["odd", "noisy"], budget={"tokens": 8192})))
    assert load(file).candidates[1].name == "noisy"
    with pytest.raises(SystemExit) as ended:
        main(["ablate", str(file), "--mix", "regmix", "--proxies", "6"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert "proposed weights: odd 0." in printed
    assert float(printed.split("odd ")[1].split(",")[0]) > 0.5
    file.write_text(yaml.safe_dump(wanted(folders, tmp_path / "out", ["odd", "noisy"], budget={"tokens": 2048}, seeds=[1])))
    with pytest.raises(SystemExit) as ended:
        main(["ablate", str(file)])
    assert ended.value.code == 0
    assert "not separated: one seed" in capsys.readouterr().out
    assert (tmp_path / "out" / "ablation.svg").read_text().count("<circle") == 2
    with pytest.raises(SystemExit) as ended:
        main(["ablate", str(file), "--mix", "doremi"])
    assert ended.value.code == 2
    assert "only regmix is known" in capsys.readouterr().err

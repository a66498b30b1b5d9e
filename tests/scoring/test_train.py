"""Training against a slow oracle, and the model file against the library that reads it."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pyarrow as pa
import pytest

from corpus_forge.errors import RequestError
from corpus_forge.language.fasttext_model import load_model
from corpus_forge.scoring.fasttext_file import write_fasttext
from corpus_forge.scoring.labels import label_scores
from corpus_forge.scoring.train import Recipe, split, train_classifier
from corpus_forge.scoring.words import encoded_words

SMALL = Recipe(dim=8, bucket=500)


def texts(kind: str, count: int, seed: int = 0) -> list[str]:
    """Texts of the same words; in `proof` they come in order, in `spam` backwards: only bigrams part them."""
    rng, words = random.Random(f"{kind}{seed}"), ["theorem", "holds", "since", "groups", "über"]
    return [
        " ".join(f"word{rng.randrange(30)} " + " ".join(words[:: 1 if kind == "proof" else -1]) for _ in range(4))
        for _ in range(count)
    ]


def features(encoded, begin, stop, words, recipe):
    found = [int(each) for each in encoded.ids[begin:stop] if each >= 0]
    hashes = [int(each) for each in encoded.hashes[begin:stop]]
    for i, first in enumerate(hashes):
        value = first % (1 << 64)
        for after in hashes[i + 1 : i + recipe.ngram]:
            value = (value * 116049371 + after) % (1 << 64)
            found.append(words + value % recipe.bucket)
    return found


def slow_training(positive, negative, recipe):
    """Mean of rows, softmax, SGD with a rate that falls to 0, in float64."""
    encoded, words = encoded_words([*positive, *negative], recipe.min_count)
    n, labels = len(words.words), [0] * len(positive) + [1] * len(negative)
    draws = np.random.Generator(np.random.Philox(key=[recipe.seed, 0]))
    rows = (draws.random((n + recipe.bucket, recipe.dim), np.float32).astype(float) - 0.5) * 2 / recipe.dim
    output, seen, in_all = np.zeros((2, recipe.dim)), 0, int(encoded.ends[-1]) * recipe.epochs
    for epoch in range(recipe.epochs):
        for text in np.random.Generator(np.random.Philox(key=[recipe.seed, 1 + epoch])).permutation(len(labels)):
            begin, stop = encoded.ends[text], encoded.ends[text + 1]
            found = features(encoded, begin, stop, n, recipe)
            hidden = rows[found].mean(axis=0)
            chance = np.exp(output @ hidden)
            pull = recipe.rate * (1 - seen / in_all) * ((np.arange(2) == labels[text]) - chance / chance.sum())
            gradient = pull @ output / len(found)
            output += np.outer(pull, hidden)
            np.add.at(rows, found, gradient)
            seen += stop - begin
    return rows, output


@pytest.mark.parametrize(
    "recipe",
    [SMALL, Recipe(ngram=3, dim=5, bucket=7, epochs=2, rate=0.5, min_count=3, seed=4), Recipe(ngram=1, dim=4, bucket=1)],
)
def test_training_is_that_of_a_slow_oracle(recipe):
    positive, negative = texts("proof", 30), texts("spam", 20)
    model = train_classifier(positive, negative, recipe)
    rows, output = slow_training(positive, negative, recipe)
    np.testing.assert_allclose(model.rows, rows, rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(model.output, output, rtol=2e-4, atol=2e-5)


@pytest.fixture(scope="module")
def model():
    return train_classifier(texts("proof", 400), texts("spam", 400), Recipe(dim=16, bucket=5000, rate=0.5))


def loaded(model, path):
    write_fasttext(model, path)
    return load_model(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def test_fasttext_reads_the_file_and_says_what_the_numbers_say(model, tmp_path):
    """The library's own words, n-gram hashes, rows and softmax, over text of the odd kinds."""
    read = loaded(model, tmp_path / "m.bin")
    assert read.labels() == ["cc", "hq"]
    odd = [
        *texts("proof", 3, seed=9),
        "unknown words only 。",
        "über </s> word1 theorem",
        "__label__hq holds theorem",
        "a\0b\tholds",
    ]
    scores = label_scores(read, odd, ["hq"]).scores[0].to_pylist()
    number = {word: place for place, word in enumerate(model.words.words)}
    encoded, words = encoded_words(odd)
    ids = np.array([number.get(words.words[each], -1) for each in encoded.ids], np.int32)
    recipe = Recipe(dim=16, bucket=5000)
    for place, score in enumerate(scores):
        begin, stop = encoded.ends[place], encoded.ends[place + 1]
        hidden = model.rows[features(encoded._replace(ids=ids), begin, stop, len(number), recipe)].mean(axis=0)
        chance = np.exp(model.output.astype(float) @ hidden)
        assert score == pytest.approx(chance[0] / chance.sum(), abs=5e-4)  # fastText's sigmoids and logs are rounded


def test_bigrams_part_what_words_do_not(model, tmp_path):
    fresh = [
        label_scores(loaded(model, tmp_path / "m.bin"), texts(kind, 50, seed=5), ["hq"]).scores[0].to_numpy()
        for kind in ("proof", "spam")
    ]
    assert fresh[0].min() > 0.9
    assert fresh[1].max() < 0.1
    words_alone = train_classifier(texts("proof", 100), texts("spam", 100), Recipe(ngram=1, dim=16, bucket=1, rate=0.5))
    read = loaded(words_alone, tmp_path / "w.bin")
    blind = [label_scores(read, texts(kind, 50, seed=5), ["hq"]).scores[0].to_numpy().mean() for kind in ("proof", "spam")]
    assert blind[0] == pytest.approx(blind[1], abs=0.1)


def test_the_same_texts_give_the_same_bytes_and_another_seed_others(tmp_path):
    contents = []
    for place, seed in enumerate((1, 1, 2)):
        made = train_classifier(texts("proof", 20), pa.array(texts("spam", 20)), Recipe(dim=4, bucket=50, seed=seed))
        write_fasttext(made, tmp_path / str(place))
        contents.append((tmp_path / str(place)).read_bytes())
    assert contents[0] == contents[1] != contents[2]


def test_what_is_held_out_goes_by_the_text():
    all_texts = [f"text {n}" for n in range(2000)]
    train, held = (each.to_pylist() for each in split(all_texts, 0.2))
    assert len(held) == pytest.approx(400, abs=60)
    assert sorted(train + held) == sorted(all_texts)
    assert split(list(reversed(all_texts)), 0.2)[1].to_pylist() == held[::-1]
    assert set(split(all_texts * 2, 0.2)[1].to_pylist()) == set(held)
    assert set(split(all_texts, 0.1)[1].to_pylist()) < set(held)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["dmi=3"], "Did you mean 'dim'"),
        (["dim=x"], "x is no int"),
        (["rate"], "nothing is no float"),
        (["dim=0"], "dim: 0 is less than 1"),
        (["rate=0"], "rate: 0.0 is not above"),
        (["held_out=1"], "held_out: 1.0 is no share"),
    ],
)
def test_wrong_recipes_are_told(words, says):
    with pytest.raises(RequestError, match=says):
        Recipe.from_words(words)


def test_recipes_take_units_and_too_few_texts_are_told():
    assert Recipe.from_words(["bucket=100K", "rate=0.2"]) == Recipe(bucket=100_000, rate=0.2)
    with pytest.raises(RequestError, match="negative: 3 texts"):
        train_classifier(texts("proof", 20), texts("spam", 3), SMALL)

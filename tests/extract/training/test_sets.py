"""Gold of several sets: snippets in place of whole texts, weights, sets whose convention is another, domains set apart."""

from __future__ import annotations

import json

import numpy as np
import pytest

from corpus_forge.errors import InputError, RequestError
from corpus_forge.extract.training.__main__ import main
from corpus_forge.extract.training.gold import GoldPage, read_gold
from corpus_forge.extract.training.labels import AGREED, FEW_BLOCKS, PAGE, labels_of
from corpus_forge.extract.training.pages import Reader
from corpus_forge.extract.training.snippets import Places
from corpus_forge.extract.training.tables import tables_of
from corpus_forge.extract.training.weights import tally
from tests.extract.training.test_training import page

WORDS = np.array([3, 5, 4, 5, 0])
TEXTS = ["Menu of all", "One two, three four five", "Six seven eight nine", "one TWO three four five", ""]


def rows(path, made):
    path.write_text("".join(json.dumps(row) + "\n" for row in made))
    return path


def untitled(site, number):
    made = page(site, number)
    return {**made, "text": made["text"].split("\n", 1)[1]}


def with_snippets(site, number):
    made = page(site, number)
    return {
        "html": made["html"],
        "url": made["url"],
        "wanted": [made["text"].split("\n")[1][:40]],
        "unwanted": ["copyright of"],
    }


@pytest.mark.parametrize(
    ("snippet", "blocks"),
    [
        ("two three", [1, 3]),
        ("TWO,\n three!", [1, 3]),
        ("of all one", [0, 1]),
        ("five six", [1, 2]),
        ("wo three fou", [1, 3]),
        ("ine one tw", [2, 3]),
        ("enu", [0]),
        ("three five", []),
        ("...", []),
        ("", []),
    ],
)
def test_snippets_lie_where_their_words_are(snippet, blocks):
    assert Places(TEXTS).of(snippet) == blocks


def test_a_page_without_words_holds_no_snippet():
    assert Places([]).of("a") == Places(["", "-"]).of("a") == []


def test_whole_words_come_before_parts_of_words():
    assert Places(["an art", "a rt", "art"]).of("art") == [0, 2]
    assert Places(["an artist", "earth"]).of("art") == [0, 1]


def test_blocks_without_a_snippet_weigh_nothing():
    gold = GoldPage("1", "d", b"", None, wanted=("two three", "seven"), unwanted=("menu",), weight=0.5)
    labels = labels_of(gold, TEXTS, WORDS)
    assert labels.shares.tolist() == [0, 1, 1, 1, 0]
    assert labels.weights.tolist() == pytest.approx([0.5 * PAGE / FEW_BLOCKS] * 4 + [0])


def test_what_is_wanted_and_unwanted_is_wanted():
    labels = labels_of(GoldPage("1", "d", b"", None, wanted=("six",), unwanted=("nine",)), TEXTS, WORDS)
    assert labels.shares.tolist() == [0, 0, 1, 0, 0]


def test_labels_of_a_whole_text_weigh_by_words():
    gold = GoldPage("1", "d", b"", "One two three four five", weight=2)
    words = WORDS * 10
    assert labels_of(gold, TEXTS, words).weights.tolist() == pytest.approx((2 * PAGE * words / words.sum()).tolist())
    assert labels_of(gold, TEXTS, WORDS).weights.sum() == pytest.approx(2 * PAGE * 17 / 30)


def test_words_of_unknown_blocks_are_not_counted():
    html = b"<div class=menu><p>alpha beta gamma</div><div class=story><p>delta epsilon zeta</div>"
    whole, part, none = (
        GoldPage("1", "d", html, "delta epsilon zeta"),
        GoldPage("2", "d", html, None, wanted=("delta epsilon",)),
        GoldPage("3", "d", html, "delta epsilon zeta", weight=0),
    )
    reader = Reader([whole])
    counted = [tally(reader.read(gold)) for gold in (whole, part, none)]
    assert [(len(each.words[0]), len(each.names[0])) for each in counted] == [(6, 2), (3, 1), (0, 0)]


def test_rows_may_have_snippets_in_place_of_a_text(tmp_path):
    path = rows(
        tmp_path / "some.more.jsonl",
        [
            {"html": "<p>a", "text": "a", "must_include": ["x"]},
            {"html": "<p>b", "wanted": ["b"], "unwanted": ["c", "d"]},
            {"html": "<p>c", "text": None, "must_include": ["e"], "must_exclude": []},
            {"html": "<p>d", "text": None},
        ],
    )
    found = read_gold(path, 0.25, False)
    assert [(each.text, each.wanted, each.unwanted) for each in found] == [
        ("a", ("x",), ()),
        (None, ("b",), ("c", "d")),
        (None, ("e",), ()),
    ]
    assert {(each.source, each.weight, each.own) for each in found} == {("some", 0.25, False)}


@pytest.mark.parametrize(
    "row", [{"html": "x", "wanted": "a"}, {"html": "x", "wanted": [1]}, {"html": "x"}, ["x"], {"html": 1, "text": ""}]
)
def test_rows_that_are_no_gold_are_refused_by_line(row, tmp_path):
    with pytest.raises(InputError, match=r"bad\.jsonl, line 2: .*'wanted' and"):
        read_gold(rows(tmp_path / "bad.jsonl", [{"html": "", "text": ""}, row]))


def test_tables_say_what_snippets_are_found_by_set():
    gold = [GoldPage(str(n), "d", b"", None, source="b", wanted=("one", "two"), unwanted=("six",)) for n in range(2)]
    gold.append(GoldPage("3", "d", b"", "one", source="a"))
    made = tables_of(gold, ["one two", "one six", "one"])
    assert "| b | 2 | 0.7500 | 3 of 4 | 1 of 2 |" in made
    assert "| all | 1 | 1.0000 |" in made
    assert "set a" not in made


def trained(tmp_path, name, *given):
    output = tmp_path / f"{name}.npz"
    options = [
        "--trees",
        "60",
        "--second-trees",
        "40",
        "--rate",
        "0.3",
        "--data",
        "made",
        "--threads",
        "1",
        "--no-cross-validation",
    ]
    assert main(["train", *map(str, given), "-o", str(output), *options]) == 0
    return output


def heads(model):
    """How many of twelve pages of other sites have their title in what the model makes of them."""
    from corpus_forge.extract import extract_text, make_engine

    engine, made = make_engine("forge", {"model": str(model)}), [page(site, 1) for site in range(40, 52)]
    return sum(each["text"].split("\n")[0] in extract_text(engine, each["html"], None).split("\n") for each in made)


def test_the_line_is_drawn_where_the_first_set_draws_it(tmp_path):
    own = rows(tmp_path / "own.jsonl", [page(site, number) for site in range(15) for number in range(5)])
    other = rows(tmp_path / "other.jsonl", [untitled(site, number) for site in range(15, 40) for number in range(4)])
    parts = rows(tmp_path / "parts.jsonl", [with_snippets(site, 3) for site in range(50)])
    several = trained(tmp_path, "several", own, "--others", other, parts, "--weights", "1", "0.7", "0.5")
    assert heads(several) >= 6
    assert heads(trained(tmp_path, "one", own, other, parts, "--weights", "1", "0.7", "0.5")) < 3
    card = (tmp_path / "several.md").read_text()
    assert "225 pages of 50 domains: 75 of own, weight 1, 100 of other, weight 0.7, 50 of parts, weight 0.5" in card


def test_nothing_is_learned_from_domains_that_are_set_apart(tmp_path):
    apart = rows(tmp_path / "tests.jsonl", [page(site, 9) for site in (1, 3)])
    pages = [page(site, 0) for site in range(15)]
    lies = [
        {**made, "text": "menu"} if f".site{site}." in made["url"] and site in (1, 3) else made
        for site, made in enumerate(pages)
    ]
    first = trained(tmp_path, "first", rows(tmp_path / "own.jsonl", pages), "--apart", apart)
    assert "13 pages of 13 domains" in first.with_suffix(".md").read_text()
    assert trained(tmp_path, "lies", rows(tmp_path / "own.jsonl", lies), "--apart", apart).read_bytes() == first.read_bytes()


def test_weights_must_be_one_for_each_set(tmp_path, capsys):
    own = rows(tmp_path / "own.jsonl", [page(site, 0) for site in range(12)])
    for weights in (["1", "2"], ["-1"], ["inf"], ["nan"]):
        given = ["train", str(own), "-o", str(tmp_path / "a.npz"), "--weights", *weights]
        assert main(given) == RequestError.exit_code
        assert "is needed for each of 1 sets" in capsys.readouterr().err


def test_what_all_guesses_agree_on_is_known_for_less_weight():
    texts = ["menu of all", "one two three four", "five six seven eight", "nine ten eleven twelve"]
    words, guesses = (
        np.array([3, 40, 4, 4]),
        ("One two three four five six seven eight", "one two three four nine ten eleven twelve"),
    )
    labels = labels_of(GoldPage("1", "d", b"", None, guesses=guesses, weight=2), texts, words)
    assert labels.shares.tolist() == [0, 1, 0, 0]
    assert labels.weights.tolist() == pytest.approx([2 * AGREED * PAGE * count / 51 for count in (3, 40)] + [0, 0])
    told = labels_of(GoldPage("1", "d", b"", None, guesses=guesses, wanted=("menu",), unwanted=("four", "five")), texts, words)
    assert told.shares.tolist() == [1, 0, 0, 0]
    assert told.weights.tolist() == pytest.approx([PAGE / FEW_BLOCKS, AGREED * PAGE * 40 / 51, PAGE / FEW_BLOCKS, 0])

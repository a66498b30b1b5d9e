"""Models made of gold pages: labels, folds, scores; the same file every time, and texts of sites that were not learned from."""

from __future__ import annotations

import json

import numpy as np
import pytest

from corpus_forge.errors import InputError, RequestError
from corpus_forge.extract.training.__main__ import main
from corpus_forge.extract.training.evaluate import word_score
from corpus_forge.extract.training.folds import FOLDS, folds_of
from corpus_forge.extract.training.gold import domain_of, read_gold
from corpus_forge.extract.training.labels import block_labels

WORDS = ["river", "stone", "window", "light", "paper", "garden", "morning", "silver", "winter", "answer", "letter", "bridge"]


def page(site: int, number: int) -> dict[str, str]:
    """A page of a site with a template of its own: menus, an article, teasers, a footer."""
    random = np.random.default_rng([site, number])

    def sentence(least, most):
        return " ".join(random.choice(WORDS, random.integers(least, most)).tolist()).capitalize()

    paragraphs = [f"{sentence(15, 40)}, {sentence(8, 20)}." for _ in range(random.integers(3, 7))]
    title, box = sentence(4, 7), ["div class=main", "article", "section id=content", "td class=body"][site % 4]
    menu = "".join(f"<li><a href=/{k}>{sentence(1, 3)}</a>" for k in range(8))
    teasers = "".join(f"<li><a href=/t{k}>{sentence(5, 9)}</a>" for k in range(6))
    html = (
        f"<html><head><title>{title}</title></head><body><ul class=menu>{menu}</ul><{box}><h1>{title}</h1>"
        + "".join(f"<p>{text}</p>" for text in paragraphs)
        + f"</{box.split()[0]}><div class=related><h3>More</h3><ul>{teasers}</ul></div>"
        "<footer><p>Copyright of the site</p></footer>"
    )
    address = f"http://www.site{site}.co.uk/{number}"
    return {"html": html, "text": "\n".join([title, *paragraphs]), "url": address, "page_type": "article", "lang": "en"}


@pytest.fixture(scope="module")
def gold(tmp_path_factory):
    path = tmp_path_factory.mktemp("gold") / "pages.jsonl"
    path.write_text("".join(json.dumps(page(site, number)) + "\n" for site in range(15) for number in range(3)))
    return path


def trained(gold, output, *more):
    given = [
        "train",
        str(gold),
        "-o",
        str(output),
        "--trees",
        "12",
        "--second-trees",
        "8",
        "--data",
        "made",
        "--licence",
        "none",
    ]
    assert main([*given, *more]) == 0
    return output.read_bytes()


def test_the_same_pages_give_the_same_model_and_a_card_that_says_what_it_reaches(gold, tmp_path, capsys):
    first = trained(gold, tmp_path / "a.npz", "--threads", "1", "--folds", str(tmp_path / "folds"))
    card = (tmp_path / "a.md").read_text()
    assert "45 pages of 15 domains" in card
    scores = [float(line.split("|")[3]) for line in card.splitlines() if line.startswith(("| all |", "| article |"))]
    assert len(scores) == 2
    assert min(scores) > 0.95
    said = capsys.readouterr().out
    assert "first look: learned from all pages but fold 2 and 4" in said
    assert "second look: learned from all pages but fold 4" in said
    assert trained(gold, tmp_path / "b.npz", "--threads", "2", "--processes", "2", "--no-cross-validation") == first
    assert "Not cross-validated" in (tmp_path / "b.md").read_text()
    assert trained(gold, tmp_path / "c.npz", "--seed", "9", "--no-cross-validation") != first
    kept = json.loads((tmp_path / "folds/folds.json").read_text())
    assert set(kept["pages"].values()) == set(range(FOLDS))
    assert len({(tmp_path / f"folds/fold-{fold}.npz").read_bytes() for fold in range(FOLDS)} | {first}) == FOLDS + 1

    assert main(["evaluate", str(gold), "--model", str(tmp_path / "a.npz")]) == 0
    assert float(capsys.readouterr().out.split("| all | 45 |")[1].split("|")[0]) > 0.95


def test_labels_are_the_shares_of_words_in_runs_of_the_gold_text():
    gold = "One two three four five six. Seven eight nine ten."
    texts = ["menu of all", "One two three four five six.", "x y seven eight nine ten", "two", "", "ten", "nine two"]
    assert block_labels(texts, gold).tolist() == pytest.approx([0, 1, 4 / 6, 0, 0, 0, 0])
    assert block_labels(["a b"], "").tolist() == [0]
    assert block_labels([], "a").tolist() == []


def test_no_domain_lies_in_two_folds():
    domains = [f"d{number % 40}" for number in range(200)]
    folds = folds_of(domains, 3)
    assert all(len(set(folds[np.array(domains) == name].tolist())) == 1 for name in set(domains))
    assert sorted(set(folds.tolist())) == list(range(FOLDS))
    assert folds.tolist() == folds_of(domains, 3).tolist() != folds_of(domains, 4).tolist()


def test_pages_of_other_sets_leave_the_folds_of_the_own_as_they_are():
    domains = [f"d{number % 40}" for number in range(200)]
    more = [f"d{number % 70}" for number in range(90)]
    folds = folds_of([*domains, *more], 3, [True] * 200 + [False] * 90)
    assert folds[:200].tolist() == folds_of(domains, 3).tolist()
    assert all(len(set(folds[np.array([*domains, *more]) == name].tolist())) == 1 for name in more)
    assert sorted(set(folds[np.array([False] * 240 + [True] * 30 + [False] * 20)].tolist())) == list(range(FOLDS))


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.a.example.co.uk/x", "example.co.uk"),
        ("http://Blog.Example.com:80/", "example.com"),
        ("17", "17"),
        ("http://a.b.gov.br", "b.gov.br"),
    ],
)
def test_domains(url, domain):
    assert domain_of(url) == domain


def test_word_f1():
    assert word_score("A b, b c", "a B c d") == pytest.approx((0.75, 0.75, 0.75))
    assert word_score("", "") == (1, 1, 1)
    assert word_score("a", "") == word_score("", "a") == word_score("a", "b") == (0, 0, 0)


def test_what_cannot_be_learned_from_is_refused(gold, tmp_path, capsys):
    assert main(["train", str(gold), "-o", str(tmp_path / "model.bin")]) == RequestError.exit_code
    assert "must end in .npz" in capsys.readouterr().err
    few = tmp_path / "few.jsonl"
    few.write_text(json.dumps(page(1, 1)) + "\n")
    assert main(["train", str(few), "-o", str(tmp_path / "model.npz")]) == RequestError.exit_code
    assert "too few domains" in capsys.readouterr().err
    few.write_text('{"html": "<p>"}\n')
    with pytest.raises(InputError, match=r"few\.jsonl, line 1"):
        read_gold(few)

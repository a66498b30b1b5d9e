"""Categories of `url_filter`: UT1's layout, what a domain and an address block, and lists that are absent or odd."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus_forge.document import Removal
from corpus_forge.errors import ConfigError
from corpus_forge.steps.url_categories import addresses, blocked, load_categories
from corpus_forge.steps.url_filter import UrlFilterStep


@pytest.fixture
def lists(tmp_path) -> str:
    for path, content in {
        "adult/domains": b"# made up\nadult.test\nWWW.Two.Adult.TEST\r\n\n  .dotted.test \n"
        b"b\xc3\xbccher.test\n192.0.2.1\n\xff\xfe.test\n",
        "adult/urls": b"host.test/~Someone\nhttp://www.other.test/a/b/\nquery.test/x?id=1\nwhole.test\n",
        "malware/domains": b"bad.test\nadult.test\n",
        "phishing/urls": b"host.test/~someone/deep\n",
        "empty/usage": b"black\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return str(tmp_path)


def removals(folder: str, *urls: str | None, categories=("adult", "malware", "phishing"), **parameters):
    step = UrlFilterStep(categories=categories, categories_from=folder, **parameters)
    return step.start()(pa.record_batch({"url": pa.array(urls, pa.string())})).removed


def removal(folder: str, url: str) -> tuple[str, str] | None:
    found = removals(folder, None, url)
    return (found[1].rule.removeprefix("url_filter.category."), found[1].detail) if found else None


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://adult.test/", ("adult", "adult.test")),
        ("https://a.b.ADULT.test:8443/x", ("adult", "adult.test")),
        ("http://www.two.adult.test/", ("adult", "www.two.adult.test")),
        ("http://deep.dotted.test/", ("adult", "dotted.test")),
        ("http://bücher.test/", ("adult", "xn--bcher-kva.test")),
        ("http://192.0.2.1/x", ("adult", "192.0.2.1")),
        ("http://notadult.test/", None),
        ("http://adult.test.org/", None),
        ("http://bad.test/", ("malware", "bad.test")),
        ("http://www.host.test/~someone/x/y", ("adult", "host.test/~someone")),
        ("http://host.test:80/~SOMEONE", ("adult", "host.test/~someone")),
        ("http://host.test/~someoneelse", None),
        ("http://sub.host.test/~someone", None),
        ("http://host.test/", None),
        ("http://other.test/a/b/c", ("adult", "other.test/a/b")),
        ("http://other.test//a//b?c#d", ("adult", "other.test/a/b")),
        ("http://other.test/a", None),
        ("http://query.test/x?id=1", ("adult", "query.test/x?id=1")),
        ("http://query.test/x?id=12", None),
        ("whole.test/anything", ("adult", "whole.test")),
        ("http://user:p@adult.test/", ("adult", "adult.test")),
        ("", None),
        (None, None),
    ],
)
def test_domains_block_what_is_below_and_addresses_what_begins_with_them(lists, url, found):
    assert removal(lists, url) == found


def test_the_first_category_given_is_the_reason_and_the_order_of_files_does_not_matter(lists):
    url = "http://adult.test/"
    assert removals(lists, url, categories=["malware", "adult"])[0].rule == "url_filter.category.malware"
    assert removals(lists, url, categories="adult")[0].rule == "url_filter.category.adult"
    deep = "http://host.test/~someone/deep/er"
    assert removals(lists, deep, categories="phishing")[0] == Removal(
        "url_filter.category.phishing", detail="host.test/~someone/deep"
    )


def test_other_rules_come_first_and_allowed_domains_pass(lists):
    urls = ["http://adult.test/bad", "http://adult.test/", "http://ok.adult.test/"]
    found = removals(lists, *urls, words=["bad"], allow=["ok.adult.test"])
    assert [found[row].rule for row in sorted(found)] == ["url_filter.word", "url_filter.category.adult"]


def test_identity_is_made_of_content_and_names(lists, tmp_path):
    def identity(names):
        return UrlFilterStep(categories=names, categories_from=lists).identity()

    before = identity(("adult",))
    assert lists not in str(before)
    assert before != identity(("malware",))
    content = (tmp_path / "adult" / "domains").read_bytes()
    (tmp_path / "adult" / "domains").write_bytes(gzip.compress(content))
    assert identity(("adult",)) == before, "a compressed list says the same"
    (tmp_path / "adult" / "domains").write_bytes(content + b"more.test\n")
    assert identity(("adult",)) != before


def test_what_is_absent_or_damaged_is_a_problem_before_the_run(lists, tmp_path):
    def problem(**parameters):
        step = UrlFilterStep(**{"categories": ("adult",), "categories_from": lists, **parameters})
        with pytest.raises(ConfigError):
            step.start()
        [said] = step.problems()
        return said

    assert "has no category 'adlut'" in problem(categories=("adlut",))
    assert "adult, malware, phishing" in problem(categories=("empty",))
    assert "no such folder" in problem(categories_from=str(tmp_path / "absent"))
    (tmp_path / "malware" / "domains").write_bytes(gzip.compress(b"a.test\n" * 1000)[:-10])
    assert "the list cannot be read" in problem(categories=("malware",))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"categories": ["adult"]}, "go together"),
        ({"categories_from": "x", "words": ["y"]}, "go together"),
        ({"categories": ["../adult"], "categories_from": "x"}, "is not a category"),
        ({"categories_from": "x"}, "nothing to block"),
    ],
)
def test_wrong_parameters(parameters, said):
    with pytest.raises(ValidationError, match=said):
        UrlFilterStep.model_validate(parameters)


@given(st.text(max_size=60))
def test_every_text_has_addresses_that_grow(url):
    found = list(addresses(url))
    assert all(longer.startswith(shorter) for shorter, longer in pairwise(found))


def test_a_big_list_is_looked_up_as_a_set_of_strings_would_be(tmp_path):
    rng = np.random.default_rng(1)
    entries = {f"h{number}.test" for number in rng.integers(0, 400_000, 200_000).tolist()}
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "domains").write_text("\n".join(sorted(entries)))
    hosts = [f"h{number}.test" for number in range(0, 400_000, 97)]
    found = blocked([f"http://{host}/" for host in hosts], load_categories(str(tmp_path), ("big",)))
    assert [row in found for row in range(len(hosts))] == [host in entries for host in hosts]


def test_batches_do_not_matter(lists):
    urls = ["http://adult.test/", None, "http://host.test/~someone", "http://fine.test/", "http://bad.test/x"]
    step = UrlFilterStep(categories=("adult", "malware"), categories_from=lists).start()
    whole = step(pa.record_batch({"url": pa.array(urls)})).removed
    single = {row: step(pa.record_batch({"url": pa.array(urls)}).slice(row, 1)).removed.get(0) for row in range(len(urls))}
    assert whole == {row: found for row, found in single.items() if found}
    assert Path(lists).is_dir()

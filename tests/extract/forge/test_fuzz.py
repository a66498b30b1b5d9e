"""A slice of `make fuzz`: hostile pages, their texts whatever the batch, and that the check can fail."""

from __future__ import annotations

import numpy as np
import pytest
from forge_fuzz import BATCH, check, extract, whole_pages
from forge_fuzz_pages import batch

from corpus_forge.extract.forge.options import ForgeOptions


@pytest.mark.parametrize("number", range(6))
def test_no_page_is_too_odd(number):
    check(batch(2026, number, BATCH, whole_pages()), number)


FOUND = [
    # By 1,000,000 generated pages of seed 5: a mark of a link within a character, where white space had been.
    "<SCRIPT><picture>\x0bA sentence of words, that is long enough to be taken for text of a page. <noembed "
    "alt='>'>\x0b</ins><a<math href=&amp; class=<><a b=</ x></ x><li lang='>'/><strike lang style=\" \n\t\">&not"
    "it;<select /=\"\">&notin;</h6&nosuch;--</li <small content=''' <h3 datetime></ruby><h6 data-x = &amp; "
    "==' \n\t'><article "
]


@pytest.mark.parametrize("page", FOUND, ids=range(len(FOUND)))
@pytest.mark.parametrize("number", range(3))
def test_what_was_found_stays_mended(page, number):
    check([page.encode()], number)


def test_the_same_seed_gives_the_same_pages():
    pages = whole_pages()
    assert batch(3, 1, 50, pages) == batch(3, 1, 50, pages) != batch(4, 1, 50, pages)


def test_every_batch_size_and_order_gives_the_same_texts():
    pages = batch(5, 0, 200, whole_pages())
    options = ForgeOptions(format="markdown", links=True, alt=True)
    whole = extract(pages, options)[0]
    order = np.random.default_rng(0).permutation(len(pages)).tolist()
    assert extract([pages[k] for k in order], options)[0] == [whole[k] for k in order]
    for size in (1, 7, 64):
        parts = [extract(pages[k : k + size], options)[0] for k in range(0, len(pages), size)]
        assert [text for part in parts for text in part] == whole
    assert sum(map(bool, whole)) > 20


@pytest.mark.parametrize("fault", ["bytes", "chance"])
def test_the_check_finds_what_is_wrong(monkeypatch, fault):
    def broken(pages, options):
        found, texts = extract(pages, options)
        if fault == "bytes":
            return [b"\xff", *found[1:]], texts
        return found, texts._replace(sure=texts.sure + 2)

    monkeypatch.setattr("forge_fuzz.extract", broken)
    with pytest.raises(AssertionError, match="not UTF-8" if fault == "bytes" else "out of place"):
        check([b"<p>words"], 0)

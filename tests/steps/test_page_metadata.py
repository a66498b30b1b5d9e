"""The step `page_metadata`: columns beside pages, in a pipeline of their own and with any engine."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.extract.metadata import COLUMNS
from corpus_forge.steps.extract import Extract
from corpus_forge.steps.page_metadata import PageMetadataStep

PAGES = ['<html lang=en><title>One</title><link rel=canonical href="/1"><main><p>one', None, "<main>three"]


def batch():
    urls = pa.array(["http://example.org/0", "http://example.org/2024/05/25/", None])
    return pa.record_batch({"url": urls, "html": pa.array(PAGES, pa.large_string())})


def test_columns_come_beside_the_page_and_stay_with_the_text():
    outcome = PageMetadataStep().start()(batch())
    assert outcome.batch.schema.names == ["url", "html", *COLUMNS]
    assert not outcome.removed
    first = {"title": "One", "html_language": "en", "canonical_url": "http://example.org/1"}
    assert outcome.batch.select(list(COLUMNS)).to_pylist()[0] == {**dict.fromkeys(COLUMNS), **first}
    assert outcome.batch.column("published").to_pylist() == [None, "2024-05-25", None]
    texts = Extract().start()(outcome.batch).kept()
    assert texts.select(["title", "text"]).to_pylist() == [{"title": "One", "text": "one"}, {"title": None, "text": "three"}]


def test_only_what_is_asked_for_in_one_order():
    step = PageMetadataStep(columns=["author", "title"])
    assert step.columns == ("title", "author") == step.measures()
    assert step.identity() == PageMetadataStep(columns=("title", "author")).identity()
    assert step.start()(batch()).batch.schema.names == ["url", "html", "title", "author"]
    assert PageMetadataStep(columns="title").columns == ("title",)


def test_batches_without_pages_or_urls_pass():
    texts = pa.record_batch({"text": ["a"]})
    assert PageMetadataStep().start()(texts).batch is texts
    alone = PageMetadataStep(columns="canonical_url").start()(batch().drop_columns(["url"]))
    assert alone.batch.column("canonical_url").to_pylist() == [None] * 3
    assert PageMetadataStep().start()(batch().slice(0, 0)).batch.num_rows == 0


def test_unknown_columns_are_refused():
    with pytest.raises(ValidationError, match=r"named 'langauge'"):
        PageMetadataStep(columns=["langauge"])
    with pytest.raises(ValidationError):
        PageMetadataStep(columns=[])

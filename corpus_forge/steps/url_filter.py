"""Step `url_filter`: documents leave by where they come from, before anything is spent on them.

It looks at the column `url` alone, so it may stand before `extract`. Domains and words are looked up in sets, one URL after
the other; patterns and subwords run as RE2 over the whole batch, in linear time. The order of the tests is datatrove's
(domain, word, soft words, subword), then patterns, then categories; the first that holds is the reason. Unlike datatrove,
words are compared in lower case and after percent-decoding, and a parent domain blocks everything below it at any depth.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator, model_validator

from corpus_forge.document import Outcome, Removal
from corpus_forge.errors import ConfigError, InputError
from corpus_forge.registry import steps
from corpus_forge.rules.files import folders
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.listed import one_is_a_list
from corpus_forge.steps.url_categories import CATEGORY, Category, blocked, load_categories
from corpus_forge.steps.url_lists import SECTIONS, UrlList, checked, host_of, load_list, locate_list, parents, words_of

_BLOCKING = tuple(section for section in SECTIONS if section != "allow")


@steps.add("url_filter")
class UrlFilterStep(MapStep):
    """Remove documents by their URL: blocked domains, words, patterns and categories, given here or in list files."""

    name: ClassVar[str] = "url_filter"
    shorthand: ClassVar[str | None] = "lists"
    needs: ClassVar[tuple[str, ...]] = ("url",)
    leaves_text: ClassVar[bool] = True

    domains: tuple[str, ...] = Field(default=(), description="Block these domains and everything below them: example.com.")
    words: tuple[str, ...] = Field(default=(), description="Block URLs with one of these words between punctuation.")
    subwords: tuple[str, ...] = Field(
        default=(), description="Block URLs that have these letters anywhere, punctuation left out."
    )
    soft_words: tuple[str, ...] = Field(
        default=(), description="Block URLs with several of these words; see soft_word_threshold."
    )
    soft_word_threshold: int = Field(default=2, ge=1, description="So many different soft words block a URL.")
    patterns: tuple[str, ...] = Field(default=(), description="Block URLs in which one of these RE2 expressions is found.")
    allow: tuple[str, ...] = Field(default=(), description="Never block these domains and what is below them.")
    lists: tuple[str, ...] = Field(
        default=(), description="List files with any of the above: paths, plain or compressed, or names of shipped lists."
    )
    categories: tuple[str, ...] = Field(default=(), description="Block these categories of categories_from: adult, malware.")
    categories_from: str | None = Field(
        default=None, description="Folder in the layout of UT1's lists: a folder for each category, in it domains and urls."
    )

    _one_is_a_list = field_validator(*SECTIONS, "lists", "categories", mode="before")(one_is_a_list)

    @field_validator(*SECTIONS)
    @classmethod
    def _entries(cls, entries: tuple[str, ...], info: Any) -> tuple[str, ...]:
        return tuple(checked(info.field_name, entry) for entry in entries)

    @model_validator(mode="after")
    def _not_idle(self) -> UrlFilterStep:
        if not self.lists and not self.categories and not any(getattr(self, section) for section in _BLOCKING):
            raise ValueError(f"nothing to block. Give at least one of {', '.join(_BLOCKING)}, lists, categories.")
        if bool(self.categories) != (self.categories_from is not None):
            raise ValueError("categories and categories_from go together: which ones, and the folder that has them.")
        for name in self.categories:
            if not CATEGORY.fullmatch(name):
                raise ValueError(f"'{name}' is not a category. Give the name of a folder in categories_from, such as adult.")
        return self

    def identity(self) -> dict[str, Any]:
        """With the digests of the lists instead of their paths."""
        lists = {"lists": [found.sha256 for found in self._load()], "categories_from": None}
        return {**super().identity(), **lists, "categories": {each.name: each.sha256 for each in self._categories()}}

    def problems(self) -> list[str]:
        """Lists that are absent, unreadable or wrong, the first of them."""
        try:
            self._load(), self._categories()
        except InputError as error:
            return [str(error)]
        return []

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that removes rows by their `url` and leaves the columns alone. ConfigError when a list is unreadable."""
        try:
            rules = _Rules(self, self._load(), self._categories())
        except InputError as error:
            raise ConfigError("url_filter.lists", str(error)) from None

        def filter_urls(batch: pa.RecordBatch) -> Outcome:
            return Outcome(batch, removed=rules.removals(batch["url"]))

        return filter_urls

    def _load(self) -> list[UrlList]:
        return [load_list(locate_list(name, folders())) for name in self.lists]

    def _categories(self) -> list[Category]:
        return load_categories(self.categories_from, self.categories) if self.categories_from else []


class _Rules:
    """The entries of the step and of its lists, ready for look-ups."""

    def __init__(self, step: UrlFilterStep, lists: list[UrlList], categories: list[Category]) -> None:
        self.categories = categories
        entries = {
            section: tuple(dict.fromkeys(sum((found.entries[section] for found in lists), getattr(step, section))))
            for section in SECTIONS
        }
        self.allow, self.domains = frozenset(entries["allow"]), frozenset(entries["domains"])
        self.words, self.soft_words = frozenset(entries["words"]), frozenset(entries["soft_words"])
        self.subwords, self.patterns = entries["subwords"], entries["patterns"]
        self.threshold = step.soft_word_threshold

    def removals(self, urls: pa.Array) -> dict[int, Removal]:
        """By row, in order, the first rule that blocks it. Rows without a URL pass."""
        found: dict[int, Removal] = {}
        squeezed: list[str | None] = [None] * len(urls)
        allowed = set()
        for row, url in enumerate(urls.to_pylist()):
            host = host_of(url or "")
            if not url or any(domain in self.allow for domain in parents(host)):
                allowed.add(row)
                continue
            words = words_of(url)
            squeezed[row] = "".join(words)
            if removal := self._by_words(host, words):
                found[row] = removal
        by_subword = _first_match(pa.array(squeezed, pa.string()), [re.escape(word) for word in self.subwords])
        by_pattern = _first_match(urls, list(self.patterns))
        for row, index in by_subword.items():
            found.setdefault(row, Removal("url_filter.subword", detail=self.subwords[index]))
        for row, index in by_pattern.items():
            if row not in allowed:
                found.setdefault(row, Removal("url_filter.pattern", detail=self.patterns[index]))
        if self.categories:
            left = [None if row in allowed or row in found else url for row, url in enumerate(urls.to_pylist())]
            found |= blocked(left, self.categories)
        return dict(sorted(found.items()))

    def _by_words(self, host: str, words: list[str]) -> Removal | None:
        for domain in parents(host):
            if domain in self.domains:
                return Removal("url_filter.domain", detail=domain)
        for word in words:
            if word in self.words:
                return Removal("url_filter.word", detail=word)
        soft = sorted(self.soft_words.intersection(words))
        if len(soft) >= self.threshold:
            return Removal("url_filter.soft_words", float(len(soft)), ", ".join(soft))
        return None


def _first_match(texts: pa.Array, patterns: list[str]) -> dict[int, int]:
    """By row, the index of the first pattern that is found in it; rows without a find are left out."""
    if not patterns:
        return {}
    rows = _rows(texts, "|".join(f"(?:{pattern})" for pattern in patterns))
    matching = texts.take(pa.array(rows, pa.int64()))
    found: dict[int, int] = {}
    for index, pattern in enumerate(patterns if rows else []):
        for position in _rows(matching, pattern):
            found.setdefault(rows[position], index)
    return found


def _rows(texts: pa.Array, pattern: str) -> list[int]:
    return pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(texts, pattern), False)).to_pylist()

"""Planted duplicates of real pages: every exact one is found, near ones at the rate that their similarity predicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shingle_oracle import shingles_of

import corpus_forge as cf
from corpus_forge.dedup.lsh import catch_probability

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def planted(test_data: Path) -> tuple[list[dict], dict[str, str]]:
    """The planted groups, and the extracted text of every page in one."""
    groups = [json.loads(line) for line in (test_data / "truth_duplicates.jsonl").read_text("utf-8").splitlines()]
    wanted = {uri for group in groups for uri in group["uris"]}
    texts: dict[str, str] = {}
    for path in sorted((test_data / "warc").glob("*.warc.gz")):
        for batch in cf.read_warc(str(path)):
            for url, html in zip(batch.column("url").to_pylist(), batch.column("html").to_pylist(), strict=True):
                if url in wanted and url not in texts:
                    texts[url] = cf.extract(html)
    assert wanted == set(texts)
    return groups, texts


@pytest.fixture(scope="module")
def similarity(planted) -> Callable[[int, int], float]:
    """Jaccard similarity of two of the texts, by place."""
    sets = [set(shingles_of(text, 5, "words", ("lower", "punctuation"))) for text in planted[1].values()]
    return lambda one, other: len(sets[one] & sets[other]) / max(1, len(sets[one] | sets[other]))


def of_kind(planted, kind: str) -> list[tuple[int, int]]:
    groups, texts = planted
    place = {url: number for number, url in enumerate(texts)}
    return [tuple(place[uri] for uri in group["uris"]) for group in groups if group["kind"] == kind]


def test_every_exact_copy_is_found_by_both_methods(planted):
    texts, pairs = list(planted[1].values()), of_kind(planted, "exact")
    assert len(pairs) == 55
    for clusters in (cf.exact_duplicates(texts), cf.near_duplicates(texts), cf.near_duplicates(texts, verify=1.0)):
        assert all(clusters[one] == clusters[other] for one, other in pairs)


def test_near_copies_are_found_at_the_rate_of_the_curve(planted, similarity):
    texts, pairs = list(planted[1].values()), of_kind(planted, "near")
    assert len(pairs) == 120
    found = cf.near_duplicates(texts)
    expected = np.array([catch_probability(similarity(one, other), 14, 8) for one, other in pairs])
    caught = sum(bool(found[one] == found[other]) for one, other in pairs)
    assert abs(caught - expected.sum()) <= 3 * np.sqrt((expected * (1 - expected)).sum())


def test_what_is_verified_is_similar(planted, similarity):
    """Of all pairs in clusters verified at 0.8, none is less alike than 0.8 minus five standard deviations."""
    texts = list(planted[1].values())
    found = cf.near_duplicates(texts, verify=0.8)
    nearest = 1.0
    for cluster in np.unique(found):
        members = np.flatnonzero(found == cluster).tolist()
        for member in members[1:]:
            nearest = min(nearest, max(similarity(member, other) for other in members if other != member))
    assert nearest >= 0.8 - 5 * (0.8 * 0.2 / 112) ** 0.5


def test_what_is_verified_by_all_shingles_is_as_similar_as_asked(planted, similarity):
    """At 0.8, every document of a cluster has another one there that is that similar: none is there by a mistake."""
    texts = list(planted[1].values())
    found = cf.near_duplicates(texts, verify=0.8, verify_by="jaccard")
    sizes = np.bincount(found)
    assert (sizes > 1).sum() > 100
    for cluster in np.flatnonzero(sizes > 1).tolist():
        members = np.flatnonzero(found == cluster).tolist()
        for member in members:
            assert max(similarity(member, other) for other in members if other != member) >= 0.8


def test_estimates_of_real_pages_are_as_far_off_as_their_number_allows(planted, similarity):
    texts = list(planted[1].values())
    signatures = cf.minhash_signatures(texts, num_perm=512)
    pairs = of_kind(planted, "near")
    true = np.array([similarity(one, other) for one, other in pairs])
    estimates = np.array([(signatures[one] == signatures[other]).mean() for one, other in pairs])
    assert abs((estimates - true).mean()) < 0.005
    assert (((estimates - true) ** 2).sum() / (true * (1 - true) / 512).sum()) == pytest.approx(1, abs=0.4)
    assert all(len(shingles_of(texts[one], 5, "words", ("lower", "punctuation"))) > 1 for one, _ in pairs)

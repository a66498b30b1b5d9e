"""The second look: its features are what their definitions say, and it changes what a page's text is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from look_oracle import Page, look

from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge import model as models
from corpus_forge.extract.forge.layout import Block, Element, Sign, State
from corpus_forge.extract.forge.model import NAME_BUCKETS, STEPS, WORD_BUCKETS
from corpus_forge.extract.forge.select import RANGE
from corpus_forge.extract.forge.tags import TAGS

TAG_NAMES = {number: name for name, number in TAGS.items()}
LEAF = st.builds(
    lambda tag, name, words: f"<{tag}{name}>{' '.join(['word'] * words) or '-'}</{tag}>",
    st.sampled_from(["p", "li", "h2", "h4", "div", "td"]), st.sampled_from(["", " class=a", " class=b"]), st.integers(0, 30),
)  # fmt: skip
BODY = st.lists(
    st.recursive(
        LEAF,
        lambda inner: st.builds(
            lambda tag, name, parts: f"<{tag}{name}>{''.join(parts)}</{tag}>",
            st.sampled_from(["div", "section", "ul"]), st.sampled_from(["", " class=x"]), st.lists(inner, max_size=5),
        ),
        max_leaves=16,
    ),
    min_size=1, max_size=4,
).map("".join)  # fmt: skip
CHANCES = (1 / (1 + np.exp(-((np.arange(STEPS) + 0.5) * (2 * RANGE / STEPS) - RANGE)))).astype(np.float32)


def looked(page: str, seed: int) -> tuple[np.ndarray, Page, np.ndarray]:
    """(features by the kernel, the page as the oracle wants it, scores)."""
    from corpus_forge.extract.forge.features import make_chunk
    from corpus_forge.extract.forge.page import page_look, parse
    from corpus_forge.extract.forge.work import make_work

    data = np.frombuffer(page.encode(), np.uint8)
    work = make_work(len(data), page.count("<"))
    count = parse(data, work)
    scores = np.random.default_rng(seed).normal(0, 4, count).astype(np.float32)
    x = np.full((count, len(columns.NAMES)), 7, np.float32)
    no_weights = np.zeros(WORD_BUCKETS, np.int8), np.zeros(NAME_BUCKETS, np.int8)
    page_look(len(data), work, make_chunk(0), *no_weights, CHANCES, scores, x)
    blocks, elements = work.blocks[:count], work.elements[: work.state[State.ELEMENTS]]
    steps = np.clip(((scores + np.float32(RANGE)) * (STEPS / (2 * RANGE))).astype(int), 0, STEPS - 1)
    seen = Page(
        elements=list(zip(elements[:, Element.PARENT].tolist(), work.signs[: len(elements), Sign.PATH].tolist(), strict=True)),
        of=blocks[:, Block.ELEMENT].tolist(),
        tags=[TAG_NAMES.get(tag, "") for tag in elements[blocks[:, Block.ELEMENT], Element.TAG].tolist()],
        words=blocks[:, Block.WORDS].tolist(),
        chances=CHANCES[steps].astype(float).tolist(),
        steps=steps.tolist(),
    )
    return x, seen, scores


@given(BODY, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_what_the_second_look_sees_is_what_its_definition_says(body, seed):
    x, page, scores = looked(f"<html><body><p>one word</p>{body}</body></html>", seed)
    for b in range(len(page.of)):
        for name, value in look(page, b).items():
            assert x[b, columns.NAMES.index(name)] == pytest.approx(value, rel=1e-3, abs=1e-3), (name, b)
    assert x[:, columns.NAMES.index("score")].tolist() == scores.tolist()
    others = [number for number, name in enumerate(columns.NAMES) if name not in columns.LOOK]
    assert (x[:, others] == 7).all()


@given(BODY, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_the_threshold_that_it_sees_is_the_best_one(body, seed):
    from corpus_forge.extract.forge.look import LEARNED_DOUBT

    x, page, scores = looked(f"<html><body>{body}{'<p>' + 'word ' * 40}</body></html>", seed)
    above = x[:, columns.NAMES.index("score_over_threshold")].astype(float)
    assert np.ptp(scores - above) < 1e-4
    words, chances = np.array(page.words, float), np.array(page.chances)
    total = (words * chances).sum()
    if total < 10:
        assert (above < 0).all()
        return
    kept = above >= 0

    def value(kept, share):
        return 2 * (words * chances)[kept].sum() / (words[kept].sum() + share * total)

    assert value(kept, LEARNED_DOUBT) == pytest.approx(
        max(value(chances >= least, LEARNED_DOUBT) for least in chances[words > 0]), rel=1e-4
    )
    assert x[0, columns.NAMES.index("expected_f1")] == pytest.approx(value(kept, 1.0), rel=1e-3)


def summed(trees, x) -> np.ndarray:
    """Scores of blocks by trees, node by node. x: float32[n, rows of a chunk]."""
    from corpus_forge.extract.forge.trees import leaf_slot

    totals = np.zeros(len(x), np.float32)
    for tree, leaves in enumerate(trees.values):
        alive = np.full(len(x), 0xFFFFFFFF, np.uint32)
        for node in range(trees.starts[tree], trees.starts[tree + 1]):
            right = x[:, trees.features[node]] > trees.thresholds[node]
            alive[right] &= trees.masks[node]
        first = [(int(bits) & -int(bits)).bit_length() - 1 for bits in alive]
        totals += leaves[[leaf_slot(leaf) for leaf in first]]
    return totals


@pytest.mark.parametrize("paragraphs", [5, 90, 1500])
def test_blocks_are_scored_by_both_looks_however_long_the_page_is(paragraphs):
    from corpus_forge.extract.forge.extractor import extractor_of
    from corpus_forge.extract.forge.features import make_chunk
    from corpus_forge.extract.forge.page import page_features, page_look, parse
    from corpus_forge.extract.forge.work import make_work

    random = np.random.default_rng(paragraphs)
    tags = random.choice(["p", "h2", "li", "div class=x"], paragraphs).tolist()
    texts = [
        " ".join(random.choice(["this", "that", "more", "link"], size).tolist()) for size in random.integers(1, 9, paragraphs)
    ]
    page = "<title>that</title>" + "".join(f"<div><{tag}>{text}." for tag, text in zip(tags, texts, strict=True))
    data, model = np.frombuffer(page.encode(), np.uint8), models.load("forge-1")
    extractor = extractor_of("forge-1")
    extractor.extract(data, np.array([0, len(data)], np.int64))
    work, chunk = make_work(len(data), page.count("<")), make_chunk(len(model.bits))
    count = parse(data, work)
    assert count >= paragraphs
    x = np.zeros((count, len(columns.NUMBERS) + len(columns.LOOK) + len(model.bits)), np.float32)
    page_features(len(data), work, chunk, model.words, model.names, model.bits, x)
    first = summed(model.first, x)
    page_look(len(data), work, chunk, model.words, model.names, model.chances, first, x)
    second = summed(model.second, x)
    assert extractor._work.scores[:count].tolist() == second.tolist()
    assert first.tolist() != second.tolist()

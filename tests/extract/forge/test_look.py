"""The second look: its features are what their definitions say, and it changes what a page's text is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from look_oracle import Page, look

from corpus_forge.extract.forge import columns
from corpus_forge.extract.forge.layout import Block, Element, Sign, State
from corpus_forge.extract.forge.model import NAME_BUCKETS, STEPS, WORD_BUCKETS
from corpus_forge.extract.forge.select import DOUBT, RANGE
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
            st.sampled_from(["div", "section", "ul", "article"]), st.sampled_from(["", " class=x"]), st.lists(inner, max_size=5),
        ),
        max_leaves=25,
    ),
    min_size=1, max_size=8,
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
@settings(max_examples=60, deadline=None)
def test_what_the_second_look_sees_is_what_its_definition_says(body, seed):
    x, page, scores = looked(f"<html><body><p>one word</p>{body}</body></html>", seed)
    for b in range(len(page.of)):
        for name, value in look(page, b).items():
            assert x[b, columns.NAMES.index(name)] == pytest.approx(value, rel=1e-3, abs=1e-3), (name, b)
    assert x[:, columns.NAMES.index("score")].tolist() == scores.tolist()
    others = [number for number, name in enumerate(columns.NAMES) if name not in columns.LOOK]
    assert (x[:, others] == 7).all()


@given(BODY, st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_the_threshold_that_it_sees_is_the_best_one(body, seed):
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

    assert value(kept, DOUBT) == pytest.approx(max(value(chances >= least, DOUBT) for least in chances[words > 0]), rel=1e-4)
    assert x[0, columns.NAMES.index("expected_f1")] == pytest.approx(value(kept, 1.0), rel=1e-3)


def test_no_pages_features_look_at_the_page_before():
    text = "<div><p>" + "word " * 30 + "</p><h2>head</h2><p>more words of it</p></div>"
    assert looked(text, 1)[0].tolist() == looked(text, 1)[0].tolist()

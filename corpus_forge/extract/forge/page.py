"""One page through all tables, and the calls that training makes of it. Imports numba: inside functions only."""

from __future__ import annotations

from corpus_forge.extract.forge.aggregates import T_TEXT, T_WORDS, aggregate
from corpus_forge.extract.forge.blocks import build
from corpus_forge.extract.forge.core import find_core
from corpus_forge.extract.forge.features import BITS_AT, LANES, Chunk, Span, begin_run, fill, make_chunk
from corpus_forge.extract.forge.kernel import SOURCE, called, kernel
from corpus_forge.extract.forge.layout import State
from corpus_forge.extract.forge.look import LOOK_AT, begin_look, fill_look
from corpus_forge.extract.forge.tokenizer import tokenize
from corpus_forge.extract.forge.work import Work

BLOCKS, ELEMENTS, BUCKETS, NAMES, OUT = (int(State[name]) for name in ["BLOCKS", "ELEMENTS", "BUCKETS", "NAMES", "OUT"])


@called
def read_page(data, start, end, work):
    """Elements and blocks of the page data[start:end]; how many blocks."""
    count = tokenize(data, start, end, work.tokens, work.last_end)
    build(data, start, end, count, work)
    return work.state[BLOCKS]


@called
def begin_features(work, size, word_weights, name_weights, chunk):
    """Add up what features look at; the page's Span."""
    state = work.state
    aggregate(work, state[BLOCKS], state[ELEMENTS], state[BUCKETS], state[NAMES], word_weights, name_weights, chunk.totals)
    total = chunk.totals[T_TEXT]
    find_core(work, state[BLOCKS], state[ELEMENTS], 2, total, chunk.cores[0])
    find_core(work, state[BLOCKS], state[ELEMENTS], 5, total, chunk.cores[1])
    begin_run(chunk.run)
    return Span(state[BLOCKS], state[ELEMENTS], state[BUCKETS], size)


def _parse(source):
    @kernel
    def parse(data, work):
        """Tables of one page, for training and tests; how many blocks."""
        assert source != 0
        return read_page(data, 0, len(data), work)

    return parse


parse = _parse(SOURCE)


def _page_features(source):
    @kernel
    def page_features(size, work, chunk, word_weights, name_weights, chosen, out):
        """Features of the page in `work`: out, float32[blocks, columns], written but for those of the second look."""
        assert source != 0
        page = begin_features(work, size, word_weights, name_weights, chunk)
        for first in range(0, page.blocks, LANES):
            stop = min(first + LANES, page.blocks)
            fill(work, chunk, chunk.x[0], first, stop, page, word_weights, chosen)
            for b in range(first, stop):
                for column in range(out.shape[1]):
                    if not LOOK_AT <= column < BITS_AT:
                        out[b, column] = chunk.x[0, column, b - first]

    return page_features


page_features = _page_features(SOURCE)


def _page_look(source):
    @kernel
    def page_look(size, work, chunk, word_weights, name_weights, chances, scores, out):
        """Features of the second look of the page in `work`: their columns of out, float32[blocks, columns], written.

        scores: float32[blocks], of the first look. The weights do not matter here.
        """
        assert source != 0
        page = begin_features(work, size, word_weights, name_weights, chunk)
        work.scores[: page.blocks] = scores
        seen = begin_look(work, page.blocks, page.elements, chunk.totals[T_WORDS], chances)
        for first in range(0, page.blocks, LANES):
            stop = min(first + LANES, page.blocks)
            fill_look(work, chunk.x[0], first, stop, seen)
            for b in range(first, stop):
                for column in range(LOOK_AT, BITS_AT):
                    out[b, column] = chunk.x[0, column, b - first]

    return page_look


page_look = _page_look(SOURCE)


__all__ = ["Chunk", "Work", "begin_features", "make_chunk", "page_features", "page_look", "parse", "read_page"]

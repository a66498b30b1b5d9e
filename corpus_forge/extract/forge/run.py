"""A column of pages to a column of texts: all kernels in a row, no Python object a page. Imports numba: inside functions
only.
"""

from __future__ import annotations

from corpus_forge.extract.forge.aggregates import T_WORDS
from corpus_forge.extract.forge.features import CHUNKS, LANES, begin_run, fill
from corpus_forge.extract.forge.kernel import SOURCE, called, inner, kernel
from corpus_forge.extract.forge.layout import State
from corpus_forge.extract.forge.look import begin_look, fill_look
from corpus_forge.extract.forge.page import begin_features, read_page
from corpus_forge.extract.forge.policy import apply_policy
from corpus_forge.extract.forge.render import ROOM, render
from corpus_forge.extract.forge.select import select
from corpus_forge.extract.forge.trees import score

OUT, BLOCKS, SPANS = int(State.OUT), int(State.BLOCKS), int(State.SPANS)


def _count_marks(source):
    @kernel
    def count_marks(data, offsets, marks):
        """How many `<` each page has: marks, int64[n], written."""
        assert source != 0
        for page in range(len(marks)):
            count = 0
            for i in range(offsets[page], offsets[page + 1]):
                count += data[i] == 60
            marks[page] = count

    return count_marks


count_marks = _count_marks(SOURCE)


@inner
def rewind(work, blocks, run):
    """Make features be filled once more from the first block on: their kernel goes forward and notes what it has seen."""
    begin_run(run)
    for b in range(blocks):
        work.copy_counts[work.copy_slots[b]] = abs(work.copy_counts[work.copy_slots[b]])


@inner
def take_scores(work, chunk, x, first, stop, trees):
    """Score the blocks first to stop, whose features are in x."""
    score(x, trees, chunk.scores, chunk.alive)
    for b in range(first, stop):
        work.scores[b] = chunk.scores[b - first]


@called
def look_again(work, chunk, page, model):
    """Score every block by the second look; work.scores has the first one's scores."""
    seen = begin_look(work, page.blocks, page.elements, chunk.totals[T_WORDS], model.chances)
    forgotten = page.blocks > CHUNKS * LANES
    if forgotten:
        rewind(work, page.blocks, chunk.run)
    for first in range(0, page.blocks, LANES):
        x, stop = chunk.x[first // LANES % CHUNKS], min(first + LANES, page.blocks)
        if forgotten:
            fill(work, chunk, x, first, stop, page, model.words, model.bits)
        fill_look(work, x, first, stop, seen)
        take_scores(work, chunk, x, first, stop, model.second)


@called
def score_blocks(size, work, chunk, model):
    """Score every block of the page in `work`, twice."""
    page = begin_features(work, size, model.words, model.names, chunk)
    for first in range(0, page.blocks, LANES):
        x, stop = chunk.x[first // LANES % CHUNKS], min(first + LANES, page.blocks)
        fill(work, chunk, x, first, stop, page, model.words, model.bits)
        take_scores(work, chunk, x, first, stop, model.first)
    look_again(work, chunk, page, model)


def _extract_pages(source):
    @kernel
    def extract_pages(data, offsets, wanted, first, work, chunk, model, options, out, at, ends, sure):
        """Texts of the pages from `first` on into out[at:], as many as have room: (the page reached, end, bytes it needs).

        data: uint8[...], UTF-8; page i is data[offsets[i]:offsets[i + 1]]. wanted: bool[n]; others have no text. work: a Work
        with room for the largest. chunk: a Chunk. model: a Model. options: bits of inline.py. ends: int64[n + 1], written: ends
        of the texts in out. sure: float32[n], written: the F1 that each page's text is expected to have.
        """
        assert source != 0
        for page in range(first, len(wanted)):
            sure[page] = 0
            if wanted[page]:
                start, end = offsets[page], offsets[page + 1]
                count = read_page(data, start, end, work)
                need = work.state[OUT] + ROOM * count + 8 * work.state[SPANS] + (6 * (end - start) if options else 0)
                if at + need > len(out):
                    return page, at, need
                score_blocks(end - start, work, chunk, model)
                sure[page] = select(work, count, model.chances)
                apply_policy(work, count, options)
                at = render(data, work, count, options, out, at)
            ends[page + 1] = at
        return len(wanted), at, 0

    return extract_pages


extract_pages = _extract_pages(SOURCE)

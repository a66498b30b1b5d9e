"""What is predicted: every number of an example against a slow, obvious account, and the statistics that papers state."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markov_tokens import FIRST, VOCAB
from packed_batches import FACTS, MANY, SPECIAL, batch, objective

from corpus_forge.errors import RequestError
from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.objectives import UL2
from corpus_forge.train.objectives.example import IGNORED
from corpus_forge.train.objectives.span import Denoiser, joined, needed_sentinels, noise_mask, split_spans


@st.composite
def rows(draw, length: int = 128):
    """Two rows of pieces that fit."""
    made = []
    for _ in range(2):
        pieces, left = [], draw(st.integers(1, length))
        while left:
            pieces.append(draw(st.integers(1, left)))
            left -= pieces[-1]
        made.append(pieces)
    return made


@given(rows())
@settings(max_examples=60, deadline=None)
def test_causal_is_what_a_loop_over_documents_says(pieces) -> None:
    made = batch(pieces)
    example = objective("causal")(made)
    for row, lengths in enumerate(pieces):
        at = 0
        for size in lengths:
            for place in range(at, at + size):
                assert example.inputs.positions[row, place] == place - at
                assert (example.inputs.sees.first[row, place], example.inputs.sees.last[row, place]) == (at, place)
                follows = made.tokens[row, place + 1] if place + 1 < at + size else IGNORED
                assert example.labels[row, place] == follows
            at += size
        for place in range(at, 128):
            assert example.labels[row, place] == IGNORED
            assert (example.inputs.sees.first[row, place], example.inputs.sees.last[row, place]) == (place, place)
    assert example.scored == sum(size - 1 for lengths in pieces for size in lengths)
    assert np.array_equal(example.inputs.tokens, made.tokens)


@given(rows())
@settings(max_examples=60, deadline=None)
def test_prefix_shows_a_beginning_whole_and_scores_the_rest(pieces) -> None:
    made = batch(pieces)
    example = objective("prefix")(made)
    for row, lengths in enumerate(pieces):
        at = 0
        for size in lengths:
            last = example.inputs.sees.last[row, at : at + size]
            prefix = int(last[0]) - at + 1
            assert 1 <= prefix <= max(1, size - 1)
            assert last.tolist() == [at + max(prefix - 1, place) for place in range(size)]
            scored = example.labels[row, at : at + size] != IGNORED
            assert scored.tolist() == [prefix - 1 <= place < size - 1 for place in range(size)]
            assert (example.inputs.sees.first[row, at : at + size] == at).all()
            at += size


def test_prefix_cuts_are_uniform() -> None:
    made = batch([[11] * 10] * 300)
    last = objective("prefix")(made).inputs.sees.last
    cuts = (last[:, 0:110:11] - np.arange(0, 110, 11) + 1).ravel()
    counts = np.bincount(cuts, minlength=11)[1:]
    assert np.abs(counts - 300).max() < 4 * np.sqrt(3000 * 0.1 * 0.9)


def test_masking_has_the_shares_of_the_paper_and_spares_special_tokens() -> None:
    made = batch([[64, 64]] * 400, seed=3)
    example = objective("mlm", whole_word=False)(made)
    chosen = example.labels != IGNORED
    ordinary = int((~SPECIAL[made.tokens]).sum())
    count = int(chosen.sum())
    assert abs(count - 0.15 * ordinary) < 4 * np.sqrt(ordinary * 0.15 * 0.85)
    masked = int((example.inputs.tokens[chosen] == 2).sum())
    kept = int((example.inputs.tokens[chosen] == made.tokens[chosen]).sum())
    same = 1 / (VOCAB - FIRST)
    assert abs(masked - 0.8 * count) < 4 * np.sqrt(count * 0.8 * 0.2)
    assert abs(kept - (0.1 + 0.1 * same) * count) < 4 * np.sqrt(count * 0.1 * 0.9)
    assert np.array_equal(example.labels[chosen], made.tokens[chosen])
    assert np.array_equal(example.inputs.tokens[~chosen], made.tokens[~chosen])
    assert not SPECIAL[made.tokens[chosen]].any()
    drawn = example.inputs.tokens[chosen]
    assert not SPECIAL[drawn[drawn != 2]].any()
    first, last = example.inputs.sees.first, example.inputs.sees.last
    assert set(zip(first.ravel().tolist(), last.ravel().tolist(), strict=True)) == {(0, 63), (64, 127)}


def test_whole_words_are_masked_together() -> None:
    made = batch([[40, 60, 20]] * 50, seed=5)
    chosen = objective("mlm", rate=0.3)(made).labels != IGNORED
    for row in range(50):
        for place in range(1, 120):
            token = made.tokens[row, place]
            inside = not FACTS.word_start[token] and not SPECIAL[token] and place not in (40, 100)
            if inside and not SPECIAL[made.tokens[row, place - 1]]:
                assert chosen[row, place] == chosen[row, place - 1]
    assert 0.2 < chosen.sum() / (~SPECIAL[made.tokens]).sum() < 0.4


@given(st.integers(2, 600), st.sampled_from([*UL2, Denoiser(0.9, 1.0)]), st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_spans_come_back_exactly(length, denoiser, seed) -> None:
    random = np.random.default_rng(seed)
    tokens = random.integers(0, 300, length).astype(np.int32)
    mask = noise_mask(length, denoiser, random)
    hidden, spans = denoiser.counts(length)
    sentinels = range(5000, 5000 + spans)
    pair = split_spans(tokens, mask, sentinels)
    assert joined(pair, sentinels) == tokens.tolist()
    assert (len(mask), int(mask.sum()), bool(mask[0])) == (length, hidden, False)
    assert int((np.diff(mask.astype(int), prepend=0) == 1).sum()) == spans
    assert (len(pair.inputs), len(pair.targets)) == (length - hidden + spans, hidden + spans)
    assert pair.inputs[pair.inputs >= 5000].tolist() == pair.targets[pair.targets >= 5000].tolist() == list(sentinels)


def test_a_t5_window_has_the_lengths_of_t5() -> None:
    """568 tokens give 512 inputs and 114 targets with their ends, as `random_spans_helper` says."""
    pair = split_spans(np.arange(568), noise_mask(568, Denoiser(0.15, 3.0), np.random.default_rng(0)), range(1000, 1100))
    assert (len(pair.inputs) + 1, len(pair.targets) + 1) == (512, 114)


def test_where_spans_lie_is_random_and_a_window_ends_with_one_as_in_t5() -> None:
    random, many = np.random.default_rng(0), 4000
    counts = sum(noise_mask(200, Denoiser(0.15, 3.0), random).astype(int) for _ in range(many))
    assert (counts[0], counts[199], sum(counts)) == (0, many, 30 * many)
    middle = counts[50:150] / many
    assert np.abs(middle - middle.mean()).max() < 5 * np.sqrt(0.15 * 0.85 / many)


@given(rows(), st.sampled_from([8, 16, 512]))
@settings(max_examples=60, deadline=None)
def test_a_row_of_windows_keeps_every_token_on_one_side_or_the_other(pieces, window) -> None:
    made = batch(pieces, vocab=900)
    example = objective("span", MANY, window=window)(made)
    encoder, cross = example.encoder, example.cross
    assert encoder is not None
    assert cross is not None
    for row, lengths in enumerate(pieces):
        text, last_seen, at = [], -1, 0
        while at < sum(lengths) and len(text) < sum(lengths):
            stop = int(encoder.sees.last[row, at]) + 1
            inputs = encoder.tokens[row, at:stop]
            targets = [
                int(label) for label, first in zip(example.labels[row], cross.first[row], strict=True)
                if first == at and label != IGNORED
            ]  # fmt: skip
            if targets:
                assert targets[-1] == 0
                hidden = type("Pair", (), {"inputs": inputs, "targets": np.array(targets[:-1])})
                text += joined(hidden, MANY.sentinels)
            else:
                text += inputs.tolist()
            assert stop > last_seen
            last_seen = at = stop
        assert text == made.tokens[row, : sum(lengths)].tolist()


def test_the_decoder_sees_its_own_window_only() -> None:
    example = objective("span", MANY, window=16)(batch([[40, 30]], vocab=900))
    scored = np.flatnonzero(example.labels[0] != IGNORED)
    windows = sorted(set(zip(example.cross.first[0, scored].tolist(), example.cross.last[0, scored].tolist(), strict=True)))
    assert len(windows) == 3 + 2
    assert all(before[1] < after[0] for before, after in itertools.pairwise(windows))
    starts = scored[example.inputs.positions[0, scored] == 0]
    assert (example.inputs.tokens[0, starts] == MANY.filler).all()
    inside = np.setdiff1d(scored, starts)
    assert np.array_equal(example.inputs.tokens[0, inside], example.labels[0, inside - 1])
    assert np.array_equal(example.inputs.sees.last[0, scored], scored)


def test_ul2_has_the_seven_denoisers_of_its_table_and_draws_each_as_often() -> None:
    assert [(each.rate, each.mean_span) for each in UL2] == [
        (0.15, 3), (0.15, 8), (0.25, None), (0.5, 3), (0.5, 8), (0.15, 64), (0.5, 64),
    ]  # fmt: skip
    made = batch([[128]] * 700, vocab=900)
    example = objective("ul2", MANY)(made)
    targets = (example.labels != IGNORED).sum(1)
    lengths = [sum(denoiser.counts(127)) + 1 for denoiser in UL2]
    assert len(set(lengths)) == 7
    counts = np.array([(targets == length).sum() for length in lengths])
    assert counts.sum() == 700
    assert np.abs(counts - 100).max() < 4 * np.sqrt(700 / 7 * 6 / 7)


@pytest.mark.parametrize("name", ["prefix", "mlm", "span", "ul2"])
def test_a_row_is_corrupted_the_same_in_any_batch_and_anew_in_every_epoch_seed_and_source(name) -> None:
    whole = batch([[100, 28]] * 4, vocab=900)
    facts = dataclasses.replace(MANY, mask_id=2)
    make = objective(name, facts)

    def labels(made: TokenBatch, which=make) -> np.ndarray:
        example = which(made)
        return np.concatenate([example.labels[-1], example.inputs.tokens[-1], example.inputs.sees.last[-1]])

    picked = {field.name: getattr(whole, field.name) for field in dataclasses.fields(TokenBatch)}
    last = {name: value[3:] for name, value in picked.items() if name not in ("piece_offsets", "doc_starts", "doc_uid")}
    pieces = {"piece_offsets": np.array([0, 2]), "doc_starts": whole.doc_starts[6:], "doc_uid": whole.doc_uid[6:]}
    one = TokenBatch(**last, **pieces)
    if name in ("prefix", "mlm"):
        assert np.array_equal(labels(one), labels(whole))
    else:
        assert make(one).labels[0][:128].tolist() == make(whole).labels[3][:128].tolist()
    assert not np.array_equal(labels(whole)[:128], labels(dataclasses.replace(whole, epoch=whole.epoch + 1))[:128])
    assert not np.array_equal(labels(whole)[:128], labels(dataclasses.replace(whole, source=whole.source + 1))[:128])
    assert not np.array_equal(labels(whole)[:128], labels(whole, objective(name, facts, seed=2))[:128])


def test_what_a_tokenizer_lacks_is_named() -> None:
    with pytest.raises(RequestError, match="mlm needs a mask token"):
        objective("mlm", dataclasses.replace(FACTS, mask_id=None))
    with pytest.raises(RequestError, match="span needs 26 sentinels for windows of 512 tokens"):
        objective("span")
    assert needed_sentinels(UL2, 512) == 85
    objective("span", window=100)

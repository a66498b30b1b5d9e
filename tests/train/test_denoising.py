"""BART, ELECTRA and XLNet: what each hides, shows and scores, against slow accounts and the papers' statistics."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packed_batches import FACTS, MANY, SPECIAL, batch, objective

torch = pytest.importorskip("torch", reason="torch is not installed")

from corpus_forge.errors import RequestError
from corpus_forge.train.attention import attend, make_mask
from corpus_forge.train.config import ModelConfig, ObjectiveConfig
from corpus_forge.train.data import sentence_ends, to_device
from corpus_forge.train.objectives.bart import holed, permuted, span_lengths
from corpus_forge.train.objectives.example import IGNORED
from corpus_forge.train.objectives.permuted import predicted
from corpus_forge.train.replaced import ReplacedTokens, drawn, make_model

TINY = ModelConfig(preset="tiny")
STOPS = dataclasses.replace(MANY, mask_id=2, sentence_end=np.arange(1000) % 10 == 0)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# BART


@given(st.integers(1, 400), st.floats(1, 6), st.integers(0, 99))
@settings(max_examples=100)
def test_span_lengths_sum_to_what_is_to_be_hidden(total, mean, seed) -> None:
    lengths = span_lengths(total, mean, generator(seed))
    assert lengths.sum() == total
    assert (lengths >= 0).all()


def test_span_lengths_are_poisson_3_with_spans_of_nothing() -> None:
    lengths = span_lengths(300_000, 3.0, generator())
    assert abs(lengths.mean() - 3) < 4 * np.sqrt(3 / len(lengths))
    share = np.exp(-3.0)
    assert abs((lengths == 0).mean() - share) < 4 * np.sqrt(share * (1 - share) / len(lengths))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 99))
@settings(max_examples=100)
def test_sentences_are_put_into_another_order_and_nothing_else_is(tokens, seed) -> None:
    ids = np.array(tokens, np.int32)
    ends = ids < 2
    sentences, current = [], []
    for place, token in enumerate(tokens):
        current.append(token)
        if ends[place] and not (place + 1 < len(tokens) and ends[place + 1]):
            sentences.append(current)
            current = []
    sentences += [current] if current else []
    made = permuted(ids, ends, generator(seed)).tolist()
    assert sorted(made) == sorted(tokens)
    order = generator(seed).permutation(len(sentences))
    assert made == [token for number in order for token in sentences[number]]


def test_thirty_percent_go_and_each_span_leaves_one_mask() -> None:
    left = hidden = masks = 0
    for seed in range(300):
        tokens = np.arange(10, 510, dtype=np.int32)
        made = holed(tokens, 2, 0.3, 3.0, generator(seed))
        kept = made[made != 2]
        assert (np.diff(kept) > 0).all(), "what stays keeps its order"
        left += len(kept)
        masks += int((made == 2).sum())
        hidden += 500 - len(kept)
    assert 0.25 < hidden / (left + hidden) <= 0.3, "spans overlap or reach beyond the end now and then"
    assert abs(masks / (300 * 150 / 3) - 1) < 0.05


def test_the_decoder_writes_the_text_as_it_was() -> None:
    made = batch([[100, 28]] * 3, vocab=900)
    example = objective("bart", STOPS, window=64)(made)
    for row in range(3):
        written = example.labels[row][example.labels[row] != IGNORED]
        ends = np.flatnonzero(written == 0)
        assert np.array_equal(written[written != 0], made.tokens[row][made.tokens[row] != 0])
        assert len(ends) == 3, "each window ends: two of the first document, one of the second"
    encoder = example.encoder
    assert encoder is not None
    assert (encoder.tokens == 2).any()
    assert np.array_equal(objective("bart", STOPS, window=64)(made).encoder.tokens, encoder.tokens)
    later = dataclasses.replace(made, epoch=np.ones(3, np.int64))
    assert not np.array_equal(objective("bart", STOPS, window=64)(later).encoder.tokens, encoder.tokens)


def test_sentence_marks_are_read_from_a_tokenizer(tmp_path) -> None:
    import json

    vocab = {".": 0, "Ġend.": 1, "why?": 2, "ãĢĤ": 3, "a": 4, "3.5": 5}
    model = {"type": "BPE", "vocab": vocab, "merges": []}
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps({"model": model, "added_tokens": [], "decoder": {"type": "ByteLevel"}}))
    found = sentence_ends(file, 8)
    assert found is not None
    assert np.flatnonzero(found).tolist() == [0, 1, 2, 3]
    assert sentence_ends(tmp_path / "none.json", 8) is None


# XLNet


def test_one_token_in_six_is_predicted() -> None:
    chosen = np.concatenate([predicted(600, generator(seed)) for seed in range(400)])
    assert abs(chosen.mean() - 1 / 7) < 0.012, "n of a context of 6 n tokens and the n themselves"


def test_streams_see_what_the_order_allows() -> None:
    made = batch([[50, 60], [128]], seed=4)
    example = objective("xlnet")(made)
    sees, n = example.inputs.sees, 128
    scored = 0
    for row in range(2):
        ranks = sees.query_rank[row, :n]
        for query in range(example.labels.shape[1]):
            keys = [
                key
                for key in range(sees.first[row, query], sees.last[row, query] + 1)
                if sees.key_rank[row, key] <= sees.query_rank[row, query]
            ]
            if query < n:
                assert query in keys
                assert all(ranks[key] <= ranks[query] for key in keys)
                assert all(key < n for key in keys)
                assert example.labels[row, query] == IGNORED
            elif example.labels[row, query] != IGNORED:
                scored += 1
                place = int(
                    np.flatnonzero(
                        (made.tokens[row] == example.labels[row, query]) & (ranks == sees.query_rank[row, query] + 1)
                    )[0]
                )
                assert keys, "somebody is seen"
                assert place not in keys
                assert all(ranks[key] < ranks[place] for key in keys)
                assert not SPECIAL[example.labels[row, query]]
                assert example.inputs.tokens[row, query] == FACTS.mask_id
            else:
                assert keys == [query]
    assert scored == example.scored > 10


def test_a_predicted_token_does_not_reach_its_own_query() -> None:
    made = batch([[128]], seed=1)
    example = objective("xlnet")(made)
    model = make_model(TINY, 64, "encoder", ObjectiveConfig("xlnet"))
    first = model.hidden(to_device(example, torch.device("cpu"), "sdpa")).detach()
    query = int(np.flatnonzero(example.labels[0] != IGNORED)[0])
    rank = example.inputs.sees.query_rank[0, query] + 1
    place = int(np.flatnonzero(example.inputs.sees.key_rank[0, :128] == rank)[0])
    example.inputs.tokens[0, place] = (example.inputs.tokens[0, place] + 1) % 56 + 8
    second = model.hidden(to_device(example, torch.device("cpu"), "sdpa")).detach()
    later = [
        each for each in range(128, first.shape[1])
        if example.labels[0, each] != IGNORED and example.inputs.sees.query_rank[0, each] >= rank
    ]  # fmt: skip
    assert torch.equal(first[0, query], second[0, query])
    assert not later or not torch.equal(first[0, later[0]], second[0, later[0]])


# ELECTRA


def test_a_generator_is_scored_on_what_was_chosen_and_noise_marks_the_text() -> None:
    made = batch([[60, 40]] * 200, seed=2)
    example = objective("electra")(made)
    chosen = example.labels != IGNORED
    count = int(chosen.sum())
    masked = int((example.inputs.tokens[chosen] == 2).sum())
    assert abs(masked - 0.85 * count) < 4 * np.sqrt(count * 0.85 * 0.15)
    assert np.array_equal(example.inputs.tokens[chosen] == 2, example.inputs.tokens[chosen] != made.tokens[chosen])
    assert np.array_equal(example.noise >= 0, np.tile(np.arange(128) < 100, (200, 1)))
    inside = example.noise[example.noise >= 0]
    assert inside.max() < 1
    assert abs(inside.mean() - 0.5) < 4 * np.sqrt(1 / 12 / inside.size)


def test_draws_follow_the_distribution() -> None:
    logits = torch.tensor([0.0, 1.0, -1.0, 2.0])
    uniform = torch.from_numpy(generator().random(40_000, np.float32))
    counts = torch.bincount(drawn(logits.expand(40_000, 4), uniform), minlength=4) / 40_000
    shares = torch.softmax(logits, 0)
    assert ((counts - shares).abs() < 4 * (shares * (1 - shares) / 40_000).sqrt()).all()
    assert drawn(logits[None], torch.tensor([0.999999999])).item() == 3


def test_the_losses_are_those_of_a_loop_over_tokens() -> None:
    example = objective("electra")(batch([[60, 40], [128]], seed=3))
    config = ObjectiveConfig("electra")
    model = make_model(TINY, 64, "replaced", config, seed=5)
    assert isinstance(model, ReplacedTokens)
    data = to_device(example, torch.device("cpu"), "sdpa")
    nll, other = model(data)
    logits = model.generator.logits(model.generator.hidden(data)).detach()
    wanted, verdicts, filled = 0.0, 0.0, data.tokens.clone()
    for row in range(2):
        for place in range(128):
            label = int(data.labels[row, place])
            if label != IGNORED:
                shares = torch.log_softmax(logits[row, place], 0)
                wanted -= float(shares[label])
                cumulative = torch.softmax(logits[row, place], 0).cumsum(0)
                filled[row, place] = int((cumulative <= data.noise[row, place] * cumulative[-1]).sum())
    found = model.replaced_logits(data, filled).detach()
    for row in range(2):
        for place in range(128):
            if example.noise[row, place] >= 0:
                label = int(data.labels[row, place])
                wrong = label != IGNORED and int(filled[row, place]) != label
                verdicts -= float(torch.nn.functional.logsigmoid(found[row, place] if wrong else -found[row, place]))
    assert abs(float(nll.detach()) / wanted - 1) < 1e-4
    assert abs(float(other.detach()) / (50 * 0.15 * verdicts) - 1) < 1e-4


def test_generator_and_discriminator_share_one_embedding() -> None:
    model = make_model(TINY, 64, "replaced", ObjectiveConfig("electra"))
    names = [name for name, _ in model.named_parameters() if "embedding" in name]
    assert names == ["discriminator.embedding.weight"]
    nll, other = model(to_device(objective("electra")(batch([[128]])), torch.device("cpu"), "sdpa"))
    nll.backward(retain_graph=True)
    assert model.discriminator.embedding.weight.grad.abs().sum() > 0
    assert model.verdict.weight.grad is None, "nothing flows through what is drawn"
    other.backward()
    assert model.verdict.weight.grad.abs().sum() > 0


# all three


@pytest.mark.parametrize("name", ["bart", "electra", "xlnet"])
def test_a_mask_is_needed(name) -> None:
    with pytest.raises(RequestError, match=f"{name} needs a mask token"):
        objective(name, dataclasses.replace(FACTS, mask_id=None))


@pytest.mark.parametrize("name", ["bart", "electra", "xlnet"])
def test_other_documents_change_no_bit(name) -> None:
    """The second document of a row changes; what the first one's targets get stays as it is, and so do its gradients."""
    facts = dataclasses.replace(FACTS, sentence_end=None)
    rows = batch([[64, 64]], seed=7)
    changed = dataclasses.replace(rows, tokens=rows.tokens.copy())
    changed.tokens[0, 64:127] = (changed.tokens[0, 64:127] + 5) % 56 + 8
    model = make_model(
        TINY, 64, {"bart": "encoder_decoder", "electra": "replaced", "xlnet": "encoder"}[name], ObjectiveConfig(name)
    )
    inner = model.generator if isinstance(model, ReplacedTokens) else model
    seen = []
    for each in (rows, changed):
        example = objective(name, facts, **({"window": 64} if name == "bart" else {}))(each)
        data = to_device(example, torch.device("cpu"), "sdpa")
        losses = inner.token_nll(data)[0]
        scored = np.flatnonzero(example.labels[0] != IGNORED)
        mine = {"bart": 64, "electra": int((scored < 64).sum())}.get(name)
        if name == "xlnet":
            mine = int((example.inputs.sees.last[0, scored] < 64).sum())
        seen.append(losses[scored[:mine]])
    assert len(seen[0]) > 2
    assert torch.equal(seen[0], seen[1])


@pytest.mark.parametrize("causal", [True, False])
def test_varlen_is_attention_inside_each_document(causal) -> None:
    torch.manual_seed(0)
    edges = [0, 3, 4, 10, 16]
    first = torch.tensor([[a for a, b in pairwise(edges) for _ in range(b - a)]] * 2)
    last = (
        torch.arange(16).expand(2, 16)
        if causal
        else torch.tensor([[b - 1 for a, b in pairwise(edges) for _ in range(b - a)]] * 2)
    )
    query, key, value = torch.randn(2, 4, 16, 8), torch.randn(2, 2, 16, 8), torch.randn(2, 2, 16, 8)
    masks = [make_mask(kind, first, last, 16) for kind in ("sdpa", "varlen")]
    assert masks[1].kind == "varlen"
    assert masks[1].value.causal == causal
    made = [attend(query, key, value, mask) for mask in masks]
    assert torch.allclose(made[0], made[1], atol=1e-6)


def test_varlen_leaves_prefixes_to_a_dense_mask() -> None:
    last = torch.tensor([[2, 2, 2, 3, 4]])
    assert make_mask("varlen", torch.zeros(1, 5, dtype=torch.int64), last, 5).kind == "sdpa"

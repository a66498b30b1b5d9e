"""The model: documents of a row do not know of one another, masks say what they should, and reading in parts is reading."""

from __future__ import annotations

import numpy as np
import pytest
from packed_batches import MANY, batch, objective

torch = pytest.importorskip("torch", reason="torch is not installed")

from corpus_forge.errors import RequestError
from corpus_forge.train.attention import attend, choose, make_mask
from corpus_forge.train.config import ModelConfig
from corpus_forge.train.data import to_device
from corpus_forge.train.model import Batch, Transformer, matmul_parameters, state_digest

SIZES = [{}, {"kv_heads": 1}, {"qk_norm": False, "tied": False}]
CPU = torch.device("cpu")


def model(form: str = "decoder", vocab: int = 64, seed: int = 0, **changes: object) -> Transformer:
    return Transformer(ModelConfig(preset="tiny", **changes), vocab, form, seed)  # type: ignore[arg-type]


def naive(query, key, value, first, last):
    """Attention one query at a time, over the keys that it sees."""
    out = torch.zeros_like(query)
    repeats = query.shape[1] // key.shape[1]
    for b in range(query.shape[0]):
        for h in range(query.shape[1]):
            for q in range(query.shape[2]):
                seen = slice(int(first[b, q]), int(last[b, q]) + 1)
                keys, values = key[b, h // repeats, seen].double(), value[b, h // repeats, seen].double()
                weights = torch.softmax(keys @ query[b, h, q].double() / query.shape[3] ** 0.5, 0)
                out[b, h, q] = (weights @ values).float()
    return out


@pytest.mark.parametrize("kv_heads", [1, 2])
def test_attention_is_a_softmax_over_the_keys_a_query_sees(kv_heads) -> None:
    generator = torch.Generator().manual_seed(0)
    query = torch.randn(2, 2, 30, 8, generator=generator)
    key, value = (torch.randn(2, kv_heads, 40, 8, generator=generator) for _ in range(2))
    first = torch.randint(0, 40, (2, 30), generator=generator)
    last = torch.maximum(first, torch.randint(0, 40, (2, 30), generator=generator))
    found = attend(query, key, value, make_mask("sdpa", first, last, 40))
    assert torch.allclose(found, naive(query, key, value, first, last), atol=1e-5)


def test_flex_masks_are_dense_masks() -> None:
    """Forward only: flex_attention has no backward pass on a CPU."""
    generator = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(2, 2, 128, 16, generator=generator) for _ in range(3))
    example = objective("prefix")(batch([[50, 40], [128]]))
    first, last = torch.tensor(example.inputs.sees.first), torch.tensor(example.inputs.sees.last)
    with torch.no_grad():
        dense = attend(query, key, value, make_mask("sdpa", first, last, 128))
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch says that this is slow without compilation
            flex = attend(query, key, value, make_mask("flex", first, last, 128))
    assert torch.allclose(dense, flex, atol=1e-5)


def test_flex_is_refused_where_it_cannot_train() -> None:
    assert (choose("auto", "cpu"), choose("auto", "cuda"), choose("flex", "cuda")) == ("sdpa", "flex", "flex")
    with pytest.raises(RequestError, match="flex has no backward pass on a CPU"):
        choose("flex", "cpu")


def changed(made, start: int, stop: int):
    """The same rows with other tokens at start to stop of row 0."""
    import dataclasses

    tokens = made.tokens.copy()
    tokens[0, start:stop] = (tokens[0, start:stop] - 8 + 13) % 56 + 8
    return dataclasses.replace(made, tokens=tokens)


@pytest.mark.parametrize("form", ["decoder", "encoder"])
@pytest.mark.parametrize("sizes", SIZES)
def test_another_document_changes_no_bit_of_outputs_and_gradients(form, sizes) -> None:
    """Row 0 has documents at 0:40, 40:90, 90:120; the middle one changes."""
    net, made = model(form, **sizes), batch([[40, 50, 30], [128]])
    own = np.r_[0:40, 90:120]
    results = []
    for rows in (made, changed(made, 40, 89)):
        example = objective("causal")(rows) if form == "decoder" else objective("mlm", whole_word=False)(rows)
        ready = to_device(example, CPU, "sdpa")
        embedded = net.embedding(ready.tokens).detach().requires_grad_()
        hook = net.embedding.register_forward_hook(lambda module, inputs, output, e=embedded: e)
        states = net.hidden(ready)
        hook.remove()
        states[0, own].square().sum().backward()
        results.append((states[0, own].detach(), embedded.grad[0, own], embedded.grad[0, 40:90], embedded.grad[1]))
    (before, gradient, others, other_row), (after, gradient_after, _, _) = results
    assert torch.equal(before, after)
    assert torch.equal(gradient, gradient_after)
    assert gradient.abs().sum() > 0
    assert not others.any()
    assert not other_row.any()


def test_an_encoder_and_decoder_keep_documents_apart_too() -> None:
    net, made = model("encoder_decoder", vocab=1000), batch([[40, 50, 30]], vocab=900)
    make = objective("span", MANY)
    results = [net.hidden(to_device(make(rows), CPU, "sdpa")) for rows in (made, changed(made, 40, 89))]
    example = make(made)
    of_middle = (example.cross.first[0] >= 30) & (example.cross.first[0] < 80) & (example.labels[0] != -100)
    first = example.cross.first[0] == 0
    last = (example.cross.first[0] > 60) & (example.labels[0] != -100)
    assert of_middle.any()
    assert last.any()
    assert torch.equal(results[0][0, first & (example.labels[0] != -100)], results[1][0, first & (example.labels[0] != -100)])
    assert torch.equal(results[0][0, last], results[1][0, last])
    assert not torch.equal(results[0], results[1])


@pytest.mark.parametrize("form", ["decoder", "encoder"])
def test_packed_is_the_same_as_each_document_in_a_row_of_its_own(form) -> None:
    net, made = model(form), batch([[40, 50, 30]])
    make = objective("causal" if form == "decoder" else "mlm")
    packed = net.hidden(to_device(make(made), CPU, "sdpa"))[0]
    inputs = make(made).inputs.tokens[0]
    for start, stop in ((0, 40), (40, 90), (90, 120)):
        tokens = torch.tensor(inputs[None, start:stop])
        positions = torch.arange(stop - start)[None]
        first = torch.zeros_like(positions)
        last = positions if form == "decoder" else first + stop - start - 1
        alone = net.hidden(Batch(tokens, positions, tokens.long(), make_mask("sdpa", first, last, stop - start)))
        assert (alone[0] - packed[start:stop]).abs().max() < 1e-5


@pytest.mark.parametrize("sizes", SIZES)
def test_reading_with_a_cache_gives_the_same_logits(sizes) -> None:
    net, made = model(**sizes), batch([[128]])
    whole = net.logits(net.hidden(to_device(objective("causal")(made), CPU, "sdpa")))[0]
    cache, tokens, got = net.empty_cache(), torch.tensor(made.tokens.astype(np.int64)), []
    for start, stop in ((0, 100), (100, 101), (101, 128)):
        positions = torch.arange(start, stop)[None]
        mask = make_mask("sdpa", torch.zeros_like(positions), positions, stop)
        part = tokens[:, start:stop]
        got.append(net.logits(net.hidden(Batch(part, positions, part, mask), cache))[0])
    assert (torch.cat(got) - whole).abs().max() < 1e-5


def test_loss_in_parts_is_the_loss(monkeypatch) -> None:
    net = model(z_loss=1e-3)
    ready = to_device(objective("causal")(batch([[60, 60], [128]])), CPU, "sdpa")
    whole, z_whole = net(ready)
    (whole + z_whole).backward()
    gradient = net.embedding.weight.grad.clone()
    net.zero_grad()
    monkeypatch.setattr("corpus_forge.train.model.LOSS_ROWS", 50)
    parts, z_parts = net(ready)
    (parts + z_parts).backward()
    assert torch.allclose(whole, parts)
    assert torch.allclose(z_whole, z_parts)
    assert torch.allclose(gradient, net.embedding.weight.grad, atol=1e-5)
    assert whole.item() == pytest.approx(net.token_nll(ready).sum().item(), rel=1e-5)
    logits = net.logits(net.hidden(ready))
    z = (logits.logsumexp(-1) ** 2)[ready.labels != -100].sum() * 1e-3
    assert z_whole.item() == pytest.approx(z.item(), rel=1e-5)


def test_a_model_is_a_function_of_its_seed_and_counts_what_it_should() -> None:
    assert state_digest(model()) == state_digest(model())
    assert state_digest(model()) != state_digest(model(seed=1))
    net = model()
    assert net.embedding.weight.shape == (128, 64)
    assert matmul_parameters(net) == 2 * (4 * 64 * 64 + 3 * 64 * 192) + 128 * 64
    assert sum(p.numel() for p in Transformer(ModelConfig(), 50_257, "decoder").parameters()) == 123_590_400


def test_ids_that_only_pad_the_embedding_are_no_part_of_the_softmax() -> None:
    assert model(vocab=60).logits(torch.zeros(3, 64)).shape == (3, 60)

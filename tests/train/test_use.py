"""A trained model in use: it writes on, and Hugging Face's own model computes the same from what is exported."""

from __future__ import annotations

import itertools
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from packed_batches import batch, objective

from corpus_forge.errors import InputError, RequestError
from corpus_forge.train.config import ModelConfig, parse
from corpus_forge.train.data import to_device
from corpus_forge.train.evaluate import Evaluator
from corpus_forge.train.export import export_hf
from corpus_forge.train.generate import generate_ids, load_model
from corpus_forge.train.loop import train
from corpus_forge.train.model import Transformer
from corpus_forge.train.ranks import Ranks

CPU = torch.device("cpu")


def trained(tokens, output, **changes):
    steps, goal = {"steps": changes.pop("steps", 1), "batch_tokens": 1024}, changes.pop("objective", "causal")
    model = {"preset": "tiny", **changes}
    train(parse({"tokens": str(tokens), "output": str(output), "model": model, "objective": goal, "train": steps}))
    return output


@pytest.fixture(scope="module")
def model(tokens, tmp_path_factory):
    return trained(tokens, tmp_path_factory.mktemp("use") / "m", steps=60)


def test_what_it_writes_follows_the_rule_of_the_source(model) -> None:
    loaded = load_model(model)
    made = list(generate_ids(loaded, [8], 60, temperature=0.0))
    texts = [8, *made[:-1]] if made[-1] == 0 else [8, *made]
    follows = [
        (after - 8) in {((before - 8) * 5 + 3 + 7 * coin) % 56 for coin in (0, 1)}
        for before, after in itertools.pairwise(texts)
    ]
    assert np.mean(follows) > 0.9
    assert list(generate_ids(loaded, [8], 60, temperature=0.0)) == made


def test_draws_are_a_function_of_the_seed_and_the_likeliest_is_what_a_whole_reading_says(model) -> None:
    loaded = load_model(model)
    draws = [list(generate_ids(loaded, [8, 9], 20, temperature=1.0, top_k=5, seed=seed)) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
    prompt = [8, 11, 10, 50]
    for _ in range(5):
        tokens = torch.tensor([prompt])
        positions = torch.arange(len(prompt))[None]
        from corpus_forge.train.attention import make_mask
        from corpus_forge.train.model import Batch

        mask = make_mask("sdpa", torch.zeros_like(positions), positions, len(prompt))
        with torch.no_grad():
            expected = int(loaded.model.logits(loaded.model.hidden(Batch(tokens, positions, tokens, mask)))[0, -1].argmax())
        assert list(generate_ids(loaded, prompt, 1, temperature=0.0)) == [expected]
        prompt.append(expected)
    assert set(generate_ids(loaded, [8], 40, temperature=5.0, top_k=1, seed=3)) == set(
        generate_ids(loaded, [8], 40, temperature=0.0)
    )


@pytest.mark.parametrize(
    "sizes", [{}, {"qk_norm": False, "tied": False}, {"kv_heads": 1, "rope_theta": 500.0}], ids=["qwen3", "llama", "gqa"]
)
def test_an_exported_model_is_the_same_to_transformers(tokens, tmp_path, sizes) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    source = trained(tokens, tmp_path / "m", **sizes)
    export_hf(source, tmp_path / "hf")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(
        tmp_path / "hf", dtype=torch.float32, attn_implementation="eager"
    )
    ours = load_model(source).model
    made = batch([[128]])
    with torch.no_grad():
        expected = ours.logits(ours.hidden(to_device(objective("causal")(made), CPU, "sdpa")))
        found = theirs(torch.tensor(made.tokens.astype(np.int64))).logits
    assert (expected - found).abs().max() < 1e-4
    assert expected.abs().max() > 0.1


def their_model(folder: Path, kind: str):
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    loaded, report = getattr(transformers, kind).from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not any(report.values()), report
    return loaded


@pytest.mark.parametrize("objective_name", ["mlm", "electra"])
def test_an_exported_encoder_is_the_same_to_transformers(tokens, tmp_path, objective_name) -> None:
    source = trained(tokens, tmp_path / "m", objective=objective_name, qk_norm=False)
    folder = export_hf(source, tmp_path / "hf")
    ours, made = load_model(source).model, batch([[128]])
    data = to_device(objective("mlm")(made), CPU, "sdpa")
    ids = data.tokens.long()
    with torch.no_grad():
        if objective_name == "mlm":
            expected = ours.logits(ours.hidden(data))
            found = their_model(folder, "AutoModelForMaskedLM")(ids).logits
        else:
            expected = ours.discriminator.hidden(data)
            found = their_model(folder, "AutoModel")(ids).last_hidden_state
    assert (expected - found).abs().max() < 1e-4
    assert expected.abs().max() > 0.1


@pytest.mark.parametrize("tied", [True, False])
def test_an_exported_encoder_and_decoder_is_a_t5(tokens, tmp_path, tied) -> None:
    objective_keys = {"name": "span", "window": 40}
    source = trained(tokens, tmp_path / "m", objective=objective_keys, qk_norm=False, positions="t5", tied=tied)
    theirs = their_model(export_hf(source, tmp_path / "hf"), "T5ForConditionalGeneration")
    ours = load_model(source).model
    example = objective("span", window=100)(batch([[100]], seed=2))
    data = to_device(example, CPU, "sdpa")
    scored = int((example.labels != -100).sum())
    inputs = int((example.encoder.sees.last[0] == example.encoder.sees.last[0, 0]).sum())
    with torch.no_grad():
        expected = ours.logits(ours.hidden(data))[:, :scored]
        found = theirs(
            input_ids=data.encoder.tokens[:, :inputs].long(), decoder_input_ids=data.tokens[:, :scored].long()
        ).logits
    assert scored > 10
    assert (expected - found).abs().max() < 1e-4
    assert expected.abs().max() > 0.1


def test_an_export_has_plain_names_no_padding_and_its_tokenizer(model, tmp_path) -> None:
    from safetensors.torch import load_file

    folder = export_hf(model, tmp_path / "hf")
    weights = load_file(folder / "model.safetensors")
    assert weights["model.embed_tokens.weight"].shape == (64, 64)
    assert "lm_head.weight" not in weights
    assert len(weights) == 2 + 2 * 11
    config = json.loads((folder / "config.json").read_text())
    assert (config["architectures"], config["vocab_size"], config["eos_token_id"]) == (["Qwen3ForCausalLM"], 64, 0)
    assert (folder / "tokenizer.json").read_bytes() == (model / "tokenizer.json").read_bytes()
    with pytest.raises(RequestError, match="exists"):
        export_hf(model, tmp_path / "hf")


def test_what_cannot_be_used_is_named(tokens, model, tmp_path) -> None:
    with pytest.raises(InputError, match="no checkpoint is in it"):
        load_model(tmp_path)
    loaded = load_model(model)
    for prompt in ([], [64], [-1]):
        with pytest.raises(RequestError, match="each below 64"):
            generate_ids(loaded, prompt, 1)
    with pytest.raises(RequestError, match="temperature -1"):
        generate_ids(loaded, [8], 1, temperature=-1)
    output = tmp_path / "encoder"
    train(
        parse(
            {
                "tokens": str(tokens),
                "output": str(output),
                "model": {"preset": "tiny"},
                "objective": "mlm",
                "train": {"steps": 1, "batch_tokens": 512},
            }
        )
    )
    with pytest.raises(RequestError, match="EuroBERT, which has no qk_norm"):
        export_hf(output, tmp_path / "x")
    with pytest.raises(RequestError, match="objective mlm does not write"):
        generate_ids(load_model(output), [8], 1)
    broken = shutil.copytree(model, tmp_path / "broken")
    state = next((broken / "checkpoints").iterdir()) / "state.json"
    state.write_text(state.read_text().replace('"preset": "tiny"', '"preset": "20m"'))
    with pytest.raises(InputError, match="It is of another model"):
        load_model(broken)


def test_bits_per_byte_of_a_model_whose_answer_is_known(held) -> None:
    """All weights 0: every id is as likely, log2(64) = 6 bits a token; a token stands for one byte, EOS for none."""
    from corpus_forge.tokens.dataset import TokenDataset
    from corpus_forge.tokens.source_rows import SourceRows
    from corpus_forge.train.data import token_bytes

    net = Transformer(ModelConfig(preset="tiny"), 64, "decoder")
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
    dataset = TokenDataset(held)
    rows = {"a": SourceRows("a", dataset, [0])}
    score = Evaluator(rows, objective("causal"), token_bytes(dataset), Ranks(0, 1, CPU), "sdpa").score(net, 10**9, 3)["a"]
    targets = [
        int(token)
        for row in dataset
        for start, stop in zip(row["doc_starts"], [*row["doc_starts"][1:], row["n_tokens"]], strict=True)
        for token in row["tokens"][start + 1 : stop]
    ]
    assert score.tokens == len(targets)
    assert score.bytes == sum(token >= 8 for token in targets)
    assert score.nats_per_token == pytest.approx(math.log(64), rel=1e-6)
    assert score.bits_per_byte == pytest.approx(6 * len(targets) / score.bytes, rel=1e-6)

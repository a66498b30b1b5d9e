"""Training as a whole: it learns, goes on bit for bit after any stop, sees the same rows at any world size."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from markov_tokens import VOCAB, markov, write_tokens

torch = pytest.importorskip("torch", reason="torch is not installed")

from corpus_forge.errors import ConfigError, InputError, Interrupted, RequestError
from corpus_forge.train import checkpoint
from corpus_forge.train.config import load, parse
from corpus_forge.train.loop import train
from corpus_forge.train.metrics import Spikes, read_lines

ROOT = Path(__file__).parent.parent.parent


def wanted(tokens: Path, output: Path, steps: int = 12, **changes) -> dict:
    """A training file of few, small steps."""
    run = {"steps": steps, "batch_tokens": 512, "micro_tokens": 256, "log_every": 1, **changes.pop("train", {})}
    return {"tokens": str(tokens), "output": str(output), "model": {"preset": "tiny"}, "train": run, **changes}


def weights(output: Path, step: int) -> bytes:
    return (output / "checkpoints" / f"step-{step:08d}" / "model.safetensors").read_bytes()


def losses(output: Path) -> list[float]:
    return [line["loss"] for line in read_lines(output / "metrics.jsonl") if "loss" in line]


def test_a_tiny_model_learns_what_a_unigram_model_cannot(tokens, held, tmp_path) -> None:
    """Unigram entropy ln 56 = 4.03; the source has ln 2 = 0.69 nats a token and the ends of its documents."""
    lines = []
    config = wanted(
        tokens, tmp_path / "m", 60, eval={"every": 30, "sources": str(held)}, train={"batch_tokens": 1024, "log_every": 10}
    )
    last = train(parse(config), lines.append)
    assert lines[0]["loss"] == pytest.approx(math.log(VOCAB), abs=0.2)
    assert 0.65 < last["loss"] < 1.0
    assert [line["step"] for line in lines] == [1, 10, 20, 30, 30, 40, 50, 60, 60]
    score = last["eval"]["all"]
    assert score["nats_per_token"] < 1.0
    assert score["bits_per_byte"] == pytest.approx(score["nats_per_token"] * score["tokens"] / math.log(2) / score["bytes"])
    assert read_lines(tmp_path / "m" / "metrics.jsonl") == lines
    assert sorted(lines[0]) == [
        "data_wait_share", "eta_s", "grad_norm", "loss", "lr", "memory_bytes", "mfu", "mfu_doc", "rows", "scored_tokens",
        "step", "tokens", "tokens_per_s",
    ]  # fmt: skip
    assert lines[0]["mfu"] is None
    assert lines[-2]["tokens"] == 60 * 1024


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"objective": {"name": "mlm", "whole_word": False}, "optim": {"name": "muon"}},
        {"objective": {"name": "span", "window": 40}},
        {"objective": "electra"},
        {"objective": "xlnet", "train": {"attention": "varlen"}},
        {"objective": {"name": "bart", "window": 64}},
        {"objective": "prefix", "schedule": {"name": "cosine"}, "model": {"preset": "tiny", "tied": False, "z_loss": 1e-4}},
    ],
    ids=["causal", "mlm-muon", "span", "electra", "xlnet-varlen", "bart", "prefix-cosine"],
)
def test_stopped_and_resumed_is_bit_for_bit_the_run_that_was_not(tokens, tmp_path, changes) -> None:
    train(parse(wanted(tokens, tmp_path / "whole", **changes)))

    class StopError(Exception):
        pass

    def stop(line: dict) -> None:
        if line["step"] == 6:
            raise StopError

    parts = wanted(tokens, tmp_path / "parts", checkpoint={"every": 5}, **changes)
    with pytest.raises(StopError):
        train(parse(parts), stop)
    assert [step for step, _ in checkpoint.steps_in(tmp_path / "parts")] == [5]
    assert len(losses(tmp_path / "parts")) == 6
    train(parse(parts))
    assert weights(tmp_path / "parts", 12) == weights(tmp_path / "whole", 12)
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")
    optimizer = [
        (tmp_path / run / "checkpoints/step-00000012/optimizer.safetensors").read_bytes() for run in ("parts", "whole")
    ]
    assert optimizer[0] == optimizer[1]
    again = train(parse(parts))
    assert again["step"] == 12
    assert len(losses(tmp_path / "parts")) == 12


def test_more_steps_go_on_from_the_end(tokens, tmp_path) -> None:
    train(parse(wanted(tokens, tmp_path / "m", 3)))
    assert train(parse(wanted(tokens, tmp_path / "m", 5)))["step"] == 5
    assert [line["rows"] for line in read_lines(tmp_path / "m/metrics.jsonl")] == [4, 8, 12, 16, 20]


def test_another_batch_size_goes_on_with_the_next_row(tokens, tmp_path) -> None:
    file = wanted(tokens, tmp_path / "m", train={"steps": None, "tokens": 128 * 24})
    train(parse(file | {"train": file["train"] | {"time_limit": 1e9, "tokens": 128 * 8}}))
    last = train(parse(file | {"train": file["train"] | {"batch_tokens": 1024, "tokens": 128 * 24}}))
    assert (last["rows"], last["step"]) == (24, 4)


ENV = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore", "GLOO_SOCKET_IFNAME": "lo"}
HEAVY = ["pydantic", "typer", "rich", "ray", "numba", "tokenizers", "gigatoken", "awkward", "trafilatura", "transformers"]
RANKS = f"""
import os, sys
sys.modules.update({{name: None for name in {HEAVY!r}}})
from corpus_forge.train.__main__ import main
import corpus_forge.train.loop
file, *runs = sys.argv[1:]
for run in runs:
    ranks, port, change = run.split(",")
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port, WORLD_SIZE=ranks)
    children = []
    for rank in range(int(ranks)):
        child = os.fork()
        if not child:
            os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank))
            os._exit(main([file, change]))
        children.append(child)
    if any(os.waitpid(child, 0)[1] for child in children):
        sys.exit(1)
"""
"""What torchrun does, but torch is imported once: the processes of a run are told by the environment where the others are."""


def run_ranks(file: Path, *runs: tuple[int, str]) -> None:
    """One run after another, each (ranks, override)."""
    plans = []
    for ranks, change in runs:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            plans.append(f"{ranks},{probe.getsockname()[1]},{change}")
    done = subprocess.run(
        [sys.executable, "-c", RANKS, str(file), *plans], env=ENV, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_killed_and_run_again_is_bit_for_bit_the_run_that_was_not(tokens, tmp_path) -> None:
    file = tmp_path / "train.yaml"
    file.write_text(yaml.safe_dump(wanted(tokens, tmp_path / "parts", 40, checkpoint={"every": 4})))
    command = [sys.executable, "-m", "corpus_forge.train", str(file)]
    process = subprocess.Popen(command, env=ENV, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("step 6 "):
            process.kill()
            break
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    stopped = checkpoint.newest(tmp_path / "parts")
    assert stopped is not None
    assert 4 <= stopped.step < 40
    train(load(file))
    train(parse(wanted(tokens, tmp_path / "whole", 40)))
    assert weights(tmp_path / "parts", 40) == weights(tmp_path / "whole", 40)
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_the_run_goes_on_bit_for_bit(tokens, tmp_path, number) -> None:
    before = signal.getsignal(number)

    def ask(line: dict) -> None:
        if line["step"] == 6:
            os.kill(os.getpid(), number)

    file = wanted(tokens, tmp_path / "parts")
    with pytest.raises(Interrupted, match="stopped after step 6; its checkpoint is in"):
        train(parse(file), ask)
    assert signal.getsignal(number) is before
    assert checkpoint.newest(tmp_path / "parts").step == 6
    train(parse(file))
    train(parse(wanted(tokens, tmp_path / "whole")))
    assert weights(tmp_path / "parts", 12) == weights(tmp_path / "whole", 12)


def test_two_ranks_then_four_then_one_train_as_one_does_with_no_other_library(tokens, tmp_path) -> None:
    """Rows, corruption and losses; with torch, numpy, pyarrow, safetensors and PyYAML alone: HEAVY cannot be imported there."""
    constant = {"warmup_share": 0.0, "decay_share": 0.0}
    base = wanted(tokens, tmp_path / "one", 6, train={"batch_tokens": 1024, "micro_tokens": 256}, schedule=constant)
    train(parse(base))
    file = tmp_path / "many.yaml"
    file.write_text(yaml.safe_dump({**base, "output": str(tmp_path / "many")}))
    run_ranks(file, (2, "train.steps=3"), (4, "train.steps=5"))
    assert [step for step, _ in checkpoint.steps_in(tmp_path / "many")] == [3, 5]
    train(load(file))
    one, many = (read_lines(tmp_path / name / "metrics.jsonl") for name in ("one", "many"))
    np.testing.assert_allclose([line["loss"] for line in many], [line["loss"] for line in one], atol=1e-5)
    keys = ("step", "rows", "tokens", "scored_tokens", "lr")
    assert [[line[key] for key in keys] for line in many] == [[line[key] for key in keys] for line in one]


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_split_model_trains_as_a_whole_one_does(tokens, tmp_path, optimizer) -> None:
    """Two ranks hold half of each weight; one goes on from what they save, then four."""
    constant = {"warmup_share": 0.0, "decay_share": 0.0}
    base = wanted(
        tokens, tmp_path / "one", 6, schedule=constant, optim={"name": optimizer},
        train={"batch_tokens": 1024, "micro_tokens": 256, "parallel": "fsdp"},
    )  # fmt: skip
    train(parse(base))
    file = tmp_path / "many.yaml"
    file.write_text(yaml.safe_dump({**base, "output": str(tmp_path / "many")}))
    run_ranks(file, (2, "train.steps=2"))
    kept = tmp_path / "many" / "checkpoints" / "step-00000002"
    assert len(list((kept / "model").glob("*.safetensors"))) == 2
    assert not [path for path in kept.rglob("*") if path.suffix not in (".safetensors", ".json", "")]
    train(load(file, ["train.steps=4"]))
    assert (tmp_path / "many" / "checkpoints" / "step-00000004" / "model.safetensors").is_file()
    run_ranks(file, (4 if optimizer == "adamw" else 2, "train.steps=6"))
    one, many = (losses(tmp_path / name) for name in ("one", "many"))
    np.testing.assert_allclose(many, one, atol=1e-5)


def test_gradients_of_a_step_do_not_depend_on_how_it_is_cut(tokens, tmp_path) -> None:
    for micro in (128, 512):
        train(parse(wanted(tokens, tmp_path / str(micro), 3, train={"micro_tokens": micro})))
    np.testing.assert_allclose(losses(tmp_path / "128"), losses(tmp_path / "512"), atol=1e-5)


def test_a_time_limit_ends_with_a_checkpoint(tokens, tmp_path) -> None:
    with pytest.raises(Interrupted, match="stopped after step"):
        train(parse(wanted(tokens, tmp_path / "m", 10_000, train={"time_limit": 0.3})))
    stopped = checkpoint.newest(tmp_path / "m")
    assert stopped is not None
    assert stopped.step == read_lines(tmp_path / "m/metrics.jsonl")[-1]["step"]


def test_checkpoints_that_are_not_kept_go_and_half_ones_are_never_seen(tokens, tmp_path) -> None:
    keep = {"every": 1, "keep_last": 2, "keep_every": 4}
    train(parse(wanted(tokens, tmp_path / "m", 7, checkpoint=keep)))
    assert [step for step, _ in checkpoint.steps_in(tmp_path / "m")] == [4, 6, 7]
    (tmp_path / "m/checkpoints/.step-00000009.tmp").mkdir()
    assert checkpoint.newest(tmp_path / "m").step == 7


def test_sources_by_weight_with_phases_and_a_state_that_tells_them(tokens, held, tmp_path) -> None:
    sources = [{"name": "a", "path": str(tokens)}, {"name": "b", "path": str(held)}]
    phases = [{"from_row": 0, "weights": {"a": 1}}, {"from_row": 12, "weights": {"b": 1}}]
    file = {**wanted(tokens, tmp_path / "m", 5), "tokens": sources, "phases": phases}
    train(parse(file))
    state = checkpoint.newest(tmp_path / "m").state["reader"]
    assert state["rows_consumed"] == 20
    assert state["phases"] == [[0, {"a": 1.0}], [12, {"b": 1.0}]]
    phases[1]["from_row"] = 8
    with pytest.raises(InputError, match="add a phase that starts later"):
        train(parse({**file, "train": {**file["train"], "steps": 6}}))


def test_validation_shards_are_what_is_evaluated_on_by_default(tmp_path) -> None:
    folder = write_tokens(tmp_path / "t", markov(40))
    index = json.loads((folder / "index.json").read_text())
    (folder / "shard-00001.arrow").write_bytes((folder / "shard-00000.arrow").read_bytes())
    index["shards"].append({**index["shards"][0], "path": "shard-00001.arrow", "split": "validation"})
    (folder / "index.json").write_text(json.dumps(index))
    last = train(parse(wanted(folder, tmp_path / "m", 2, eval={"tokens": 1024})))
    assert list(last["eval"]) == ["web"]
    assert last["eval"]["web"]["tokens"] < 1024


def test_a_step_whose_loss_jumps_is_told_with_its_documents() -> None:
    spikes = Spikes()
    assert not any(spikes.jumps(3 + 0.01 * (number % 5)) for number in range(30))
    assert spikes.jumps(4.0)
    assert spikes.jumps(float("nan"))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"objectiv": "causal"}, ConfigError, "training.objectiv: unknown key, value 'causal'. Did you mean 'objective'"),
        (
            {"objective": "clm"},
            ConfigError,
            "training.objective.name: must be one of causal, prefix, mlm, electra, xlnet, span, ul2, bart; it is 'clm'",
        ),
        ({"objective": {"name": "causal", "rate": 0.3}}, ConfigError, "objective causal has no such setting"),
        ({"objective": {"name": "mlm", "rate": 1.5}}, ConfigError, "training.objective.rate: must be less than 1; it is 1.5"),
        ({"model": {"preset": "tin"}}, ConfigError, "no preset is called 'tin'. Did you mean 'tiny'"),
        ({"model": {"preset": "tiny", "heads": 3}}, ConfigError, "3 heads do not divide dim 64"),
        ({"model": {"preset": "tiny", "heads": 4, "kv_heads": 3}}, ConfigError, "3 does not divide heads, which is 4"),
        ({"train": {"steps": 3, "tokens": 5}}, ConfigError, "has both of 'steps' and 'tokens'"),
        ({"train": {}}, ConfigError, "has neither of 'steps' and 'tokens'"),
        ({"train": {"steps": 0}}, ConfigError, "training.train.steps: must be at least 1; it is 0"),
        ({"train": {"steps": "many"}}, ConfigError, "training.train.steps: must be a whole number; it is 'many'"),
        ({"train": {"steps": True}}, ConfigError, "training.train.steps: must be a whole number; it is True"),
        (
            {"train": {"steps": 3, "batch_tokens": 500}},
            ConfigError,
            "500 is no whole number of rows; .* rows of 128 tokens. Use 512",
        ),
        ({"train": {"steps": 3, "attention": "flex", "device": "cpu"}}, RequestError, "flex has no backward pass on a CPU"),
        ({"schedule": {"warmup_share": 0.9, "decay_share": 0.2}}, ConfigError, "are more than the run"),
        ({"optim": {"betas": [0.9]}}, ConfigError, "must be two numbers"),
        ({"optim": {"lr": float("nan")}}, ConfigError, "it is NaN"),
        ({"tokens": "nowhere"}, InputError, "nowhere: no such folder"),
        ({"tokens": []}, ConfigError, "must be a path or a list"),
        ({"tokens": [{"name": "a", "path": "x"}, {"name": "a", "path": "y"}]}, ConfigError, "two sources are called 'a'"),
        ({"tokens": [{"name": "a"}]}, ConfigError, r"training.tokens\[0\].path: is required"),
        ({"tokens": [{"name": "a", "path": "x", "weight": -1}]}, ConfigError, "weight: must be at least 0"),
        ({"phases": [{"from_row": 0, "weights": {"x": 1}}]}, RequestError, "no source is called 'x'. Known: all"),
        ({"objective": "ul2"}, RequestError, "ul2 needs 85 sentinels"),
    ],
)
def test_wrong_files_are_named_errors(tokens, tmp_path, change, error, message) -> None:
    with pytest.raises(error, match=message):
        train(parse({**wanted(tokens, tmp_path / "m"), **change}))


def test_what_is_missing_is_named() -> None:
    for key in ("tokens", "output", "train"):
        data = {"tokens": "x", "output": "y", "train": {"steps": 1}}
        data.pop(key)
        with pytest.raises(ConfigError, match=f"training.{key}: is required, but missing"):
            parse(data)
    with pytest.raises(ConfigError, match="must be a mapping"):
        parse([1])


def test_shards_that_do_not_fit_are_named_errors(tokens, tmp_path) -> None:
    other = write_tokens(tmp_path / "other", markov(20), tokenizer_sha256="cd" * 32)
    both = [{"name": "a", "path": str(tokens)}, {"name": "b", "path": str(other)}]
    with pytest.raises(InputError, match="tokenizer_sha256 is cdcd"):
        train(parse({**wanted(tokens, tmp_path / "m"), "tokens": both}))
    with pytest.raises(InputError, match="held-out rows of another tokenizer"):
        train(parse(wanted(tokens, tmp_path / "m", eval={"sources": str(other)})))
    shard = other / "shard-00000.arrow"
    shard.write_bytes(shard.read_bytes()[:-1000])
    with pytest.raises(InputError, match="damaged or truncated token shard"):
        train(parse(wanted(other, tmp_path / "m")))
    small = write_tokens(tmp_path / "small", markov(20))
    np.save(small / "token_bytes.npy", np.zeros(3))
    with pytest.raises(InputError, match="belongs to another tokenizer"):
        train(parse(wanted(small, tmp_path / "m")))


def test_a_run_goes_on_only_with_what_it_was_made_of(tokens, held, tmp_path) -> None:
    train(parse(wanted(tokens, tmp_path / "m", 2)))
    cases = [
        ({"model": {"preset": "tiny", "layers": 3}}, RequestError, "model: .* holds a run with"),
        ({"objective": "prefix"}, RequestError, "objective: .* Set another output"),
        ({"tokens": str(held)}, InputError, "the fingerprint of the shards"),
        ({"optim": {"name": "muon"}}, InputError, "made with other optimizers"),
        ({"train": {"steps": 4, "seed": 3}}, InputError, "the seed is 1337, here it is 3"),
    ]
    for change, error, message in cases:
        with pytest.raises(error, match=message):
            train(parse({**wanted(tokens, tmp_path / "m", 4), **change}))
    file = tmp_path / "m/checkpoints/step-00000002/model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(InputError, match="damaged or missing"):
        train(parse(wanted(tokens, tmp_path / "m", 4)))
    (file.parent / "state.json").write_text("{")
    with pytest.raises(InputError, match="damaged checkpoint"):
        train(parse(wanted(tokens, tmp_path / "m", 4)))


def test_files_and_overrides(tmp_path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text("tokens: x\noutput: y\nobjective: mlm\ntrain: {tokens: 20M}\n")
    config = load(file, ["objective.rate=0.3", "optim.lr=1e-3", "train.seed=7"])
    assert (config.objective.name, config.objective.rate, config.optim.lr) == ("mlm", 0.3, 1e-3)
    assert (config.train.tokens, config.train.seed) == (20_000_000, 7)
    from corpus_forge.train.config import as_json

    assert parse(json.loads(as_json(config))) == config
    with pytest.raises(ConfigError, match=r"'x' is not of the form a\.b=value"):
        load(file, ["x"])
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "none.yaml")
    file.write_text("a: [")
    with pytest.raises(InputError, match="no YAML"):
        load(file)


def test_the_command_says_what_is_wrong_and_exits_with_2(tmp_path) -> None:
    from corpus_forge.train.__main__ import main

    assert main([]) == 2
    assert main([str(tmp_path / "none.yaml")]) == 2

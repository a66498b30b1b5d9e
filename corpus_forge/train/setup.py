"""What a run consists of, made from a training file and checked before the first step: data, model, optimizers."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from corpus_forge.errors import ConfigError, InputError, RequestError
from corpus_forge.io.atomic import write_atomically
from corpus_forge.tokens.reader import TokenReader
from corpus_forge.tokens.token_mixture import TokenMixture
from corpus_forge.train import attention, checkpoint
from corpus_forge.train.config import TrainingConfig, as_json
from corpus_forge.train.data import held_out, micro_rows, open_mixture, token_bytes, token_facts
from corpus_forge.train.evaluate import Evaluator
from corpus_forge.train.model import Block
from corpus_forge.train.objectives import FORMS, Objective, make_objective
from corpus_forge.train.objectives.example import TokenFacts
from corpus_forge.train.optim import default_batch_tokens, make_optimizers
from corpus_forge.train.ranks import Ranks
from corpus_forge.train.replaced import Model, make_model
from corpus_forge.train.sharded import shard
from corpus_forge.train.strict import plain

SAME = ("model", "objective")
"""Parts of the file that must not change between the parts of one run."""


@dataclass
class Setup:
    """Everything that the loop needs. Rows are counted in the training order, over all ranks."""

    config: TrainingConfig
    output: Path
    ranks: Ranks
    reader: TokenReader
    objective: Objective
    facts: TokenFacts
    model: Model
    optimizers: list[torch.optim.Optimizer]
    evaluator: Evaluator | None
    attention: str
    rows_per_step: int
    micro: int
    total_rows: int
    step: int = 0
    rows: int = 0

    def state(self) -> dict[str, Any]:
        """What a checkpoint says besides its tensors."""
        return {
            "step": self.step,
            "tokens": self.rows * self.reader.sources[0].seq_len,
            "reader": {**self.reader.state_dict(), "rows_consumed": self.rows},
            "config": json.loads(as_json(self.config)),
            "form": self.model.form,
            "vocab_size": self.model.vocab_size,
            "eos_id": self.facts.eos_id,
            "filler": self.facts.filler,
            "seq_len": self.reader.sources[0].seq_len,
        }


def prepare(config: TrainingConfig, ranks: Ranks) -> Setup:
    """A run at its beginning, or where its newest checkpoint stands. RequestError and its kinds say what does not fit."""
    output, mixture = Path(config.output), open_mixture(config)
    last = checkpoint.newest(output)
    if last is not None:
        _check_same(config, last)
    dataset = mixture.sources[0].dataset
    facts, seq_len = token_facts(dataset), dataset.seq_len
    objective = make_objective(config.objective, facts, [rows.name for rows in mixture.sources], config.train.seed)
    model = _model(config, facts, ranks)
    rows_per_step = _rows_per_step(config, sum(p.numel() for p in model.parameters()), seq_len)
    micro = micro_rows(config.train.micro_tokens, seq_len, rows_per_step, ranks.world)
    setup = Setup(
        config, output, ranks, _reader(mixture, config, ranks, micro, last), objective, facts, model,
        make_optimizers(model, config.optim), None, attention.choose(config.train.attention, ranks.device.type),
        rows_per_step, micro, _total_rows(config, rows_per_step, seq_len),
    )  # fmt: skip
    setup.evaluator = _evaluator(setup, token_bytes(dataset))
    if last is not None:
        checkpoint.load_model(last, model)
        checkpoint.load_optimizers(last, model, setup.optimizers)
        setup.step, setup.rows = last.step, int(last.state["reader"]["rows_consumed"])
    if ranks.first:
        _write_folder(setup, Path(dataset.path))
    return setup


def _model(config: TrainingConfig, facts: TokenFacts, ranks: Ranks) -> Model:
    form = FORMS[config.objective.name]
    model = make_model(config.model, facts.vocab_size, form, config.objective, config.train.seed).to(ranks.device)
    cuda = ranks.device.type == "cuda"
    if config.train.precision == "bf16" or (config.train.precision == "auto" and cuda):
        model.dtype = torch.bfloat16
    if config.train.compile == "blocks" or (config.train.compile == "auto" and cuda):
        for block in (each for each in model.modules() if isinstance(each, Block)):
            block.compile()
    if ranks.world > 1 and config.train.parallel == "fsdp":
        shard(model, ranks.device)
    return model


def _reader(
    mixture: TokenMixture, config: TrainingConfig, ranks: Ranks, micro: int, last: checkpoint.Checkpoint | None
) -> TokenReader:
    state = None if last is None else last.state["reader"]
    return mixture.reader(micro, config.train.seed, ranks.rank, ranks.world, state)


def _evaluator(setup: Setup, table: Any) -> Evaluator | None:
    sources = held_out(setup.config)
    if not sources:
        return None
    for source in sources.values():
        first = setup.reader.sources[0]
        if (source.tokenizer_sha256, source.seq_len) != (first.tokenizer_sha256, first.seq_len):
            raise InputError(f"{source.where}: held-out rows of another tokenizer or seq_len than {first.where}.")
    objective = make_objective(setup.config.objective, setup.facts, list(sources), setup.config.train.seed)
    return Evaluator(sources, objective, table, setup.ranks, setup.attention)


def _rows_per_step(config: TrainingConfig, parameters: int, seq_len: int) -> int:
    wanted = config.train.batch_tokens or default_batch_tokens(parameters, seq_len)
    if wanted % seq_len:
        near = max(1, round(wanted / seq_len)) * seq_len
        raise ConfigError(
            "train.batch_tokens",
            f"{wanted} is no whole number of rows; the shards have rows of {seq_len} tokens.",
            f"Use {near}.",
        )
    return wanted // seq_len


def _total_rows(config: TrainingConfig, rows_per_step: int, seq_len: int) -> int:
    if config.train.steps is not None:
        return config.train.steps * rows_per_step
    assert config.train.tokens is not None
    return max(1, config.train.tokens // (rows_per_step * seq_len)) * rows_per_step


def _check_same(config: TrainingConfig, last: checkpoint.Checkpoint) -> None:
    now = json.loads(as_json(config))
    for part in SAME:
        if last.state["config"][part] != plain(now[part]):
            raise RequestError(
                f"{part}: {config.output} holds a run with {last.state['config'][part]}, the file says {now[part]}."
                " Set another output for another run."
            )


def _write_folder(setup: Setup, tokens: Path) -> None:
    """What belongs beside the checkpoints: the configuration as resolved, and the tokenizer."""
    setup.output.mkdir(parents=True, exist_ok=True)
    text = as_json(setup.config)
    write_atomically(setup.output / "training.json", lambda file: file.write(text.encode()))
    for folder in (tokens, tokens / "tokens"):
        for name in ("tokenizer.json", "sentencepiece.model"):
            if (folder / name).is_file():
                shutil.copyfile(folder / name, setup.output / name)

"""One model for each candidate and seed, each scored once; what is there already is not made again.

All runs have the same model, batch, schedule and length in tokens, or in bytes of text where the budget says bytes; only the
tokens differ, and by seed their order and the model's beginning. A run is done when OUTPUT/CANDIDATE/SEED/scores.npz is there,
so that the same command goes on where it was stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from corpus_forge.errors import InputError, RequestError
from corpus_forge.io.atomic import write_atomically
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.train import config as training
from corpus_forge.train.ablate.config import AblateConfig, Candidate, chosen_model, tokens_for_flops
from corpus_forge.train.ablate.suite import DocumentScores, Suite, make_suite, open_rows, score
from corpus_forge.train.ablate.verdict import Scores, summary
from corpus_forge.train.data import token_bytes
from corpus_forge.train.generate import load_model
from corpus_forge.train.loop import train
from corpus_forge.train.model import Transformer
from corpus_forge.train.strict import plain

Observer = Callable[[str], None]


def ablate(config: AblateConfig, observe: Observer = lambda _: None) -> dict[str, Any]:
    """Train and score what is missing; the summary, which OUTPUT/ablation.json holds too. Errors as for training."""
    output, suite = Path(config.output), _suite(config)
    for name, count in suite.left_out.items():
        observe(f"held out {name}: {len(suite.kept[name])} documents, {count} left out since a candidate contains them")
    runs = {each.name: [_one(config, each, seed, suite, observe) for seed in config.seeds] for each in config.candidates}
    made = {
        **summary(runs, config.resamples),
        "tokens_per_run": {each.name: _tokens(config, each) for each in config.candidates},
        "model": plain(chosen_model(config, _longest(config))),
        "held_out": {name: {"documents": len(suite.kept[name]), "left_out": suite.left_out[name]} for name in suite.sources},
    }
    text = json.dumps(made, indent=1)
    write_atomically(output / "ablation.json", lambda file: file.write(text.encode()))
    return made


def _one(config: AblateConfig, candidate: Candidate, seed: int, suite: Suite, observe: Observer) -> Scores:
    """The scores of one model: read, or made."""
    folder = Path(config.output) / candidate.name / str(seed)
    asked = json.dumps(plain(_training(config, candidate, seed, folder)), sort_keys=True)
    kept = {name: ids.tobytes().hex()[:64] + f" {len(ids)}" for name, ids in suite.kept.items()}
    about = json.dumps({"asked": asked, "suite": kept})
    found = _read(folder / "scores.npz", about, suite)
    if found is not None:
        observe(f"{candidate.name}, seed {seed}: done before")
        return found
    observe(f"{candidate.name}, seed {seed}: training")
    train(_training(config, candidate, seed, folder), lambda line: _said(candidate, seed, line, observe))
    device = torch.device("cuda" if config.device != "cpu" and torch.cuda.is_available() else "cpu")
    model = load_model(folder, str(device)).model
    assert isinstance(model, Transformer)
    table = token_bytes(next(iter(suite.sources.values())).dataset)
    if table is None:
        raise InputError("held_out: token_bytes.npy is not beside the tokens, so bits a byte cannot be told. Tokenize anew.")
    scores = score(model, suite, table, device, "flex" if device.type == "cuda" else "sdpa")
    _write(folder / "scores.npz", about, scores)
    observe(f"{candidate.name}, seed {seed}: " + ", ".join(f"{name} {each.bits_per_byte:.4f}" for name, each in scores.items()))
    return scores


def _training(config: AblateConfig, candidate: Candidate, seed: int, folder: Path) -> training.TrainingConfig:
    """The training file of one run."""
    schedule, model = config.schedule, chosen_model(config, _longest(config))
    run = training.TrainConfig(
        tokens=_tokens(config, candidate), batch_tokens=config.batch_tokens, seed=seed, device=config.device, log_every=50
    )
    keep = training.CheckpointConfig(every=1000, keep_last=1)
    return training.TrainingConfig(
        str(folder), candidate.sources, model=model, train=run, optim=config.optim, schedule=schedule, checkpoint=keep
    )


def _tokens(config: AblateConfig, candidate: Candidate) -> int:
    """Tokens of a run of this candidate: as many as the others, or as many as have the budget's bytes of text."""
    budget = config.budget
    if budget.flops is not None:
        return tokens_for_flops(budget.flops)
    if budget.tokens is not None:
        return budget.tokens
    assert budget.bytes is not None
    shares, per_token = [], []
    for source in candidate.sources:
        totals = TokenDataset(source.path).sources.values()
        tokens = sum(each["tokens"] for each in totals)
        shares.append(float(tokens) if source.weight is None else source.weight)
        per_token.append(sum(each["bytes"] for each in totals) / max(1, tokens))
    return max(1, round(budget.bytes / float(np.average(per_token, weights=shares))))


def _longest(config: AblateConfig) -> int:
    return max(_tokens(config, each) for each in config.candidates)


def _suite(config: AblateConfig) -> Suite:
    held = {each.name: open_rows(each.path, each.name) for each in config.held_out}
    drawn = {source.path for candidate in config.candidates for source in candidate.sources}
    candidates = [open_rows(path, path, "train") for path in sorted(drawn)]
    digest = candidates[0].tokenizer_sha256
    for rows in [*candidates, *held.values()]:
        if rows.tokenizer_sha256 != digest:
            raise RequestError(
                f"{rows.where}: tokens of another tokenizer than {candidates[0].where}: they cannot be compared."
            )
        if not len(rows):
            raise InputError(f"{rows.where}: no rows to train or to be tested on.")
    return make_suite(held, candidates, config.max_overlap, config.ngram)


def _said(candidate: Candidate, seed: int, line: Mapping[str, Any], observe: Observer) -> None:
    if "loss" in line:
        observe(f"{candidate.name}, seed {seed}: step {line['step']} loss {line['loss']:.4f}, {line['eta_s']:,.0f} s to go")


def _write(path: Path, about: str, scores: Scores) -> None:
    arrays = {f"{name}/{part}": getattr(each, part) for name, each in scores.items() for part in ("nats", "bytes")}
    write_atomically(path, lambda file: np.savez(file, about=np.frombuffer(about.encode(), np.uint8), **arrays))


def _read(path: Path, about: str, suite: Suite) -> dict[str, DocumentScores] | None:
    """Scores on disk; None when there are none, or they are of something else."""
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if bytes(arrays["about"]) != about.encode():
                raise RequestError(
                    f"{path.parent}: holds a run with other settings or another suite. Set another output, or remove it."
                )
            return {name: DocumentScores(arrays[f"{name}/nats"], arrays[f"{name}/bytes"]) for name in suite.sources}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(f"{path}: damaged: {error}. Remove it; the model is scored again.") from error

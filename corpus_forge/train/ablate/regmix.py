"""A mixture proposed from many small runs: RegMix.

Small models are trained on random mixtures of the candidates, drawn around their natural shares; a regression from shares to
bits a byte is fitted, and the best of many random mixtures by its prediction is proposed (Liu et al., RegMix, arXiv:2407.01492,
section 3: Dirichlet draws, 512 models of 1M parameters on 1B tokens, linear and LightGBM regression, the mean of the best
predictions). Here the regression is ridge on shares and their logarithms, which some dozens of runs can carry. A proposal comes
with the error of predicting each run from all others, and the rank correlation: below 0.5 it is a guess. No source is proposed
more often than `max_epochs` times (as UniMax caps them, arXiv:2304.09151).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from corpus_forge.errors import RequestError
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.train.ablate.config import AblateConfig, Candidate
from corpus_forge.train.ablate.run import Observer, ablate
from corpus_forge.train.config import SourceConfig

SEARCHED, BEST = 20_000, 100
"""Random mixtures whose prediction is looked at, and how many of the best are averaged."""
FLOOR = 1e-3
"""Least share of a source in a proxy run, so that logarithms are finite."""


def propose(config: AblateConfig, proxies: int, max_epochs: float, observe: Observer = lambda _: None) -> dict[str, Any]:
    """Train on `proxies` random mixtures of the candidates and propose one; weights by candidate, with errors."""
    names = [each.name for each in config.candidates]
    if proxies < 2 * len(names) + 2:
        raise RequestError(f"--proxies {proxies}: too few for {len(names)} candidates; at least {2 * len(names) + 2}.")
    available = np.array([_available(each) for each in config.candidates], float)
    generator = np.random.Generator(np.random.Philox(key=proxies))
    shares = draw(available / available.sum(), proxies, generator)
    mixtures = tuple(_mixed(config.candidates, row, number) for number, row in enumerate(shares))
    made = ablate(replace(config, candidates=mixtures, seeds=config.seeds[:1]), observe)
    losses = np.array([made["bits_per_byte"][each.name]["macro"] for each in mixtures])
    tokens = max(made["tokens_per_run"].values())
    found = choose(shares, losses, np.minimum(1.0, max_epochs * available / tokens), generator)
    weights = dict(zip(names, [round(float(each), 4) for each in found.pop("weights")], strict=True))
    runs = [
        {"weights": dict(zip(names, row.tolist(), strict=True)), "macro": float(y)}
        for row, y in zip(shares, losses, strict=True)
    ]
    return {"weights": weights, **found, "runs": runs}


def draw(natural: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """float64[count, sources]: Dirichlet draws around the natural shares, from flat to near them, none below FLOOR."""
    strength = np.exp(generator.uniform(np.log(len(natural)), np.log(20 * len(natural)), count))
    shares = np.stack([generator.dirichlet(np.maximum(natural * each, 0.1)) for each in strength])
    shares = np.maximum(shares, FLOOR)
    return shares / shares.sum(1, keepdims=True)


def choose(shares: np.ndarray, losses: np.ndarray, most: np.ndarray, generator: np.random.Generator) -> dict[str, Any]:
    """The mixture of the lowest predicted loss with every share at most `most`; RequestError when there is none."""
    if most.sum() < 1:
        raise RequestError(
            "no mixture of these candidates is long enough within max_epochs. Lower the budget or raise the cap."
        )
    left_out = np.array([
        predict(fit(np.delete(shares, row, 0), np.delete(losses, row)), shares[row : row + 1])[0] for row in range(len(losses))
    ])  # fmt: skip
    model = fit(shares, losses)
    searched = np.concatenate([generator.dirichlet(np.ones(shares.shape[1]), SEARCHED), shares])
    searched = capped(searched, most)
    predicted = predict(model, searched)
    best = searched[np.argsort(predicted, kind="stable")[:BEST]].mean(0)
    return {
        "weights": best,
        "predicted": float(predict(model, best[None])[0]),
        "error": float(np.sqrt(np.mean((left_out - losses) ** 2))),
        "rank_correlation": _spearman(left_out, losses),
    }


def capped(shares: np.ndarray, most: np.ndarray) -> np.ndarray:
    """The same shares with none above `most`; what is cut goes to the others by what room they have."""
    cut = np.minimum(shares, most)
    room = most - cut
    return cut + room * ((1 - cut.sum(1, keepdims=True)) / np.maximum(room.sum(1, keepdims=True), 1e-12))


def fit(shares: np.ndarray, losses: np.ndarray, ridge: float = 1e-3) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Ridge regression on standardised shares and logarithms of shares: (mean, deviation, coefficients, intercept)."""
    inputs = _features(shares)
    mean, deviation = inputs.mean(0), np.maximum(inputs.std(0), 1e-9)
    scaled = (inputs - mean) / deviation
    gram = scaled.T @ scaled + ridge * len(losses) * np.eye(scaled.shape[1])
    return mean, deviation, np.linalg.solve(gram, scaled.T @ (losses - losses.mean())), float(losses.mean())


def predict(model: tuple[np.ndarray, np.ndarray, np.ndarray, float], shares: np.ndarray) -> np.ndarray:
    """float64[n]: what the regression says of each mixture."""
    mean, deviation, coefficients, intercept = model
    return (_features(shares) - mean) / deviation @ coefficients + intercept


def _features(shares: np.ndarray) -> np.ndarray:
    return np.concatenate([shares, np.log(np.maximum(shares, FLOOR))], 1)


def _available(candidate: Candidate) -> int:
    return sum(TokenDataset(source.path).tokens for source in candidate.sources)


def _mixed(candidates: Sequence[Candidate], shares: np.ndarray, number: int) -> Candidate:
    """One candidate that draws from all of them by these shares."""
    sources: list[SourceConfig] = []
    for candidate, share in zip(candidates, shares.tolist(), strict=True):
        inner = _inner_shares(candidate)
        sources += [
            SourceConfig(f"{candidate.name}/{source.name}", source.path, share * inner[source.name])
            for source in candidate.sources
        ]
    return Candidate(f"mixture-{number:03d}", tuple(sources))


def _inner_shares(candidate: Candidate) -> Mapping[str, float]:
    weights = {
        source.name: float(len(TokenDataset(source.path))) if source.weight is None else source.weight
        for source in candidate.sources
    }
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def _spearman(first: np.ndarray, second: np.ndarray) -> float:
    ranks = [np.argsort(np.argsort(each, kind="stable"), kind="stable").astype(float) for each in (first, second)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])

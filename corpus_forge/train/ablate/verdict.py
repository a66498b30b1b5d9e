"""From scores of documents to a verdict: differences in bits a byte, how sure they are, and whether seeds differ as much.

Two candidates are compared on the same held-out documents. The interval is a paired bootstrap over documents (Koehn 2004,
aclanthology.org/W04-3250), of the mean over seeds; the scatter of seeds is the standard deviation of a candidate's macro mean
over its seeds, the larger of the two. A is better than B only where the 95% interval excludes 0 and the difference is more
than twice that scatter; everything else is 'not separated'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from corpus_forge.train.ablate.suite import DocumentScores

Scores = Mapping[str, DocumentScores]
"""Of one model, by held-out source."""


@dataclass(frozen=True)
class Comparison:
    """Macro mean of bits a byte of `first` minus that of `second`: negative when the first is better."""

    first: str
    second: str
    difference: float
    low: float
    high: float
    seed_deviation: float
    verdict: str


def matrix(runs: Mapping[str, Sequence[Scores]]) -> dict[str, dict[str, float]]:
    """Candidate → source → bits a byte, the mean over seeds; and `macro`, the mean over sources."""
    made = {}
    for name, seeds in runs.items():
        row = {source: float(np.mean([each[source].bits_per_byte for each in seeds])) for source in seeds[0]}
        made[name] = {**row, "macro": float(np.mean(list(row.values())))}
    return made


def compare(runs: Mapping[str, Sequence[Scores]], resamples: int, seed: int = 0) -> list[Comparison]:
    """Every pair of candidates, in order."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    macros = {name: [_macro(each) for each in seeds] for name, seeds in runs.items()}
    spread = {name: float(np.std(each, ddof=1)) if len(each) > 1 else math.nan for name, each in macros.items()}
    samples = _resampled(runs, resamples, generator)
    made = []
    for first, second in combinations(runs, 2):
        difference = float(np.mean(macros[first]) - np.mean(macros[second]))
        low, high = np.quantile(samples[first] - samples[second], [0.025, 0.975]).tolist()
        deviation = max(spread[first], spread[second])
        made.append(
            Comparison(
                first, second, difference, low, high, deviation, _verdict(first, second, difference, low, high, deviation)
            )
        )
    return made


def summary(runs: Mapping[str, Sequence[Scores]], resamples: int) -> dict[str, Any]:
    """The matrix, each seed's macro mean, and all comparisons, as JSON values."""
    return {
        "bits_per_byte": matrix(runs),
        "macro_by_seed": {name: [_macro(each) for each in seeds] for name, seeds in runs.items()},
        "comparisons": [
            {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in asdict(each).items()}
            for each in compare(runs, resamples)
        ],
    }


def _verdict(first: str, second: str, difference: float, low: float, high: float, deviation: float) -> str:
    if math.isnan(deviation):
        return "not separated: one seed says nothing of chance"
    if (low <= 0 <= high) or abs(difference) <= 2 * deviation:
        return "not separated"
    better, worse = (first, second) if difference < 0 else (second, first)
    return f"{better} is better than {worse}"


def _macro(scores: Scores) -> float:
    return float(np.mean([each.bits_per_byte for each in scores.values()]))


def _resampled(runs: Mapping[str, Sequence[Scores]], count: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """float64[count] macro means of each candidate over documents drawn with replacement, the same draws for all."""
    some = next(iter(runs.values()))[0]
    totals = {name: np.zeros(count) for name in runs}
    for source, scores in some.items():
        documents = len(scores.nats)
        for start in range(0, count, 64):
            drawn = generator.integers(0, documents, (min(64, count - start), documents))
            for name, seeds in runs.items():
                values = [each[source].nats[drawn].sum(1) / np.maximum(1, each[source].bytes[drawn].sum(1)) for each in seeds]
                totals[name][start : start + 64] += np.mean(values, 0) / math.log(2)
    return {name: total / len(some) for name, total in totals.items()}

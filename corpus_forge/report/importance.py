"""Making a model of importance weights from files, and the bound that draws a share of the raw texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.errors import RequestError
from corpus_forge.io.atomic import write_atomically
from corpus_forge.scoring.chance import gumbel_noise, uniform_draws
from corpus_forge.scoring.fit import check_share, threshold_for
from corpus_forge.scoring.importance import fit_importance

SUFFIX = ".json"
SEED = 0
"""The default of the step `sample`: its draws and these are the same."""


def importance_to(path: Path, target: pa.Array, raw: pa.Array, keep: float, how: tuple[int, int]) -> dict[str, Any]:
    """Write the model. how: ngram, buckets. With `least`, `sample` keeps a share `keep` of these raw texts, drawn by weight."""
    if path.suffix != SUFFIX:
        raise RequestError(f"--output {path}: the model's name ends in {SUFFIX}.")
    check_share("--keep", keep)
    ngram, buckets = how
    model = fit_importance(target, raw, ngram, buckets)
    found = model.weigh(raw)
    worded = found.ngrams > 0
    noisy = (found.total + gumbel_noise(uniform_draws(raw, SEED)))[worded]
    least = threshold_for(noisy, keep)
    report = {"target": len(target), "raw": len(raw), "keep": keep, "least": least, "seed": SEED}
    aligned = {"target_mean": _mean(model.weigh(target)), "raw_mean": _mean(found)}
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({**model.as_json(), "trained_on": report}).encode() + b"\n"
    write_atomically(path, lambda file: file.write(content))
    return {**report, **aligned}


def _mean(weights: Any) -> float:
    """Of all n-grams: the logarithm of the ratio, in nats."""
    return float(weights.total.sum() / np.maximum(weights.ngrams.sum(), 1))

"""Making a classifier from files, and saying how well one parts two kinds of texts.

What is measured is the model file as it was written, read by the same code that runs it in a pipeline, on texts it never saw.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.table import Table

from corpus_forge.errors import InputError, RequestError, nearest
from corpus_forge.io.atomic import write_atomically
from corpus_forge.language.fasttext_model import load_model
from corpus_forge.report.sample import find_parts, sample_batches
from corpus_forge.report.terminal import simple_table
from corpus_forge.scoring.fasttext_file import write_fasttext
from corpus_forge.scoring.fit import check_kinds, check_share, fit
from corpus_forge.scoring.labels import label_scores
from corpus_forge.scoring.train import NEGATIVE, POSITIVE, Recipe, split, train_classifier

SUFFIX = ".bin"
KEEP = 0.1
"""Share of the pool that DCLM keeps."""


def texts_of(paths: Sequence[Path], most: int) -> pa.Array:
    """large_string[n]: the first texts of runs and files, about `most` bytes of them. InputError for none."""
    batches = [batch.column("text").cast(pa.large_string()) for _, batch in sample_batches(find_parts(paths), most, {})]
    if not batches:
        raise InputError(f"{', '.join(map(str, paths))}: there are no texts in it.")
    return pa.concat_arrays(batches)


def train_to(path: Path, positive: pa.Array, negative: pa.Array, recipe: Recipe, keep: float) -> dict[str, Any]:
    """Train on most of the texts, write the model, measure it on the others, and write what was found beside it."""
    if path.suffix != SUFFIX:
        raise RequestError(f"--output {path}: a model's name ends in {SUFFIX}; what was measured lies beside it in .json.")
    check_share("--keep", keep)
    (yes, held_yes), (no, held_no) = split(positive, recipe.held_out), split(negative, recipe.held_out)
    check_kinds(len(held_yes), len(held_no))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_fasttext(train_classifier(yes, no, recipe), path)
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    trained_on = {POSITIVE: _size(yes), NEGATIVE: _size(no)}
    found = {"model": path.name, "sha256": digest, "recipe": asdict(recipe), "trained_on": trained_on}
    report = {**found, "held_out": measured(path, digest, POSITIVE, (held_yes, held_no), keep)}
    content = json.dumps(report, indent=1).encode() + b"\n"
    write_atomically(path.with_suffix(".json"), lambda file: file.write(content))
    return report


def measured(path: Path, sha256: str, label: str, texts: tuple[pa.Array, pa.Array], keep: float = KEEP) -> dict[str, Any]:
    """How well the scores of this label part the positive texts from the negative ones; no score counts as 0."""
    model = load_model(str(path), sha256)
    if label not in model.labels():
        raise RequestError(f"the model {path} has no label '{label}'. {nearest(label, model.labels())}")
    scores = [_numbers(label_scores(model, each, [label]).scores[0]) for each in texts]
    sizes = {"positive": _size(texts[0]), "negative": _size(texts[1])}
    return {"label": label, "keep": keep, **sizes, **fit(scores[0], scores[1], keep)}


def digest_beside(path: Path) -> str | None:
    """The digest that `train_to` wrote beside a model; None where it wrote none."""
    try:
        return json.loads(path.with_suffix(".json").read_bytes())["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def fit_view(found: Mapping[str, Any]) -> Table:
    """The table of bounds."""
    words = f"{found['positive']['documents']:,} positive, {found['negative']['documents']:,} negative texts"
    table = simple_table(f"{found['label']}: {words}, AUC {found['auc']:.4f}")
    for name in ("keep from", "of the negatives", "recall", "precision", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for row in found["rows"]:
        mark = f"keep {found['keep']:g}" if row["threshold"] == found["threshold"] else ""
        shares = (f"{row[name]:.2%}" for name in ("kept", "recall", "precision"))
        table.add_row(f"{row['threshold']:.6f}", *shares, mark)
    return table


def _size(texts: pa.Array) -> dict[str, int]:
    return {"documents": len(texts), "bytes": pc.sum(pc.binary_length(texts)).as_py() or 0}


def _numbers(scores: pa.Array) -> np.ndarray:
    return pc.fill_null(scores, 0).to_numpy().astype(np.float64)

"""Compiling the kernels of this package once, so that no run pays for it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from corpus_forge.scoring.arpa import load_arpa
from corpus_forge.scoring.importance import fit_importance
from corpus_forge.scoring.train import LEAST_TEXTS, Recipe, train_classifier

_ARPA = "\\data\\\nngram 1=2\n\n\\1-grams:\n-99\t<s>\n-1\t</s>\n\n\\end\\\n"


def warm_up() -> None:
    """Compile every kernel, or load it from numba's cache (`NUMBA_CACHE_DIR`, else beside the module)."""
    texts = ["some words"] * LEAST_TEXTS
    train_classifier(texts, texts, Recipe(dim=4, bucket=10, epochs=1))
    fit_importance(texts, texts).weigh(texts)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.arpa"
        path.write_text(_ARPA)
        load_arpa(path).log10(["a"])

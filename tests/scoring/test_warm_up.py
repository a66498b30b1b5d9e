"""The warm-up runs every kernel of the package: what it does not run would compile in somebody's first run."""

from __future__ import annotations

from pathlib import Path

from corpus_forge.scoring import ngram_kernel, token_kernel, train_kernel
from corpus_forge.scoring.warm_up import warm_up


def test_every_kernel_is_compiled():
    warm_up()
    for module in (ngram_kernel, token_kernel, train_kernel):
        functions = [each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__]
        compiled = [each for each in functions if hasattr(each, "signatures") and "_nrt" not in each.targetoptions]
        assert compiled, Path(module.__file__).name
        assert all(each.signatures for each in compiled)

"""`load_steps`: the built-in steps, cheaply, and what `list steps` shows of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from corpus_forge.registry import models_of, steps
from corpus_forge.steps import BUILT_IN, load_steps
from corpus_forge.steps.base import Step


def test_all_built_in_steps_are_registered_under_the_name_of_their_module():
    load_steps()
    load_steps()
    assert set(BUILT_IN) <= set(steps.names())
    assert all(steps.get(name).name == name for name in BUILT_IN)


def test_loading_imports_nothing_heavy():
    code = (
        "import sys; from corpus_forge.steps import load_steps; load_steps();"
        "heavy = {'ray', 'torch', 'numba', 'trafilatura', 'fasttext', 'gigatoken', 'tokenizers'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_step_and_each_field_says_what_it_is(name):
    load_steps()
    for _, step in models_of(steps, name):
        first = (step.__doc__ or "").strip().split("\n")[0]
        assert first.endswith("."), first
        assert step.__doc__ != Step.__doc__
        inherited = set(Step.model_fields) | {"buckets"}
        silent = [field for field, info in step.model_fields.items() if field not in inherited and not info.description]
        assert silent == []
        assert step.shorthand is None or step.shorthand in step.model_fields


def test_a_family_says_of_each_method_what_it_is():
    load_steps()
    labels = [label for label, _ in models_of(steps, "dedup")]
    assert labels == sorted(labels)
    assert {"dedup: exact", "dedup: minhash"} <= set(labels)
    assert steps.get("dedup").__doc__.endswith(".")

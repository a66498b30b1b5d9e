"""What is built on numba's internals holds: a new numba that changes them fails here, and says what."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numba.core import entrypoints, types

from corpus_forge.text.kernel import OPTIONS, called, inner, kernel
from corpus_forge.text.kernel_compiler import ENVIRONMENT, Ingredient, Kernel, KernelCompiler, KernelDispatcher, widened

MODULE = """
from corpus_forge.text.kernel import called, inner, kernel

@inner
def clipped(value, low, high):
    return min(max(value, low), high)

@called
def total(values, low):
    found = 0
    for value in values:
        found += clipped(value, low, 9) + clipped(value, 3, 3)
    return found

@kernel
def run(values):
    return total(values, 2) + clipped(len(values), 1, 4)
"""
USER = """
import sys
import numpy as np
from numba.core import event
import ingredients
compiled = []
class Watch(event.Listener):
    def on_start(self, event): compiled.append(event.data["dispatcher"].py_func.__name__)
    def on_end(self, event): pass
event.register("numba:compile", Watch())
values = np.array([-7, 5, 300], np.int64)
assert ingredients.run(values) == 28, ingredients.run(values)
print(*compiled)
"""


@inner
def step(values, i, by):
    return values[i] * 3 + by


@called
def steps(values, by):
    found = 0
    for i in range(len(values)):
        found ^= step(values, i, by) + step(values, i, 1)
    return found


@kernel
def run_steps(values, by):
    """Ingredients of two levels, called with constants and integers of two sizes."""
    return steps(values, by) + steps(values, 7) + steps(values, np.int8(3))


def plain_steps(values, by):
    def one(by):
        found = 0
        for value in values:
            found ^= (int(value) * 3 + by) + (int(value) * 3 + 1)
        return found

    return one(by) + one(7) + one(3)


@njit
def run_steps_by_numba(values, by):
    return steps(values, by) + steps(values, 7) + steps(values, np.int8(3))


@given(st.lists(st.integers(-(2**31), 2**31 - 1)), st.integers(-(2**31), 2**31 - 1))
def test_kernels_give_what_their_functions_give(values, by):
    for kind in (np.int64, np.int32):
        for run in (run_steps, run_steps_by_numba):
            assert run(np.array(values, kind), by) == plain_steps(values, by)


def compiled_anew(function):
    """The same kernel, not loaded from where its machine code may be kept."""
    anew = KernelDispatcher(function.py_func, targetoptions=dict(OPTIONS), pipeline_class=KernelCompiler)
    anew(np.arange(3), 1)
    return anew


def test_ingredients_are_compiled_once_for_all_integers_and_have_no_machine_code():
    compiled_anew(run_steps)
    for function in (step, steps):
        overloads = [key for key in function.overloads if key[0].dtype == types.int64]
        assert len(overloads) == 1, overloads
        library = function.overloads[overloads[0]].library
        assert type(library) is Ingredient
        name = function.overloads[overloads[0]].fndesc.mangled_name
        assert not library._codegen._engine.is_symbol_defined(name)
        assert library.get_pointer_to_function(name) == 0


def test_a_kernel_holds_no_call_of_its_inner_functions_and_no_environment_but_its_own():
    (result,) = compiled_anew(run_steps).overloads.values()
    assert type(result.library) is Kernel
    assert "step" not in {f.name for f in result.library._final_module.functions if f.is_declaration}
    known = [v.name for v in result.library._final_module.global_variables if v.name.startswith(ENVIRONMENT)]
    assert len(known) <= 1


def test_what_keeps_its_type_and_what_does_not():
    assert [widened(kind) for kind in (types.int8, types.int64, types.literal(7))] == [types.int64] * 3
    for kind in (types.uint8, types.uint64, types.boolean, types.float32, types.uint8[::1]):
        assert widened(kind) == kind
    assert widened(types.literal(True)) == types.boolean


def ran(folder: Path) -> str:
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(folder / "kept"),
        "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]),
    }
    done = subprocess.run([sys.executable, "-c", USER], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_machine_code_is_kept_and_loaded_without_its_ingredients(tmp_path):
    (tmp_path / "ingredients.py").write_text(MODULE)
    assert ran(tmp_path).startswith("run total clipped")
    assert ran(tmp_path) == ""
    (kept,) = (tmp_path / "kept").rglob("*.nbc")
    assert kept.stat().st_size < 20_000


def test_extensions_of_numba_are_left_to_functions_that_are_not_ours(monkeypatch):
    """Only numba's own flag says whether they were looked for: kernels leave it as it was."""
    seen = []

    @kernel
    def asked(value):
        return value

    original = type(asked).__mro__[1].compile
    monkeypatch.setattr(
        type(asked).__mro__[1], "compile", lambda *given: seen.append(entrypoints._already_initialized) or original(*given)
    )
    monkeypatch.setattr(entrypoints, "_already_initialized", False)
    assert asked(3) == 3
    assert (seen, entrypoints._already_initialized) == ([True], False)


def test_python_cannot_call_an_ingredient():
    run_steps(np.arange(3), 1)
    for values in (np.arange(3), np.arange(3.0)):
        with pytest.raises(TypeError, match="steps is only part of kernels"):
            steps(values, 1)


def test_functions_of_numbas_own_decorators_take_in_what_ingredients_call():
    """Not only those that they call themselves: what is missing would be a jump to nowhere."""

    @njit
    def plain(values, by):
        return steps(values, by)

    assert plain(np.array([4]), 2) == (4 * 3 + 2) + (4 * 3 + 1)

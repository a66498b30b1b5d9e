"""The decorators of kernels and of the functions that kernels consist of.

Numba counts references to the arrays it passes, with an atomic operation each, and a call copies the fields of every array it
passes; in functions called once a byte that is nine tenths of the time (measured: 10 MB/s instead of 70). Inner functions
neither allocate nor keep an array, so they are compiled without counting, and inlined. The cost: `np.empty` and the like
are only allowed in kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import config

from corpus_forge.text.kernel_compiler import IngredientCompiler, IngredientDispatcher, KernelCompiler, KernelDispatcher

Decorator = Callable[[Callable[..., Any]], Any]

OPTIONS = {"nopython": True, "nogil": True, "boundscheck": None, "no_cfunc_wrapper": True}


def _ingredient(**options: bool) -> Decorator:
    def decorate(function: Callable[..., Any]) -> Any:
        if config.DISABLE_JIT:  # type: ignore[attr-defined]
            return function
        chosen = OPTIONS | {"_nrt": False, "no_cpython_wrapper": True} | options
        return IngredientDispatcher(function, targetoptions=chosen, pipeline_class=IngredientCompiler)

    return decorate


called = _ingredient()
"""Decorator for what other kernels call once a document, where inlining only costs compiling; Python cannot call it."""

inner = _ingredient(forceinline=True)
"""The same for what they call once a byte or word: always inlined."""


def kernel(function: Callable[..., Any]) -> Any:
    """Decorator for what Python calls, without the GIL, and whose machine code is kept; other kernels cannot call it."""
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return function
    dispatcher = KernelDispatcher(function, targetoptions=dict(OPTIONS), pipeline_class=KernelCompiler)
    dispatcher.enable_caching()
    return dispatcher

"""How the inner functions of kernels are compiled.

Numba counts references to the arrays it passes, with an atomic operation each, and a call copies the fields of every array it
passes; in functions called once a byte that is nine tenths of the time (measured: 10 MB/s instead of 70). Inner functions
neither allocate nor keep an array, so they are compiled without counting, and inlined. The cost: `np.empty` and the like
are only allowed in the outermost functions, which use plain `njit`.

Numba also optimises every function by itself, and makes machine code of it, before it becomes part of those that call it: with
ten levels of calls, ten times. Inner functions are never run by themselves, so theirs is left as it was typed, and optimised
once, where the outermost function holds them all.
"""

from __future__ import annotations

import llvmlite.binding as llvm
from numba import njit
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler


class Ingredient(JITCodeLibrary):
    """Code that is only ever linked into that of a caller: neither optimised nor made machine code of."""

    def _optimize_functions(self, ll_module: llvm.ModuleRef) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        """Numba writes the addresses of its environments, which only code with Python objects reads: they must exist."""
        self._finalize_dynamic_globals()
        for variable in self._final_module.global_variables:
            if variable.name.startswith("_ZN08NumbaEnv"):
                self._codegen._add_module(llvm.parse_assembly(f'@"{variable.name}" = common global i8* null'))
        self._finalized = True


class IngredientCompiler(Compiler):
    """Numba's compiler, with the library of its result chosen ahead."""

    def define_pipelines(self) -> list:
        self.state.library = Ingredient(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        return super().define_pipelines()


called = njit(  # type: ignore[call-overload]
    nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True, pipeline_class=IngredientCompiler
)
"""Decorator for what other kernels call once a document, where inlining only costs compiling; Python cannot call it."""

inner = njit(  # type: ignore[call-overload]
    nogil=True,
    _nrt=False,
    forceinline=True,
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
    pipeline_class=IngredientCompiler,
)
"""The same for what they call once a byte or word: always inlined."""

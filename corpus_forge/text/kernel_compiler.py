"""Numba's compiler, told what our kernels are: outermost functions, which run, and ingredients, which are only part of them.

By itself numba optimises each function, and makes machine code of it, before it becomes part of those that call it: with ten
levels of calls, ten times. It compiles a function anew for each constant that a call passes. It keeps, beside machine code,
what others would need to take a kernel in. None of that is of use here: an ingredient stays as it was typed, once for all
constants, and a kernel takes in all its ingredients, directly called or not, before it is optimised as a whole. The cost:
internals of numba, whose version pyproject.toml bounds; tests/text/test_kernel_compiler.py checks them.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
from numba.core import entrypoints, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, Flags
from numba.core.registry import CPUDispatcher

ENVIRONMENT = "_ZN08NumbaEnv"
"""How names begin of what numba keeps for code that has to do with Python objects; ingredients have nothing to do with them."""


class Ingredient(JITCodeLibrary):
    """Code that only ever becomes part of a kernel's: neither optimised nor made machine code of."""

    def _optimize_functions(self, ll_module: llvm.ModuleRef) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def finalize(self) -> None:
        """Ready to become part of others: each function once, in whichever that needs it."""
        self._raise_if_finalized()
        self._reload_init.update(*(library._reload_init for library in self._linking_libraries))
        for value in [*self._final_module.functions, *self._final_module.global_variables]:
            if not value.is_declaration and value.linkage in (llvm.Linkage.external, llvm.Linkage.common):
                value.linkage = "internal" if value.name.startswith(ENVIRONMENT) else "linkonce_odr"
        self._finalized = True

    def _get_module_for_linking(self) -> llvm.ModuleRef:
        """It and what it calls: for a function of numba's own decorators, which takes in only what it calls itself."""
        self._ensure_finalized()
        whole = self._final_module.clone()
        for part in with_parts(self._linking_libraries):
            whole.link_in(part._final_module if isinstance(part, Ingredient) else part._get_module_for_linking(), preserve=True)
        return whole

    def get_pointer_to_function(self, name: str) -> int:
        """None: Python cannot call it."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Ingredient:
        """What numba tells the environment to."""
        return self

    def set_env(self, name: str, env: Any) -> None:
        """Nowhere to write it."""


def with_parts(libraries: list[JITCodeLibrary]) -> list[JITCodeLibrary]:
    """These, and what the ingredients among them call, each once."""
    parts = list(dict.fromkeys(libraries))
    for library in parts:  # grows as it goes
        if isinstance(library, Ingredient):
            parts += dict.fromkeys(part for part in library._linking_libraries if part not in parts)
    return parts


class Kernel(JITCodeLibrary):
    """Code that Python calls; no other kernel can, once it was loaded: its machine code alone is kept."""

    def __init__(self, codegen: Any, name: str) -> None:
        super().__init__(codegen, name)
        self.enable_object_caching()

    def finalize(self) -> None:
        """Take in all parts, and those that they call, each once, and make machine code of the whole."""
        parts = with_parts(self._linking_libraries)
        self._linking_libraries = [part for part in parts if not isinstance(part, Ingredient)]
        for part in parts:
            if isinstance(part, Ingredient):
                self._final_module.link_in(part._final_module, preserve=True)
        super().finalize()

    def serialize_using_object_code(self) -> tuple[str, str, tuple[bytes, bytes]]:
        """Machine code, and in place of what others could take in the bare names that numba looks for in it."""
        self._ensure_finalized()
        called = [f.name for f in self._final_module.functions if not f.is_declaration and f.name.startswith("_ZN7cpython")]
        known = [v.name for v in self._final_module.global_variables if v.name.startswith(ENVIRONMENT)]
        names = [f'define void @"{name}"() {{ unreachable }}' for name in called] + [
            f'@"{name}" = global i8* null' for name in known
        ]
        return self.name, "object", (self._get_compiled_object(), llvm.parse_assembly("\n".join(names)).as_bitcode())


class SettledFlags(Flags):
    """Options that change no more, one object for all equal ones: numba compares them, each of thirty, at every operation."""

    def copy(self) -> SettledFlags:
        """Itself."""
        return self

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


SETTLED: dict[str, SettledFlags] = {}
"""By what they say."""


class Resolved:
    """Numba's context of types, asked once for each operation on the same types: the answer takes it a millisecond."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._known: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def resolve_function_type(self, func: Any, args: Any, kws: Any) -> Any:
        """The signature of a call."""
        if kws:
            return self._context.resolve_function_type(func, args, kws)
        key = func, tuple(args)
        if key not in self._known:
            self._known[key] = self._context.resolve_function_type(func, args, kws)
        return self._known[key]


RESOLVED: dict[SettledFlags, Resolved] = {}
"""What is known, by the options it was asked under."""


class KernelCompiler(Compiler):
    """Numba's compiler, with options, context and the library of its result chosen ahead."""

    library: type[JITCodeLibrary] = Kernel

    def _compile_core(self) -> Any:
        state = self.state
        state.flags = SETTLED.setdefault(state.flags.summary(), SettledFlags(state.flags))
        state.typingctx = RESOLVED.setdefault(state.flags, Resolved(state.typingctx))
        state.library = self.library(state.targetctx.codegen(), state.func_id.func_qualname)
        return super()._compile_core()


class IngredientCompiler(KernelCompiler):
    """The same for ingredients."""

    library = Ingredient


class KernelDispatcher(CPUDispatcher):
    """A function of numba that knows the types of numpy alone.

    Other packages may tell numba of theirs, and are imported for it when it first compiles or loads anything: awkward, which
    comes with gigatoken, takes a fifth of a second. They still are before the first function of numba that is not ours.
    """

    def _compilation_chain_init_hook(self) -> None:
        pass

    def compile(self, sig: Any) -> Any:
        """Compile it for that signature, or load it."""
        done, entrypoints._already_initialized = entrypoints._already_initialized, True
        try:
            return super().compile(sig)
        finally:
            entrypoints._already_initialized = done


class IngredientDispatcher(CPUDispatcher):
    """A function of numba that is compiled once for all constants and sizes of integers that calls pass."""

    def get_call_template(self, args, kws):  # type: ignore[no-untyped-def]
        """What numba asks when a call is typed."""
        return super().get_call_template(tuple(map(widened, args)), {name: widened(kind) for name, kind in kws.items()})

    def add_overload(self, cres: Any) -> None:
        """Known where calls are typed; Python, which would jump to machine code that there is not, is told nothing."""
        self.overloads[tuple(cres.signature.args)] = cres

    def _compile_for_args(self, *args: Any, **kws: Any) -> Any:
        raise TypeError(f"{self.py_func.__qualname__} is only part of kernels: Python cannot call it")


def widened(kind: types.Type) -> types.Type:
    """What an argument of that type is passed as: no constants, and one size of signed integers."""
    kind = types.unliteral(kind)
    return types.int64 if kind in types.signed_domain else kind

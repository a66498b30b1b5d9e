"""Compiling the kernels of the engine `forge` once, so that no run pays for it."""

from __future__ import annotations


def warm_up() -> None:
    """Compile every kernel, or load it from numba's cache (`NUMBA_CACHE_DIR`, else beside the module)."""
    from corpus_forge.extract.forge.extractor import warm_up as compile_kernels

    compile_kernels()

"""How the inner functions of kernels are compiled.

Numba counts references to the arrays it passes, with an atomic operation each, and a call copies the fields of every array it
passes; in functions called once a byte that is nine tenths of the time (measured: 10 MB/s instead of 70). Inner functions
neither allocate nor keep an array, so they are compiled without counting, and inlined. The costs: `np.empty` and the like
are only allowed in the outermost functions, which use plain `njit`, and compiling takes 20 s once.
"""

from __future__ import annotations

from numba import njit

inner = njit(  # type: ignore[call-overload]
    nogil=True, _nrt=False, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""Decorator for functions that only other kernels call: Python cannot, which saves a sixth of the compiling."""

called = njit(nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
"""The same without inlining: for what is called once a document, where inlining only costs compiling."""

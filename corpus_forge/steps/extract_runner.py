"""How the step `extract` runs an engine over a batch: in the sandbox, in this process, by columns, or one after another.

A runner takes pages and URLs and gives texts and, by row, faults. Of the engine cascade the slow part is guarded; forge itself,
bounded and fuzzed, runs here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from corpus_forge.document import Fault
from corpus_forge.extract import extract_text, make_engine
from corpus_forge.extract.engine import Engine
from corpus_forge.registry import extractors
from corpus_forge.sandbox import verdict
from corpus_forge.sandbox.shared import shared_sandbox

Runner = Callable[[pa.Array, pa.Array], tuple[pa.Array, dict[int, Fault]]]
Survives = Callable[[pa.Array], np.ndarray]


def is_guarded_by_default(engine: str) -> bool:
    """Does the engine, or one that it calls, run code that is not ours?"""
    kind = extractors.get(engine)
    return not getattr(kind, "columnar", False) or getattr(kind, "calls_another", False)


def runner(name: str, options: Mapping[str, Any], guard: tuple[float, int] | None, survives: Survives | None = None) -> Runner:
    """Runs the engine of that name. guard: seconds and bytes that a page may take in the sandbox; None for no sandbox.

    survives: of the engine cascade, which of forge's texts are worth the slow engine.
    """
    engine = make_engine(name, options)
    if getattr(engine, "calls_another", False):
        return partial(engine.columns, slow=runner(engine.slow, {}, guard), survives=survives)  # type: ignore[attr-defined]
    if guard:
        return shared_sandbox({"engine": name, "options": dict(options)}, *guard).run
    return getattr(engine, "columns", None) or partial(_run_here, engine)


def _run_here(engine: Engine, html: pa.Array, urls: pa.Array) -> tuple[pa.Array, dict[int, Fault]]:
    """What the sandbox does, in this process: exceptions are faults, crashes and hangs are not caught."""
    texts: list[str | None] = []
    faults: dict[int, Fault] = {}
    for row in range(len(html)):
        try:
            texts.append(extract_text(engine, html[row].as_py() or "", urls[row].as_py()))
        except Exception as error:  # noqa: BLE001 (an engine may raise anything; it becomes a reason and a message)
            texts.append(None)
            faults[row] = Fault(*verdict.of_exception(error))
    return pa.array(texts, pa.large_string()), faults

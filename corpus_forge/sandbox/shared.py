"""Sandboxes that a process keeps: starting a helper costs 0.1 to 1 s, tasks come by the thousand."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from typing import Any

from corpus_forge.plugins import plugin_digests
from corpus_forge.sandbox.guard import DEFAULT_MEMORY, DEFAULT_TIMEOUT_S, Sandbox

KEPT = 4
"""More settings than this in one process are an exploration; the oldest is closed and would start again if it were used."""

_kept: dict[tuple[Any, ...], Sandbox] = {}
_lock = threading.Lock()


def shared_sandbox(spec: Mapping[str, Any], timeout: float = DEFAULT_TIMEOUT_S, memory: int = DEFAULT_MEMORY) -> Sandbox:
    """The sandbox of this process for these settings and the plugins loaded now. Its processes end with this one."""
    # A fork of this process must not talk to its parent's children.
    key = (os.getpid(), json.dumps(dict(spec), sort_keys=True), timeout, memory, *plugin_digests().items())
    with _lock:
        if key not in _kept:
            while len(_kept) >= KEPT:
                _kept.pop(next(iter(_kept))).close()
            _kept[key] = Sandbox(spec, timeout, memory)
        return _kept[key]

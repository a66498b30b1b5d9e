"""What a task's output is a function of, as one digest.

A fingerprint covers step configurations, step code versions, model digests and the content of inputs. It leaves out workers,
executors, paths, times and log levels. Downstream fingerprints cover upstream *fingerprints*, not output bytes: so a plan can
say before anything runs what will run and what is reused; the cost is that a change without effect still runs what follows it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

ENGINE_VERSION = 1
"""Raise it when the engine would write other bytes for the same steps."""


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(kind: str, **parts: Any) -> str:
    """32 hex digits naming a task of this kind with these parts (JSON values)."""
    payload = canonical({"engine": ENGINE_VERSION, "kind": kind, **parts})
    return hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()[:32]

"""Step `dedup`: of documents that are the same, or almost, one stays.

`method` says what counts as the same. What stays does not depend on workers or on the order in which shards finish.
The modules of the methods are named here, as steps are in `corpus_forge.steps`: what is not in the list does not exist.
"""

from __future__ import annotations

from importlib import import_module

METHODS = ("bloom", "exact", "line", "minhash", "substring", "url")
"""Modules of this package, each of which registers one method."""

for _module in METHODS:
    import_module(f"corpus_forge.steps.dedup.{_module}")

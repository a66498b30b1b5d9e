"""The name `dedup`, and the methods that register under it: one file and one class of parameters each."""

from __future__ import annotations

from corpus_forge.registry import Family, steps

dedup = Family("dedup", "method", "exact", "Of documents, or parts of them, that are in the run more than once, one stays.")
steps.add("dedup")(dedup)
methods = dedup.members
"""`@methods.add("exact")` on the class of a method."""

"""The part of a report that a model card quotes: which evaluation sets were looked for, how, and what was found.

Each number is one of items or of documents: `items` of a set, of which `can_match` have n words or more; `items_found` in
the run; `documents` that hold an item, of which `removed` left by this step. `found` has the documents of each item, for
scores on the rest of a benchmark.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def contamination_sections(run_record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One for each step that looked for evaluation items, in their order."""
    facts, steps = run_record.get("facts") or {}, {step["name"]: step for step in run_record.get("steps") or [] if step}
    return [
        {"step": label, **_section(said, steps[label])}
        for label, said in facts.items()
        if said["kind"] == "contamination" and label in steps
    ]


def _section(facts: Mapping[str, Any], step: Mapping[str, Any]) -> dict[str, Any]:
    sets = [{**one, **_found_of(one["name"], step)} for one in facts["sets"]]
    looked = {"action": facts["action"], "normalize": facts["normalize"], "documents_in": step["documents_in"]}
    return {**looked, "removed": sum(step["removed"].values()), "sets": sets}


def _found_of(name: str, step: Mapping[str, Any]) -> dict[str, Any]:
    found = step.get("found") or {}
    items = {key.partition(":")[2]: count for key, count in found.items() if key.startswith(f"{name}:")}
    removed = step["removed"].get(f"decontaminate.{name}", 0)
    return {"items_found": len(items), "documents": found.get(name, 0), "removed": removed, "found": items}


def contamination_sentence(section: Mapping[str, Any]) -> str:
    """How was looked, in a sentence."""
    folded = ", ".join(section["normalize"]) or "none"
    does = {"remove": "removed", "cut": "cut", "mark": "marked"}[section["action"]]
    return f"found: n words in a row in common; normalisation: {folded}; documents {does}"

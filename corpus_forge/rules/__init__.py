"""Rule sets: intervals over signals, kept as data in filters/. Heavy imports wait until a name is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus_forge.rules.apply import apply_rules
    from corpus_forge.rules.files import default_reading, folders, load_rules, shipped
    from corpus_forge.rules.rule_set import RuleSet

_HOME = {
    "RuleSet": "rule_set",
    "apply_rules": "apply",
    "default_reading": "files",
    "folders": "files",
    "load_rules": "files",
    "shipped": "files",
}
__all__ = ["RuleSet", "apply_rules", "default_reading", "folders", "load_rules", "shipped"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

"""What a report says of Bloom filters: how large, how full, and how often they were wrong, expected and as it turned out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus_forge.units import format_size


def filter_sections(run_record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One for each step that walked with a filter, in their order."""
    facts = run_record.get("facts") or {}
    return [{"step": label, **said} for label, said in facts.items() if said["kind"] == "bloom"]


def filter_sentence(section: Mapping[str, Any]) -> str:
    """Size, use and error in a sentence."""
    return (
        f"{section['step']}: a filter of {format_size(section['bytes'])}, {section['hashes']} hashes;"
        f" {section['contained']:,} of {section['ngrams']:,} n-grams seen before, of which {section['false_positives']:,.1f}"
        f" expected falsely; false-positive rate {section['false_positive_rate']:.2g} at the end,"
        f" {section['expected_rate']:.2g} at {section['expected_ngrams']:,} n-grams"
    )

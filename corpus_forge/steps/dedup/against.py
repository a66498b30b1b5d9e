"""Finding the index of an earlier run that a step can look its keys up in, and saying why there is none.

Keys can be compared only where they were made in the same way: with other shingles, permutations, normalization or scope equal
documents have other keys, and nothing would be found without a word. So what differs is said before the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from corpus_forge.errors import InputError
from corpus_forge.io.key_index import KeyIndex, find_indexes


class Looks(Protocol):
    """A step that looks keys up."""

    against: tuple[str, ...]
    method: str

    def index_keys(self) -> dict[str, Any]:
        """What decides its keys."""

    def notes_dtype(self) -> np.dtype | None:
        """What it looks up of each document besides."""

    def notes_lists(self) -> bool:
        """Whether that is a list too."""


def earlier_index(run: str, step: Looks) -> KeyIndex:
    """The last index of the run whose keys are those of the step; InputError says what is missing or what differs."""
    found = find_indexes(run)
    wanted, method = step.index_keys(), step.method
    alike = [index for index in found if index.keys.get("method") == method]
    if not alike:
        there = ", ".join(str(index.keys.get("method")) for index in found)
        raise InputError(f"{run}: its index is of method {there}, and this step's method is {method}.")
    fitting = [index for index in alike if dict(index.keys) == wanted]
    if not fitting:
        raise InputError(
            f"{run}: its index has other keys: {_differences(alike[-1].keys, wanted)}."
            " Give this step the same parameters, or run that run again with these."
        )
    missing = _missing_notes(fitting[-1], step)
    if missing:
        raise InputError(
            f"{run}: its index keeps no {missing}, which `verify` compares. Run that run again with the same `verify`."
        )
    return fitting[-1]


def earlier_problems(step: Looks) -> list[str]:
    """A sentence for each run that cannot be looked up."""
    said, names = [], []
    for run in step.against:
        try:
            index = earlier_index(run, step)
        except InputError as error:
            said.append(f"against: {error}")
            continue
        names.append(index.name)
        if index.there() != index.bytes:
            said.append(f"against: {index.folder}: {index.there()} bytes, and it should be {index.bytes}. Run that run again.")
        if names.count(index.name) == 2:
            said.append(f"against: two runs are named '{index.name}', and a report could not tell them apart. Rename one.")
    return said


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    keys = sorted(key for key in {*there, *here} if there.get(key) != here.get(key))
    return ", ".join(f"{key} is {there.get(key)} there and {here.get(key)} here" for key in keys)


def _missing_notes(index: KeyIndex, step: Looks) -> str:
    """What pairs are verified by, and the index does not have."""
    dtype = step.notes_dtype()
    wants = dtype is not None and "signature" in (dtype.names or ())
    if wants and "signature" not in [name for name, *_ in index.notes]:
        return "signatures"
    return "shingles" if step.notes_lists() and not index.lists else ""

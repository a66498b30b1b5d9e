"""What MADLAD-400's rules count of a text."""

from __future__ import annotations

from enum import IntEnum


class MadladCount(IntEnum):
    """Column of int64[n, len(MadladCount)]: sentences, and those that a rule finds."""

    SENTENCES = 0
    LIST_CASE = 1
    ODD_LENGTH = 2
    TECHNICAL = 3
    CURSED = 4
    QUESTIONABLE = 5
    """That any of the four finds."""

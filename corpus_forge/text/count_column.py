"""What enums of counts are made of: integers that index columns, and that know which pass they are of."""

from __future__ import annotations

from enum import Enum, IntEnum


class CountColumn(IntEnum):
    """Column of an array of counts. Members of two enums are never equal, so that a set may hold counts of several passes."""

    def __eq__(self, other: object) -> bool:
        return self is other if isinstance(other, Enum) else int.__eq__(self, other)  # type: ignore[arg-type]

    __hash__ = int.__hash__

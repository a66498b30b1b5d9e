"""Columns that depend on a step's parameters, where most steps need and give the same ones always."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class OwnColumns:
    """In place of the tuple of `needs` or `gives`: `needs: ClassVar[Any] = OwnColumns(lambda step: step.columns)`.

    Of the class, where no parameters are known, there are none.
    """

    def __init__(self, columns: Callable[[Any], Iterable[str]]) -> None:
        self._columns = columns

    def __get__(self, step: Any, owner: type) -> tuple[str, ...]:
        return () if step is None else tuple(self._columns(step))

"""Columns that depend on a step's parameters, where most steps need and give the same ones always."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class OwnColumns:
    """In place of the tuple of `needs` or `gives`: `needs: ClassVar[Any] = OwnColumns(lambda step: step.columns)`.

    Of the class, where no parameters are known, there are those that it has `always`.
    """

    def __init__(self, columns: Callable[[Any], Iterable[str]], always: tuple[str, ...] = ()) -> None:
        self._columns, self._always = columns, always

    def __get__(self, step: Any, owner: type) -> tuple[str, ...]:
        return self._always if step is None else (*self._always, *self._columns(step))

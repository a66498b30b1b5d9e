"""Numbers that lie in a second file beside the documents: quality signals of RedPajama v2, attributes of dolma.

Both are JSON Lines, and the path of the second follows from that of the first. Its numbers are held in memory while a file is
read, 8 bytes each, found by the document's key or, where documents have none, by the number of the row; so the second file may
have another order, and holes. A document without an entry is quarantined: a rule could not judge it.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from corpus_forge.document import Fault
from corpus_forge.errors import InputError
from corpus_forge.io.compression import DamagedStream, open_decompressed
from corpus_forge.io.fields import Fields, as_number, find
from corpus_forge.io.lines import lines
from corpus_forge.io.paths import open_input
from corpus_forge.io.source import Access

MAX_LINE_BYTES = 64 << 20


class Join(BaseModel):
    """Where the second file lies, how its lines belong to documents, and which numbers are taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: dict[str, str] = Field(min_length=1)
    """What to put in the place of what in the document's path: {documents/: quality_signals/}; the last occurrence counts."""
    key: Fields = ("id",)
    """Field of a document that names it."""
    their_key: Fields = ("id",)
    """Field of a line of the second file that names the document."""
    their_row: Fields = ()
    """Field that holds the number of the document's row, from 0; for documents without a key."""
    columns: dict[str, Fields] = Field(min_length=1)
    """Name of a column and its field in the second file: a number, or spans [[start, end, number]], whose mean is taken."""

    def path_beside(self, uri: str) -> str:
        """The second file. InputError when the path has none of the parts that tell where it is."""
        for old, new in self.path.items():
            before, found, after = uri.rpartition(old)
            if not found:
                raise InputError(f"{uri}: join needs '{old}' in the path, to find the file beside it. Correct join.path.")
            uri = f"{before}{new}{after}"
        return uri

    def load(self, uri: str, access: Access) -> Joined:
        """The numbers beside a file of documents."""
        return Joined(self, self.path_beside(uri), access)


class Joined:
    """The second file in memory: `numbers` is what it says of a document."""

    def __init__(self, join: Join, uri: str, access: Access) -> None:
        self._join, self._problem = join, ""
        self._of_key: dict[Any, array[float]] = {}
        self._of_row: dict[int, array[float]] = {}
        with open_input(uri, access) as raw:
            try:
                for line in lines(open_decompressed(raw).blocks(), MAX_LINE_BYTES):
                    self._add(line or b"")
            except DamagedStream as damage:
                self._problem = f"; in {uri} {damage}"

    def _add(self, line: bytes) -> None:
        """One line; what is no object, or has a number that is none, is as good as absent."""
        try:
            entry = json.loads(line)
            values = array("d", [self._number(entry, fields) for fields in self._join.columns.values()])
        except (ValueError, TypeError, RecursionError, OverflowError):
            return
        key, row = find(entry, self._join.their_key), find(entry, self._join.their_row)
        if isinstance(key, str | int):
            self._of_key.setdefault(key, values)
        if isinstance(row, int):
            self._of_row.setdefault(row, values)

    @staticmethod
    def _number(entry: Any, fields: tuple[str, ...]) -> float:
        if not isinstance(entry, dict):
            raise TypeError("no object")
        value = find(entry, fields)
        number = float("nan") if value is None else as_number(value)
        if number is None:
            raise TypeError("no number")
        return number

    def numbers(self, record: Mapping[str, Any], row: int) -> tuple[float | None, ...] | Fault:
        """A number, or None, for each of the join's columns."""
        key = find(record, self._join.key)
        found = self._of_row.get(row) if key is None else self._of_key.get(key) if isinstance(key, str | int) else None
        if found is None:
            which = f"row {row}" if key is None else f"key {str(key)[:80]!r}"
            return Fault("record:not_joined", f"the file beside has no usable line for {which}{self._problem}")
        return tuple(None if math.isnan(value) else value for value in found)

"""Folders that Hugging Face's `datasets` saved with `save_to_disk`; the format `hf_dataset`.

Such a folder has Arrow streams and a `state.json` that lists them; a `DatasetDict` is a folder of such folders, and `split`
chooses one. The library itself is not needed. Its cache has the same streams without a `state.json`: name the `.arrow` files.
A stream that is cut or damaged costs what follows the damage, one quarantined row; `offset` is the number of the row in its
file, from 0.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import Field

from corpus_forge.document import Fault, Outcome
from corpus_forge.errors import InputError, nearest
from corpus_forge.io.arrow_records import ArrowRecords, one_fault
from corpus_forge.io.paths import expand, has_glob, open_input
from corpus_forge.io.records import RecordSource
from corpus_forge.io.source import BATCH_ROWS, Access, Piece
from corpus_forge.registry import formats

STATE, PARTS = "state.json", "dataset_dict.json"
_DAMAGE = (pa.ArrowException, OSError, ValueError)


@formats.add("hf_dataset")
class HfDatasetSource(RecordSource):
    """Datasets saved by Hugging Face's save_to_disk: folders, or single .arrow files."""

    format = "hf_dataset"

    split_name: str | None = Field(default=None, alias="split", pattern=r"^[A-Za-z0-9_.-]+$")
    """Part of a DatasetDict, such as train."""

    def locate(self, access: Access) -> list[str]:
        """Arrow files of all folders, sorted. InputError for a folder that is no saved dataset."""
        found: set[str] = set()
        for path in self.paths:
            for each in _matches(path):
                found.update(self._arrow_files(Path(each)) if Path(each).is_dir() else expand([each], access))
        return sorted(found)

    def _arrow_files(self, folder: Path) -> list[str]:
        if (folder / PARTS).is_file():
            splits = [str(name) for name in _json(folder / PARTS).get("splits", ())]
            if self.split_name not in splits:
                asked = f"it has no split '{self.split_name}'. " if self.split_name else "it has several splits: name one. "
                raise InputError(f"{folder}: {asked}{nearest(self.split_name or '', splits)} Write `split: NAME`.")
            folder /= self.split_name
        if not (folder / STATE).is_file():
            raise InputError(f"{folder}: no {STATE}, so it is no folder that `save_to_disk` wrote. Name its .arrow files.")
        state = _json(folder / STATE)
        if state.get("_indices_data_files") or state.get("_indices_files"):
            raise InputError(f"{folder}: rows are chosen by an index file. Call flatten_indices() and save_to_disk() again.")
        return [str(folder / _plain_name(folder, entry)) for entry in state.get("_data_files", ())]

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """See Source."""
        row = 0
        with open_input(piece.uri, access) as raw:
            try:
                reader = pa.ipc.open_stream(raw)
                records = ArrowRecords(self, reader.schema)
                if records.fault is not None:
                    yield one_fault(self, 0, records.fault)
                    return
                for batch in reader:
                    batch.validate(full=True)
                    for start in range(0, batch.num_rows, BATCH_ROWS):
                        yield from records.outcomes(batch.slice(start, BATCH_ROWS).select(records.columns()), row + start)
                    row += batch.num_rows
            except _DAMAGE as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                reason = "record:damaged" if row else "file:not_arrow"
                yield one_fault(self, row, Fault(reason, f"the stream cannot be read from row {row}: {error}"))


def _matches(path: str) -> list[str]:
    """Folders and files that a path stands for; what is none of them is left for `expand` to refuse."""
    if "://" in path or path.startswith("@") or not has_glob(path):
        return [path]
    return sorted(glob.glob(path, recursive=True)) or [path]  # noqa: PTH207 - Path.glob takes no absolute pattern


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}.") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: is no JSON object.")
    return value


def _plain_name(folder: Path, entry: Any) -> str:
    """A file of this very folder, whatever state.json says."""
    name = entry.get("filename") if isinstance(entry, dict) else None
    if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
        raise InputError(f"{folder / STATE}: lists {json.dumps(entry)[:80]}, which is no file of this folder.")
    return name

"""A folder that a command makes: there whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus_forge.errors import RequestError


@contextmanager
def new_folder(output: str | Path) -> Iterator[Path]:
    """A folder to fill, which becomes `output` when all goes well, and else goes away. RequestError when `output` exists."""
    target = Path(output)
    if target.exists():
        raise RequestError(f"-o {output}: exists. Name a folder that does not.")
    part = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
    except OSError as error:
        raise RequestError(f"-o {output}: cannot be made: {error.strerror}.") from error
    try:
        yield part
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)

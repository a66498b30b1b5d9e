"""Own steps and engines: files named with `--plugin FILE.py`, and installed packages by entry point.

A plugin registers what it brings (`corpus_forge.registry`) when it is imported. Files are loaded by path under a private
module name made from their path, so that they cannot shadow a package, and every process that runs a pipeline loads the
same list. The list is part of a job, never of a pipeline file: YAML cannot make the program import anything.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path

from corpus_forge.errors import InputError

ENTRY_POINT_GROUP = "corpus_forge.plugins"
_loaded: dict[str, str] = {}


def load_plugins(paths: Iterable[str]) -> None:
    """Import each file once per process and content; InputError names the file that is missing or fails."""
    for path in paths:
        _load_file(Path(path).resolve())


def load_entry_points() -> None:
    """Import installed plugins: each entry point of the group names a module. InputError when one fails."""
    for point in entry_points(group=ENTRY_POINT_GROUP):
        try:
            point.load()
        except (Exception, SystemExit) as error:
            raise InputError(
                f"installed plugin {point.name} = {point.value}: {type(error).__name__} while loading it: {error}"
                " Repair or uninstall the package that brings it."
            ) from error


def loaded_plugins() -> list[str]:
    """Paths of the plugin files of this process, in loading order; child processes load the same."""
    return list(_loaded)


def plugin_digests() -> dict[str, str]:
    """sha256 of each loaded plugin file: part of the fingerprint of the steps it brings."""
    return dict(_loaded)


def _load_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"--plugin {path}: no such file.")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if _loaded.get(str(path)) == digest:
        return
    name = f"corpus_forge_plugin_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"--plugin {path}: not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise InputError(f"--plugin {path}: {type(error).__name__} while loading it: {error}") from error
    _loaded[str(path)] = digest

"""From a Python function to a step: its parameters, the types of its columns, the digest of its file."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import CodeType
from typing import Any, get_type_hints

import pyarrow as pa
from pydantic import create_model

from corpus_forge.document import READ_FIELDS
from corpus_forge.errors import RequestError
from corpus_forge.plugins import plugin_digests

KNOWN_TYPES = {
    "text": pa.large_string(),
    "html": pa.large_string(),
    "source": pa.string(),
    "language": pa.string(),
    "language_score": pa.float32(),
    **READ_FIELDS,
}
FIXED = ("record", "offset", "length", "source")
"""Columns that say where a document is from; a step may not write them."""


def make_step(base: type, name: str, function: Callable[..., Any]) -> Any:
    """A class of steps whose fields are the function's keyword-only arguments. RequestError for other signatures."""
    fields = _fields(name, function)
    taken = [field for field in fields if hasattr(base, field) or field == "function" or field.startswith(("_", "model_"))]
    if taken:
        raise RequestError(f"step '{name}': a parameter cannot be called '{taken[0]}', every step has that. Rename it.")
    step: Any = create_model(
        function.__name__, __base__=base, __module__=function.__module__, __doc__=function.__doc__, **fields
    )
    step.__qualname__ = function.__qualname__
    step.name, step.function = name, staticmethod(function)
    return step


def _fields(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    parameters = list(inspect.signature(function).parameters.values())
    named = parameters[1:]
    odd = [other.name for other in named if other.kind is not inspect.Parameter.KEYWORD_ONLY]
    if not parameters or parameters[0].kind is inspect.Parameter.KEYWORD_ONLY or odd:
        said = f"its parameter '{odd[0]}' is not behind a *" if odd else "it takes no document"
        raise RequestError(f"step '{name}': {said}. Write def {function.__name__}(document, *, parameter: type = default).")
    hints = get_type_hints(function, include_extras=True)
    return {
        other.name: (hints.get(other.name, Any), ... if other.default is inspect.Parameter.empty else other.default)
        for other in named
    }


def column_types(name: str, gives: Iterable[str] | Mapping[str, pa.DataType]) -> dict[str, pa.DataType]:
    """Arrow type by column: as given, else that of a column known to all, else float64: a signal."""
    named = gives if isinstance(gives, Mapping) else {column: KNOWN_TYPES.get(column, pa.float64()) for column in gives}
    fixed = [column for column in named if column in FIXED]
    if fixed:
        raise RequestError(f"step '{name}' cannot give '{fixed[0]}': it says where a document is from. Choose another name.")
    return dict(named)


def function_digest(function: Callable[..., Any]) -> str:
    """sha256 of the plugin file the function is in, as it was when loaded; else of its file, if any, and of its code.

    A notebook or a script may define a function of the same name again; what its code refers to by name is not looked into.
    """
    code = inspect.unwrap(function).__code__
    path = Path(code.co_filename).resolve()
    digest = plugin_digests().get(str(path))
    if digest is not None:
        return digest
    written = path.read_bytes() if path.is_file() else b""
    return hashlib.sha256(written + _code_text(code).encode("utf-8", "surrogatepass")).hexdigest()


def _code_text(code: CodeType) -> str:
    """Instructions, names and constants: the same for the same source in every process, whatever the hash seed."""
    constants = [_code_text(each) if isinstance(each, CodeType) else _constant(each) for each in code.co_consts]
    return repr((code.co_code, code.co_names, code.co_varnames, constants))


def _constant(value: Any) -> str:
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)

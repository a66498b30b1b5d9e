"""Own steps in Python: a decorated function in a `--plugin FILE.py` or an installed plugin.

    @document_step("shout", gives=("score",))
    def shout(document: dict, *, loud: bool = False):
        return {"text": document["text"].upper()} if loud else None

    @batch_step("score", gives=("score",))
    def score(batch: pa.RecordBatch): ...

`- shout: {loud: true}` and `- python: {function: shout, loud: true}` do the same in a pipeline file. Keyword-only arguments
are the parameters, typed by their annotations. The digest of the file is part of the fingerprint, that of what it imports is
not: raise `version` when that changes. A document costs some 10 µs and a copy of its text in Python; batch steps cost neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeVar

import pyarrow as pa
from pydantic import ConfigDict, Field, PrivateAttr, model_validator

from corpus_forge.document import Outcome
from corpus_forge.errors import nearest
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.python_batches import checked_answer
from corpus_forge.steps.python_documents import apply_to_documents
from corpus_forge.steps.python_functions import column_types, function_digest, make_step

F = TypeVar("F", bound=Callable[..., Any])
Gives = Iterable[str] | Mapping[str, pa.DataType]


class FunctionStep(MapStep):
    """A step made of a function; its fields are the function's keyword-only arguments."""

    function: ClassVar[Callable[..., Any]]
    types: ClassVar[dict[str, pa.DataType]]
    """Of the columns it gives."""

    def identity(self) -> dict[str, Any]:
        """With the digest of the file that the function is in."""
        return {**super().identity(), "sha256": function_digest(type(self).function)}

    def parameters(self) -> dict[str, Any]:
        """Keyword arguments for the function."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class DocumentStep(FunctionStep):
    """A function over one document; see `document_step`."""

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that calls the user's for each row; its exceptions quarantine that row."""
        function, parameters = type(self).function, self.parameters()
        return lambda batch: apply_to_documents(self.name, lambda row: function(row, **parameters), batch, self.types)


class BatchStep(FunctionStep):
    """A function over a record batch; see `batch_step`."""

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that calls the user's and checks what it answers; RunError when that is not these documents."""
        function, parameters = type(self).function, self.parameters()
        return lambda batch: checked_answer(self.name, function(batch, **parameters), batch, self.types)


def document_step(
    name: str, *, version: int = 1, needs: Iterable[str] = ("text",), gives: Gives = (), costly: bool = False
) -> Callable[[F], F]:
    """Register a function over one document, a dict of its columns, as the step `name`; the function itself is unchanged.

    It answers None or True: keep. False: remove, rule `name`. A str: remove, and that is the detail. A `Removal`. Or a dict of
    columns to replace or add; those added must be in `gives`, names (numbers, float64) or a mapping to Arrow types.
    An exception quarantines that document with its type and message. RequestError for a signature that cannot be a step.
    """
    return _register(DocumentStep, name, version, needs, gives, costly)


def batch_step(
    name: str, *, version: int = 1, needs: Iterable[str] = ("text",), gives: Gives = (), costly: bool = False
) -> Callable[[F], F]:
    """Register a function over a `pa.RecordBatch` as the step `name`; the function itself is unchanged.

    It answers a batch with as many rows, in the same order, or an `Outcome`. How many rows a batch has must not matter.
    """
    return _register(BatchStep, name, version, needs, gives, costly)


def _register(
    base: type[FunctionStep], name: str, version: int, needs: Iterable[str], gives: Gives, costly: bool
) -> Callable[[F], F]:
    def register(function: F) -> F:
        types = column_types(name, gives)
        step = make_step(base, name, function)
        step.version, step.needs, step.gives, step.costly = version, tuple(needs), tuple(types), costly
        step.types = types
        steps.add(name)(step)
        return function

    return register


class _OfTheFunction:
    """A class variable of a step that an instance takes from the step that it stands for."""

    def __init__(self, default: Any) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, step: PythonStep | None, owner: type) -> Any:
        return self._default if step is None else getattr(step.stands_for, self._name)


@steps.add("python")
class PythonStep(MapStep):
    """Run a function of a plugin, registered with document_step or batch_step; its parameters go beside `function`."""

    model_config = ConfigDict(frozen=True, extra="allow", ignored_types=(_OfTheFunction,))

    name: ClassVar[str] = "python"
    shorthand: ClassVar[str | None] = "function"
    needs = _OfTheFunction(())
    gives = _OfTheFunction(())
    takes = _OfTheFunction(())
    costly = _OfTheFunction(False)

    function: str = Field(description="Name given to document_step or batch_step in a file that --plugin loads.")
    _step: FunctionStep = PrivateAttr()

    @model_validator(mode="after")
    def _find(self) -> PythonStep:
        known = [name for name in steps.names() if _is_function(steps.get(name))]
        if self.function not in known:
            raise ValueError(
                f"no Python function is registered as '{self.function}'. {nearest(self.function, known)}"
                " Give the file that has it with --plugin FILE.py."
            )
        self._step = steps.get(self.function).model_validate(self.model_extra or {})
        return self

    @property
    def stands_for(self) -> FunctionStep:
        """The step that `- NAME: {…}` would be."""
        return self._step

    def identity(self) -> dict[str, Any]:
        """That of the function's step, under this name."""
        return {**self._step.identity(), "step": self.name, "function": self.function}

    def problems(self) -> list[str]:
        """Those of the function's step."""
        return self._step.problems()

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """What the function's step starts."""
        return self._step.start()


def _is_function(entry: object) -> bool:
    """Whether a registered step is a function's: a family of steps is no class."""
    return isinstance(entry, type) and issubclass(entry, FunctionStep)

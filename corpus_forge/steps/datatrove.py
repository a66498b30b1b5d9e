"""Step `datatrove`: any filter class of datatrove inside a pipeline, its parameters beside its name.

    - datatrove: {filter: C4QualityFilter, filter_no_terminal_punct: false}

The class comes by its name from `datatrove.pipeline.filters` and from nowhere else. Its own code decides, one Python object a
document, so it runs as fast as datatrove does; rule sets named `@datatrove` say the same some hundred times as fast. What it
writes into a document's metadata is lost, what it leaves of the text is kept; an exception quarantines the document. Needs the
extra `interop`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar, get_args

import pyarrow as pa
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from corpus_forge.document import PAYLOADS, Fault, Outcome, Removal, with_column
from corpus_forge.errors import ConfigError, nearest
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep

MODULE = "datatrove.pipeline.filters"
REFUSED = {
    "BaseFilter": "is no filter but what filters are made of",
    "LambdaFilter": "takes a Python function; write it as a step of your own (document_step, --plugin FILE.py)",
    "SamplerFilter": "draws a number for each document in the order they come, so that its sample would depend on the workers",
}
_OURS = ("self", "exclusion_writer", "batch_size")
"""Parameters that the engine's own accounting stands for."""
_DECIDE = ("datatrove", "spacy", "nltk", "tldextract", "fasttext-numpy2-wheel")
"""Packages whose version may change what a filter says."""
_REASON = re.compile(r"[\w-]{1,60}")
_DETAIL_CHARACTERS = 500


@steps.add("datatrove")
class DatatroveStep(MapStep):
    """Run a filter class of datatrove, by its name; its parameters go beside `filter`. Needs the extra interop."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: ClassVar[str] = "datatrove"
    shorthand: ClassVar[str | None] = "filter"
    gives: ClassVar[tuple[str, ...]] = ("text",)
    decides: ClassVar[bool] = True
    leaves_text: ClassVar[bool] = True

    filter: str = Field(description="Name of a class of datatrove.pipeline.filters, such as C4QualityFilter.")

    def identity(self) -> dict[str, Any]:
        """With the versions of datatrove and of what it splits words with."""
        return {**super().identity(), "versions": {name: _version(name) for name in _DECIDE}}

    def problems(self) -> list[str]:
        """The extra is not installed, there is no such class, or parameters that are not the class's."""
        try:
            self._make()
        except ValueError as error:
            return [str(error)]
        return []

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that shows each document to the filter. ConfigError for what `problems` says."""
        try:
            judge = self._make().filter
        except ValueError as error:
            raise ConfigError("datatrove", str(error)) from None
        return lambda batch: _judged(batch, judge, f"datatrove.{self.filter}")

    def _make(self) -> Any:
        """The filter; ValueError says what is wrong with the request."""
        made, given = _class(self.filter), dict(self.model_extra or {})
        _check(made, given)
        try:
            return made(**given)
        except Exception as error:  # noqa: BLE001 - whatever a constructor raises, it is about these parameters or a missing package
            raise ValueError(f"{self.filter} cannot be made: {type(error).__name__}: {error}") from None


def _class(name: str) -> type:
    """The filter class of that name."""
    try:
        import datatrove.pipeline.filters as found
    except ImportError as error:
        raise ValueError(f"datatrove is not installed ({error}). Install it: pip install 'corpus-forge[interop]'.") from None
    known = {each: entry for each, entry in vars(found).items() if isinstance(entry, type) and each not in REFUSED}
    if name in REFUSED:
        raise ValueError(f"{name} {REFUSED[name]}. Others: {', '.join(sorted(known))}.")
    if name not in known:
        raise ValueError(f"{MODULE} has no filter '{name}'. {nearest(name, known)} It has {', '.join(sorted(known))}.")
    return known[name]


def _check(made: type, given: Mapping[str, Any]) -> None:
    """Every parameter is one of the class's, plain values have its type, and none is missing."""
    signature = inspect.signature(made.__init__)  # type: ignore[misc]
    known = {name: each for name, each in signature.parameters.items() if name not in _OURS}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"{made.__name__} has no parameter '{name}'. {nearest(name, known)} It has {', '.join(known)}.")
        _check_type(f"{made.__name__}.{name}", known[name].annotation, value)
    missing = [name for name, each in known.items() if each.default is inspect.Parameter.empty and name not in given]
    if missing:
        raise ValueError(f"{made.__name__} needs '{missing[0]}'. Give it beside `filter`.")


def _check_type(where: str, annotation: Any, value: Any) -> None:
    """Numbers, words and switches are held against the annotation; what is made of others the constructor must judge."""
    plain = (int, float, str, bool, type(None))
    if any(kind not in plain for kind in get_args(annotation) or (annotation,)):
        return
    try:
        TypeAdapter(annotation).validate_python(value, strict=not isinstance(value, int))
    except ValidationError as error:
        raise ValueError(f"{where}: {value!r}: {error.errors()[0]['msg']}.") from None


def _judged(batch: pa.RecordBatch, judge: Callable[[Any], Any], rule: str) -> Outcome:
    """What the filter says of each row, and the text that it leaves."""
    from datatrove.data import Document

    removed: dict[int, Removal] = {}
    faults: dict[int, Fault] = {}
    changed: dict[int, str] = {}
    for row, columns in enumerate(batch.to_pylist()):
        text = columns["text"] or ""
        metadata = {name: value for name, value in columns.items() if name not in PAYLOADS}
        document = Document(text=text, id=str(columns.get("record", row)), metadata=metadata)
        try:
            verdict = judge(document)
        except Exception as error:  # noqa: BLE001 - this document caused it, and the others go on
            faults[row] = Fault(f"exception:{type(error).__name__}", str(error)[:_DETAIL_CHARACTERS])
            continue
        keep, reason = verdict if isinstance(verdict, tuple) else (verdict, "")
        if not keep:
            removed[row] = _removal(rule, str(reason or ""))
        elif document.text != text:
            changed[row] = document.text
    cleaned = {"texts": len(changed)} if changed else {}
    return Outcome(_with_texts(batch, changed), removed, faults, cleaned=cleaned)


def _removal(rule: str, reason: str) -> Removal:
    """Counted by reason where that is a name; one that holds a number or a sentence is the detail."""
    named = bool(_REASON.fullmatch(reason))
    return Removal(f"{rule}.{reason}" if named else rule, detail="" if named else reason[:_DETAIL_CHARACTERS])


def _with_texts(batch: pa.RecordBatch, changed: Mapping[int, str]) -> pa.RecordBatch:
    if not changed:
        return batch
    texts = [changed.get(row, text) for row, text in enumerate(batch["text"].to_pylist())]
    return with_column(batch, "text", pa.array(texts, batch["text"].type))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None

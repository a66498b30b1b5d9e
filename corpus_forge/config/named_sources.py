"""Named corpora as data: `format: c4` is a format with its fields filled in, from a small YAML file.

`sources/` has one file for each; `format: ./mine.yaml` names a file of your own. A name is resolved when the pipeline is read:
what a run records, and what its fingerprint is made of, is the plain format with its parameters, so workers need no file, and
a better licence note runs nothing again. What a pipeline says itself comes first; of `columns`, name by name, and null takes
one away.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus_forge import registry
from corpus_forge.config.loader import decode_yaml, parse_yaml
from corpus_forge.config.messages import in_words, shown
from corpus_forge.config.recipes import ROOTS
from corpus_forge.errors import ConfigError, InputError, nearest


class NamedSource(BaseModel):
    """What a file of `sources/` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, description="What the corpus is, in a line.")
    format: str = Field(description="A registered format.")
    read: dict[str, Any] = Field(default={}, description="Parameters of that format.")
    subsets: tuple[str, ...] = Field(default=(), description="Values that `subset` may take; any when it is left out.")
    licence: str = Field(min_length=1, description="Under what terms the corpus may be used, and by whose word.")
    where: str = Field(min_length=1, description="Where it is to be had, and in which files.")
    citation: str = Field(min_length=1, description="Who made it; a paper or a page.")
    notes: str = Field(default="", description="What people should know before they use it.")


@cache
def shipped() -> dict[str, Path]:
    """Name and file of each named corpus that comes along, sorted by name; a checkout comes before an installed copy."""
    found: dict[str, Path] = {}
    for root in ROOTS:
        for path in sorted((root / "sources").glob("*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def shipped_of(formats: Container[str]) -> list[str]:
    """Names of the corpora that are read by one of the formats."""
    return [name for name in shipped() if load_source(name).format in formats]


def is_path(kind: str) -> bool:
    """Is this the path of a file, rather than a name?"""
    return "/" in kind or kind.endswith((".yaml", ".yml"))


def known(kind: object) -> bool:
    """Does a pipeline's `format` name a corpus? `fineweb-edu` and `fineweb_edu` are one."""
    return isinstance(kind, str) and (is_path(kind) or kind.replace("-", "_") in shipped())


def load_source(kind: str) -> NamedSource:
    """The corpus of that name or in that file. InputError when the file cannot be read, ConfigError for what stands in it."""
    path = Path(kind) if is_path(kind) else shipped()[kind.replace("-", "_")]
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}. Shipped corpora: {', '.join(shipped())}.") from error
    values = parse_yaml(decode_yaml(data, str(path)), str(path))
    if not isinstance(values, dict):
        raise ConfigError(
            str(path), "must be a mapping with title, format, licence, where and citation.", "See docs/sources.md."
        )
    try:
        source = NamedSource.model_validate(values)
    except ValidationError as error:
        raise in_words(error, values, NamedSource, f"{path}: ", " See docs/sources.md.")[0] from error
    return source


def _check_parameters(source: NamedSource, where: str) -> None:
    if source.format not in registry.formats:
        raise ConfigError(
            f"{where}: format", f"no source format is named '{source.format}'.", nearest(source.format, registry.formats)
        )
    fields = [field.alias or name for name, field in registry.formats.get(source.format).model_fields.items()]
    for key in source.read:
        if key not in fields or key == "name":
            raise ConfigError(
                f"{where}: read.{key}", f"the format {source.format} has no such parameter.", nearest(key, fields)
            )


def resolved(item: dict[str, Any], where: str) -> dict[str, Any]:
    """An entry of `sources:` that names a corpus, as one that names a format."""
    kind = item["format"]
    source = load_source(kind)
    _check_parameters(source, kind)
    _check_subset(source, item.get("subset"), f"{where}.subset", kind)
    values = {**source.read, **{key: value for key, value in item.items() if key != "format"}}
    if isinstance(item.get("columns"), dict):
        merged = {**source.read.get("columns", {}), **item["columns"]}
        values["columns"] = {name: field for name, field in merged.items() if field is not None}
    return {"corpus": Path(kind).stem if is_path(kind) else kind.replace("-", "_"), **values, "format": source.format}


def _check_subset(source: NamedSource, subset: Any, where: str, kind: str) -> None:
    for name in [subset] if isinstance(subset, str) else subset if isinstance(subset, list) else ():
        if source.subsets and name not in source.subsets:
            raise ConfigError(where, f"{kind} has no subset {shown(name)}.", nearest(str(name), source.subsets))

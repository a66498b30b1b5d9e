"""docs/sources.md: every named corpus and every format, made from `sources/` and the registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus_forge import registry
from corpus_forge.config.named_sources import NamedSource, load_source, shipped
from corpus_forge.config.schema import summary
from corpus_forge.io import BUILT_IN, load_formats

_INTRODUCTION = """# Sources

Made from `sources/*.yaml` and the formats' own parameters; after a change write it again:
`python -c "from corpus_forge.config.sources_page import write; write('docs/sources.md')"`.

A source of a pipeline has a `name`, a `format` and, nearly always, `paths`: files, globs, or `@list.txt`. Its format is one of
the formats below, or a named corpus, which is a format with its fields filled in:

    sources:
      - {name: c4, format: c4, paths: ["c4/en/c4-train.*.json.gz"]}
      - {name: arxiv, format: pile, subset: ArXiv, paths: ["pile/train/*.jsonl.zst"]}
      - {name: mine, format: jsonl, paths: [mine.jsonl], text_field: body.text, columns: {title: head.title}}
      - {name: ours, format: ./ours.yaml, paths: ["ours/*.parquet"]}

Whatever a corpus fills in can be said otherwise in the pipeline; of `columns` name by name, and `null` takes one away. gzip,
zstd, bz2 and xz are known by their first bytes. `check` reads the first records of each source and says which fields are
missing (`--no-read` leaves that out); in a run a broken record is quarantined with its reason, and the rest is read. Rules
over columns are the step `select`: `- select: {columns: {language: [en, de], language_score: [0.8, null]}}`.

## A corpus of your own

`format: ./ours.yaml`, with all that a file of `sources/` has:

    title: What it is
    format: jsonl
    read:
      text_field: content
      url_field: [meta.url, url]          # the first that a record has
      date_field: meta.crawled
      columns:
        title: meta.title                 # text; what is no text is kept as JSON
        score: {field: meta.score, type: number}
      subset_field: meta.part             # `subset: [a, b]` in a pipeline then chooses parts
    licence: CC-BY-4.0
    where: https://example.org/ours
    citation: Ours 2026
"""


def page() -> str:
    """The page as Markdown."""
    load_formats()
    corpora = {name: load_source(name) for name in shipped()}
    lines = [_INTRODUCTION, "## Named corpora", ""]
    for name, source in corpora.items():
        lines += _corpus(name, source)
    lines += ["## Formats", "", "| format | what it reads | parameters |", "|---|---|---|"]
    lines += [_format(name) for name in registry.formats if _built_in(name)]
    return "\n".join(lines) + "\n"


def write(path: str) -> None:
    """Write docs/sources.md anew."""
    Path(path).write_text(page(), "utf-8")


def _corpus(name: str, source: NamedSource) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    yield f"{source.title}."
    yield ""
    yield f"- Read as `{source.format}`: {_mapping(source.read) or 'as it is'}"
    if source.subsets:
        yield f"- Subsets: {', '.join(source.subsets)}"
    yield f"- Licence: {source.licence}"
    yield f"- Where: {source.where}"
    yield f"- Citation: {source.citation}"
    if source.notes:
        yield f"- {source.notes}"
    yield ""


def _mapping(read: dict[str, Any]) -> str:
    """Parameters in a line; of columns and joined columns the names only."""
    said = [f"{key} `{_value(value)}`" for key, value in read.items() if key not in ("columns", "join")]
    columns = [*read.get("columns", ()), *read.get("join", {}).get("columns", ())]
    return "; ".join(said + ([f"columns {', '.join(f'`{name}`' for name in columns)}"] if columns else []))


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _built_in(name: str) -> bool:
    return registry.formats.get(name).__module__.rpartition(".")[2] in BUILT_IN


def _format(name: str) -> str:
    model = registry.formats.get(name)
    fields = [field.alias or key for key, field in model.model_fields.items() if key not in ("name", "corpus", "paths")]
    return f"| `{name}` | {summary(model)} | {', '.join(f'`{field}`' for field in fields)} |"

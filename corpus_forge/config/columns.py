"""What can be known of a pipeline before it reads a byte: columns that no step before gives, models and files that are absent.

Each source is followed through the steps on its own, because sources give different columns: a page's `html` from WARC, a
`text` from JSONL. A step that would only turn one column into others which a source has already (`extract` for a JSONL
source) lets its documents pass, and is no problem.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from corpus_forge import registry
from corpus_forge.config.models import PipelineConfig
from corpus_forge.config.tokenize import TokenizeConfig
from corpus_forge.document import READ_FIELDS
from corpus_forge.errors import RequestError, nearest
from corpus_forge.io.source import Source

EVERYWHERE = ("record", "source", *READ_FIELDS)
"""Columns that every document has from the start."""


class Problem(NamedTuple):
    """Something wrong with a pipeline. `where` is the YAML path; an `error` stops a run, a `warning` does not."""

    where: str
    message: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.level}: {self.where}: {self.message}"


def check_columns(config: PipelineConfig) -> list[Problem]:
    """Problems of the steps and of `tokenize`, in the order of the file, each told once."""
    found: dict[Problem, None] = {}
    for source in config.sources:
        found.update(dict.fromkeys(_missing_columns(config, source)))
        found.update(dict.fromkeys(_missing_in_parts(config, source)))
    for index, step in enumerate(config.steps):
        where = f"steps[{index}].{step.name}"
        found.update(dict.fromkeys(Problem(where, message) for message in step.problems()))
        found.update(dict.fromkeys(_unknown_sources(config, where, step.named_sources())))
    found.update(dict.fromkeys(_tokenize_problems(config)))
    return list(found)


def _unknown_sources(config: PipelineConfig, where: str, named: Iterable[str]) -> Iterable[Problem]:
    known = [source.name for source in config.sources]
    for name in named:
        if name not in known:
            yield Problem(f"{where}.sources", f"no source is named '{name}'. {nearest(name, known)}")


def _missing_columns(config: PipelineConfig, source: Source) -> Iterable[Problem]:
    columns = {*EVERYWHERE, *source.gives, *source.extra_columns()}
    for index, step in enumerate(config.steps):
        missing = [name for name in step.needs if name not in columns]
        if missing and set(missing) <= set(step.takes) and set(step.gives) <= columns:
            continue
        for name in missing:
            yield Problem(f"steps[{index}].{step.name}", _no_column(name, source, config, index))
        columns = _behind(step, columns) | set(missing)
    if "text" not in columns:
        end = "tokenize" if config.tokenize else "steps"
        yield Problem(end, _no_column("text", source, config, len(config.steps)))


def _behind(step: Any, columns: set[str]) -> set[str]:
    """The columns that documents have behind a step, by those before it."""
    return (columns - set(step.takes)) | {*step.gives, *step.measures()}


def _missing_in_parts(config: PipelineConfig, source: Source) -> Iterable[Problem]:
    """Columns that rules of `mix` look at, and that documents of the source do not have in the end."""
    columns = {*EVERYWHERE, *source.gives, *source.extra_columns()}
    for step in config.steps:
        columns = _behind(step, columns)
    for name, part in config.mixed_parts().items():
        for column in part.where if part.source == source.name else ():
            if column not in columns:
                there = nearest(column, columns)
                yield Problem(f"mix.parts.{name}.where", f"documents of '{source.name}' have no column '{column}'. {there}")
            elif not isinstance(part.where[column][0] or part.where[column][-1], str) and _is_text(source, column):
                fix = f"`columns: {{{column}: {{field: …, type: number}}}}`"
                yield Problem(
                    f"mix.parts.{name}.where", f"column '{column}' of '{source.name}' is text, no number. {fix} reads it."
                )


def _is_text(source: Source, column: str) -> bool:
    """Whether a column that the source itself gives holds words; of columns that steps give nothing is known."""
    return str(source.extra_columns().get(column)) in {"string", "large_string"}


def _no_column(name: str, source: Source, config: PipelineConfig, index: int) -> str:
    """The column, who does not have it, and which step or source would give it."""
    says = f"documents of source '{source.name}' have no column '{name}' here."
    taken = next((step.name for step in config.steps[:index] if name in step.takes), None)
    if taken:
        return f"{says} The step '{taken}' before it takes it away: put this step before '{taken}'."
    later = next((step.name for step in config.steps[index:] if name in step.gives and name not in step.needs), None)
    if later:
        return f"{says} The step '{later}' gives it: put '{later}' before it."
    known = [pair for each in registry.steps for pair in registry.models_of(registry.steps, each)]
    givers = [each for each, step in known if name in step.gives and name not in step.needs]
    if givers:
        return f"{says} A step that gives it: {', '.join(givers)}."
    formats = [each for each in registry.formats if name in registry.formats.get(each).gives]
    return f"{says} " + (
        f"Source formats that give it: {', '.join(formats)}."
        if formats
        else f"No known step gives it; a source of records does with `columns: {{{name}: its_field}}`."
    )


def _tokenize_problems(config: PipelineConfig) -> Iterable[Problem]:
    tokenize = config.tokenize
    if tokenize is None:
        return
    if tokenize.shard_tokens < tokenize.seq_len:
        message = f"{tokenize.shard_tokens} is less than one row of {tokenize.seq_len} tokens; raise it or lower seq_len."
        yield Problem("tokenize.shard_tokens", message)
    if tokenize.tokenizer and not Path(tokenize.tokenizer).exists():
        message = f"no such file: '{tokenize.tokenizer}'. Give the path of a tokenizer.json, or `train: {{vocab_size: 32768}}`."
        yield Problem("tokenize.tokenizer", message)
    elif not tokenize.train:
        yield from _unusable(tokenize)


def _unusable(tokenize: TokenizeConfig) -> Iterable[Problem]:
    """What would end the run at its last stages: loading the tokenizer now costs a second, or a few for tiktoken ranks."""
    from corpus_forge.tokens.formats import read_tokenizer
    from corpus_forge.tokens.tokenizer import load_tokenizer

    ranks, specials = tokenize.tiktoken, {"eos": tokenize.eos} if tokenize.eos else None
    try:
        if ranks:
            found = read_tokenizer(ranks.ranks, ranks.pattern, ranks.special_tokens)
            load_tokenizer(found, specials=specials).packing_ids()
        else:
            load_tokenizer(str(tokenize.tokenizer), specials=specials).packing_ids()
    except RequestError as error:
        yield Problem(f"tokenize.{'tiktoken' if ranks else 'tokenizer'}", str(error))

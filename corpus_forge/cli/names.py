"""Verbs about what there is: names a pipeline file may use, the schema for editors, pipelines to start from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from corpus_forge import registry
from corpus_forge.cli.options import Plugins, examples

Rows = tuple[tuple[str, ...], Iterable[tuple[str, ...]]]


class Kind(StrEnum):
    """What can be listed."""

    steps = "steps"
    filters = "filters"
    signals = "signals"
    sources = "sources"
    pipelines = "pipelines"


@examples(
    "corpus-forge list steps        with their parameters; * is the one a bare value stands for",
    "corpus-forge list filters      rule sets; * is what a family's name alone means",
    "corpus-forge list sources      formats, and corpora such as c4 with their licences",
    "corpus-forge list signals",
)
def list_names(kind: Annotated[Kind, typer.Argument(help="What to list.", show_default=False)], plugin: Plugins = None) -> None:
    """List names that a pipeline file may use. Each comes with a sentence on what it is."""
    from corpus_forge.report.terminal import make_console
    from corpus_forge.report.views import names_view
    from corpus_forge.steps import load_names

    load_names(plugin or ())
    columns, rows = _LISTS[kind]()
    make_console().print(names_view(columns, rows))


@examples(
    "corpus-forge schema > pipeline.schema.json", "# yaml-language-server: $schema=pipeline.schema.json   first line of my.yaml"
)
def schema(plugin: Plugins = None) -> None:
    """Print the JSON Schema of pipeline files. Editors complete and check with it."""
    import json

    from corpus_forge.config import json_schema
    from corpus_forge.steps import load_names

    load_names(plugin or ())
    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@examples("corpus-forge init", "corpus-forge init commoncrawl -o my.yaml", "corpus-forge list pipelines")
def init(
    recipe: Annotated[str, typer.Argument(metavar="[RECIPE]", help="Name of a shipped pipeline.")] = "quickstart",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The new file; RECIPE.yaml by default.")
    ] = None,
) -> None:
    """Copy a shipped pipeline to a file of your own. Comments come along; an existing file is never overwritten."""
    from corpus_forge.config.recipes import copy_recipe

    written = copy_recipe(recipe, output or Path(f"{recipe}.yaml"))
    typer.echo(f"wrote {written}; next: corpus-forge check {written}, then corpus-forge run {written}")


def _steps() -> Rows:
    from corpus_forge.config.schema import summary

    models = [pair for name in registry.steps for pair in registry.models_of(registry.steps, name)]
    rows = [(label, _parameters(model), summary(model)) for label, model in models]
    return ("step", "parameters", "what it does"), rows


def _sources() -> Rows:
    """Formats, then named corpora, which are formats with their fields filled in."""
    from corpus_forge.config.named_sources import load_source, shipped
    from corpus_forge.config.schema import summary

    models = [registry.formats.get(name) for name in registry.formats]
    rows = [(name, _parameters(model), summary(model), "") for name, model in zip(registry.formats, models, strict=True)]
    for name in shipped():
        corpus = load_source(name)
        subsets = f", subset of {len(corpus.subsets)}" if corpus.subsets else ""
        rows.append((name, f"those of {corpus.format}{subsets}", f"{corpus.title}.", f"{corpus.licence}. {corpus.citation}"))
    return ("format", "parameters", "what it reads", "licence and citation"), rows


def _parameters(model: type) -> str:
    """Names of a model's parameters; * marks the shorthand, those that must be given come first and have no `=`."""
    shorthand = getattr(model, "shorthand", None)
    given = ((name, field) for name, field in model.model_fields.items() if name != "corpus")  # type: ignore[attr-defined]
    fields = sorted(given, key=lambda item: not item[1].is_required())
    return ", ".join(f"{field.alias or name}{'*' if name == shorthand else ''}" for name, field in fields)


def _pipelines() -> Rows:
    from corpus_forge.config.recipes import recipe_summary, recipes

    return ("pipeline", "what it makes"), [(name, recipe_summary(path)) for name, path in recipes().items()]


def _filters() -> Rows:
    from corpus_forge.rules import load_rules, shipped
    from corpus_forge.rules.listing import marked_name

    sets = [load_rules(name) for name in shipped()]
    rows = [(marked_name(rules.name), ", ".join(rule.signal for rule in rules.rules), rules.title) for rules in sets]
    return ("rule set", "signals", "what it keeps"), rows


def _signals() -> Rows:
    from corpus_forge.text.signals import registry as signals

    entries = [signals.get(name) for name in signals]
    return ("signal", "unit", "definition"), [(each.name, each.unit, each.described) for each in entries]


_LISTS: dict[Kind, Callable[[], Rows]] = {
    Kind.steps: _steps,
    Kind.filters: _filters,
    Kind.signals: _signals,
    Kind.sources: _sources,
    Kind.pipelines: _pipelines,
}

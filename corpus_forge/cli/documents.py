"""Verbs about documents of a run: those that were removed, and the whole life of one."""

from __future__ import annotations

from typing import Annotated

import typer

from corpus_forge.cli.options import Plugins, RunFolder, examples
from corpus_forge.errors import ConfigError


@examples(
    "corpus-forge removed demo-run",
    "corpus-forge removed demo-run --rule gopher_quality.word_count -n 50",
)
def removed(
    run: RunFolder,
    rule: Annotated[str | None, typer.Option(help="Only documents that this rule removed.")] = None,
    count: Annotated[int, typer.Option("-n", min=1, metavar="N", help="How many to show.")] = 10,
) -> None:
    """Print removed documents and why. Each with its rule, the value it looked at, its origin and how its text begins."""
    from corpus_forge.pipeline import Run
    from corpus_forge.report.terminal import make_console
    from corpus_forge.report.views import removed_view

    rows = Run.open(run).removed(rule=rule, limit=count)
    make_console().print(removed_view(rows.to_pylist()), soft_wrap=True)


@examples(
    "corpus-forge explain demo-run --id 4294967301",
    "corpus-forge explain demo-run --url https://example.org/page",
)
def explain(
    run: RunFolder,
    document: Annotated[int | None, typer.Option("--id", min=0, help="The document's id.")] = None,
    url: Annotated[str | None, typer.Option(help="The document's URL.")] = None,
    plugin: Plugins = None,
) -> None:
    """Tell one document's life. Where its bytes are, what each step said of it, where its tokens are."""
    from corpus_forge.pipeline import Run
    from corpus_forge.report.terminal import make_console
    from corpus_forge.report.views import explain_view
    from corpus_forge.steps import load_names

    if (document is None) == (url is None):
        raise typer.BadParameter("give exactly one of --id and --url.", param_hint="--id / --url")
    load_names(plugin or ())
    make_console().print(explain_view(Run.open(run).explain(id=document, url=url)))


@examples(
    "corpus-forge whatif demo-run --set gopher_quality.word_count=[80,100000]",
    "corpus-forge whatif demo-run --set gopher_quality.word_count=[20,null] --set gopher_quality.stop_word_count=[1,null]",
)
def whatif(
    run: RunFolder,
    intervals: Annotated[
        list[str],
        typer.Option("--set", metavar="FAMILY.SIGNAL=[LOW,HIGH]", help="Another interval; null is no bound. Repeatable."),
    ],
    plugin: Plugins = None,
) -> None:
    """Say what other intervals would have kept. From stored signals; wider ones need a run with `keep_signals: true`."""
    from corpus_forge.config.loader import parse_yaml
    from corpus_forge.pipeline import Run
    from corpus_forge.report.terminal import make_console
    from corpus_forge.report.whatif_view import whatif_view

    changes = {}
    for text in intervals:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--set {text}", "has no 'rule=interval'.", "For example gopher_quality.word_count=[80,100000].")
        changes[name.strip()] = parse_yaml(value, f"--set {name.strip()}")
    make_console().print(whatif_view(Run.open(run).whatif(changes, plugins=tuple(plugin or ()))), soft_wrap=True)

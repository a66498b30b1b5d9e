"""Verbs about documents of a run: those that were removed, and the whole life of one."""

from __future__ import annotations

from typing import Annotated

import typer

from corpus_forge.cli.options import Plugins, RunFolder, examples


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

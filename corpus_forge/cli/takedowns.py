"""Verbs for takedowns: where the tokens of documents lie, and tokens without them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus_forge.cli.options import examples

AnyFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help="The directory of a run; with --ids also a tokens folder.", show_default=False)
]
Urls = Annotated[list[str] | None, typer.Option("--url", help="Documents of this URL, exactly. Repeatable.")]
Domains = Annotated[list[str] | None, typer.Option("--domain", help="Documents of this host and all below it. Repeatable.")]
Ids = Annotated[Path | None, typer.Option("--ids", metavar="FILE", help="Documents by id, one a line.")]


@examples(
    "corpus-forge locate demo-run --url https://example.org/page",
    "corpus-forge locate demo-run --domain example.org --json > spans.jsonl",
)
def locate(
    run: AnyFolder,
    url: Urls = None,
    domain: Domains = None,
    ids: Ids = None,
    count: Annotated[int, typer.Option("-n", min=1, metavar="N", help="How many spans to show.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print all spans, one JSON object a line.")] = False,
) -> None:
    """List every span of tokens that documents have. Shard, row, first token and the one behind the last."""
    import json

    from corpus_forge.report.locate import Wanted, read_ids
    from corpus_forge.report.locate import locate as find
    from corpus_forge.report.plain import plain

    spans = find(run, Wanted.of(url or (), domain or (), read_ids(ids) if ids else ())).to_pylist()
    for span in spans if as_json else spans[:count]:
        place = f"{span['shard']} row {span['row']} tokens {span['start']} to {span['stop']}"
        typer.echo(json.dumps(span) if as_json else f"{span['id']}  {place}  {plain(span['url'], 200)}")
    if not as_json:
        documents, tokens = len({span["id"] for span in spans}), sum(span["stop"] - span["start"] for span in spans)
        more = f"; {len(spans) - count} more with -n or --json" if len(spans) > count else ""
        typer.echo(f"{documents} documents, {tokens:,} tokens in {len(spans)} spans{more}")


@examples(
    "corpus-forge redact-tokens demo-run --domain example.org -o demo-tokens-2",
    "corpus-forge redact-tokens demo-run --ids takedown.txt -o demo-tokens-2",
)
def redact_tokens(
    run: AnyFolder,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="The new tokens folder.")],
    url: Urls = None,
    domain: Domains = None,
    ids: Ids = None,
) -> None:
    """Write a run's tokens without some documents. Other shards stay as they are; redaction.json says what went."""
    from corpus_forge.report.locate import Wanted, read_ids
    from corpus_forge.report.redaction import redact

    made = redact(run, Wanted.of(url or (), domain or (), read_ids(ids) if ids else ()), output)
    shards = f"{len(made['rewritten'])} shards rewritten, {len(made['dropped'])} dropped, {made['as_they_were']} as they were"
    typer.echo(f"wrote {output} without {len(made['documents'])} documents, {made['tokens']:,} tokens; {shards}")
    typer.echo(f"{run} still holds them: remove its tokens/ and documents/ when the new folder is in use")

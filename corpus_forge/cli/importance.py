"""Verbs about importance weights: a model of what the target's texts are like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus_forge.cli.options import count_flag, examples, size_flag

_EPILOG = examples("corpus-forge importance train --target wiki.jsonl --raw demo-run -o importance.json")
group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def _about() -> None:
    """Weigh documents by how much likelier they are among target texts (DSIR)."""


group.callback(epilog=_EPILOG(_about).examples)(_about)


@examples(
    "corpus-forge importance train --target wiki.jsonl --raw demo-run -o importance.json",
    "corpus-forge importance train --target books/ --raw pool.parquet -o i.json --keep 0.2 --sample 1G --bucket 100K",
)
def train(
    target: Annotated[
        list[Path],
        typer.Option(
            "--target", metavar="TEXTS", help="Runs, or .jsonl, .parquet and .txt files of what is wanted. Repeatable."
        ),
    ],
    raw: Annotated[
        list[Path], typer.Option("--raw", metavar="TEXTS", help="The same of what is to be chosen from. Repeatable.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="MODEL.json", help="The new model.")],
    sample: Annotated[str, typer.Option(metavar="SIZE", help="Bytes of text of each kind, at most: 64MB, 1G.")] = "256MB",
    keep: Annotated[float, typer.Option(metavar="SHARE", help="Share of the raw texts that `least` is to keep.")] = 0.1,
    ngram: Annotated[int, typer.Option(help="Longest n-grams of words.")] = 2,
    bucket: Annotated[str, typer.Option(metavar="N", help="Features that n-grams are hashed to.")] = "10K",
) -> None:
    """Make a model of importance weights (DSIR), and the bound that draws a share of the raw texts by them."""
    from corpus_forge.report.classifier import texts_of
    from corpus_forge.report.importance import importance_to
    from corpus_forge.steps import load_names

    load_names(())
    most, how = size_flag(sample, "--sample"), (ngram, count_flag(bucket, "--bucket"))
    found = importance_to(output, texts_of(target, most), texts_of(raw, most), keep, how)
    typer.echo(f"{found['target']:,} target and {found['raw']:,} raw texts; an n-gram of theirs is likelier in the target by")
    typer.echo(f"{found['target_mean']:+.3f} and {found['raw_mean']:+.3f} nats. wrote {output}; as steps:")
    typer.echo(f"  - importance: {{model: {output}}}")
    typer.echo(f"  - sample: {{method: gumbel, by: importance, least: {found['least']!r}}}")


group.command("train", epilog=train.examples)(train)  # type: ignore[attr-defined]

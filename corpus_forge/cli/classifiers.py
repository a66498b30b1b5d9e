"""Verbs about classifiers: train one from examples, and say how well one parts two kinds of texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus_forge.cli.options import examples, size_flag

Positive = Annotated[
    list[Path],
    typer.Option("--positive", metavar="TEXTS", help="Runs, or .jsonl, .parquet and .txt files of good texts. Repeatable."),
]
Negative = Annotated[
    list[Path], typer.Option("--negative", metavar="TEXTS", help="The same of the pool that is to be filtered. Repeatable.")
]
Sample = Annotated[str, typer.Option(metavar="SIZE", help="Bytes of text of each kind, at most: 64MB, 1G.")]
Keep = Annotated[float, typer.Option(metavar="SHARE", help="Share of the negatives that the threshold is to keep.")]

_EPILOG = examples(
    "corpus-forge classifier train --positive good.jsonl --negative demo-run -o quality.bin",
    "corpus-forge classifier eval quality.bin --positive other.jsonl --negative pool.parquet",
)
UNDECIDED = 0.05
"""A model whose scores all lie so near has hardly begun to learn."""
group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def _about() -> None:
    """Train quality classifiers, and say how well they work."""


group.callback(epilog=_EPILOG(_about).examples)(_about)


@examples(
    "corpus-forge classifier train --positive good.jsonl --negative demo-run -o quality.bin",
    "corpus-forge classifier train --positive wiki.parquet --negative pool/ -o q.bin --keep 0.05 --sample 1G",
    "corpus-forge classifier train --positive a.txt --negative b.txt -o small.bin --set dim=16 --set bucket=100K",
)
def train(
    positive: Positive,
    negative: Negative,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="MODEL.bin", help="The new model, in fastText's format.")],
    sample: Sample = "100MB",
    keep: Keep = 0.1,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="ngram=2, dim=100, epochs=5, rate=0.1, min_count=1, bucket=2M, held_out=0.1, seed=0. Repeatable.",
        ),
    ] = None,
) -> None:
    """Train a classifier of good texts, by DCLM's recipe. On one core; the same texts give the same bytes."""
    from corpus_forge.report.classifier import fit_view, texts_of, train_to
    from corpus_forge.report.terminal import make_console
    from corpus_forge.scoring.train import Recipe
    from corpus_forge.steps import load_names

    load_names(())
    recipe, most = Recipe.from_words(overrides or ()), size_flag(sample, "--sample")
    found = train_to(output, texts_of(positive, most), texts_of(negative, most), recipe, keep)
    make_console().print(fit_view(found["held_out"]))
    if found["held_out"]["spread"] < UNDECIDED:
        typer.echo(
            "All scores are nearly the same: too few texts for so few epochs. Name more, or --set rate=0.5 --set epochs=25."
        )
    typer.echo(f"wrote {output} and {output.with_suffix('.json')}; as a step:")
    interval = f"{{{found['held_out']['label']}: [{found['held_out']['threshold']:.9g}, null]}}"
    typer.echo(f"  - classify: {{model: {output}, sha256: {found['sha256']}, keep: {interval}}}")


@examples(
    "corpus-forge classifier eval quality.bin --positive other.jsonl --negative pool.parquet",
    "corpus-forge classifier eval their.bin --sha256 9f… --label __label__good --positive a.txt --negative b.txt --json",
)
def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A fastText model.", show_default=False)],
    positive: Positive,
    negative: Negative,
    sample: Sample = "100MB",
    label: Annotated[str, typer.Option(help="Label of the good texts, without __label__.")] = "hq",
    sha256: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Of the model's file; not needed for what `classifier train` wrote.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Say how well a classifier parts good texts from the pool. Precision, recall and what is kept, by threshold."""
    import json

    from corpus_forge.language.fasttext_model import model_digest
    from corpus_forge.report.classifier import digest_beside, fit_view, measured, texts_of
    from corpus_forge.report.terminal import make_console
    from corpus_forge.steps import load_names

    load_names(())
    digest = model_digest(str(model), sha256 or digest_beside(model))
    most = size_flag(sample, "--sample")
    found = measured(model, digest, label.removeprefix("__label__"), (texts_of(positive, most), texts_of(negative, most)))
    if as_json:
        typer.echo(json.dumps(found, indent=1))
    else:
        make_console().print(fit_view(found))


group.command("train", epilog=train.examples)(train)  # type: ignore[attr-defined]
group.command("eval", epilog=evaluate.examples)(evaluate)  # type: ignore[attr-defined]

"""Verbs about tokenizers: train one on texts, and say how well some fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from corpus_forge.cli.options import count_flag, examples, size_flag
from corpus_forge.errors import RequestError

Corpus = Annotated[
    list[Path],
    typer.Argument(metavar="CORPUS...", help="Run directories, or .jsonl, .parquet and .txt files.", show_default=False),
]
Weights = Annotated[
    list[str] | None,
    typer.Option(
        "--weight", metavar="SOURCE=NUMBER", help="Share of a source in the sample; by default what it holds. Repeatable."
    ),
]
Sample = Annotated[str, typer.Option(metavar="SIZE", help="Bytes of text to look at: 64MB, 1G.")]

_EPILOG = examples(
    "corpus-forge tokenizer train demo-run -o tokenizer.json --vocab-size 32K",
    "corpus-forge tokenizer eval demo-run --tokenizer tokenizer.json --tokenizer gpt2/",
)
group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def _about() -> None:
    """Train tokenizers, and say how well they fit a corpus."""


group.callback(epilog=_EPILOG(_about).examples)(_about)


@examples(
    "corpus-forge tokenizer train demo-run -o tokenizer.json --vocab-size 32K",
    "corpus-forge tokenizer train demo-run -o t.json --vocab-size 64K --weight web=0.7 --weight books=0.3",
    "corpus-forge tokenizer train texts.jsonl.gz -o model/ --kind unigram --vocab-size 16K",
)
def train(
    corpus: Corpus,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The new tokenizer.json, or a folder for it.")],
    vocab_size: Annotated[str, typer.Option(metavar="N", help="Ids, special tokens included: 32768, 32K.")] = "32768",
    kind: Annotated[
        str, typer.Option(metavar="bpe|unigram|wordpiece", help="bpe and unigram bring every text back; wordpiece is BERT's.")
    ] = "bpe",
    sample: Sample = "256MB",
    weight: Weights = None,
) -> None:
    """Train a tokenizer. With EOS, padding, mask and 100 sentinels as its first ids; the same corpus gives the same bytes."""
    from corpus_forge.report.sample import find_parts, sample_batches
    from corpus_forge.steps import load_names
    from corpus_forge.tokens.formats import SPM_FILE
    from corpus_forge.tokens.train_kinds import train_tokenizer

    load_names(())
    size, ids = size_flag(sample, "--sample"), count_flag(vocab_size, "--vocab-size")
    batches = sample_batches(find_parts(corpus), size, _weights(weight))
    made = train_tokenizer((batch.column("text") for _, batch in batches), ids, kind)
    file = output / "tokenizer.json" if output.is_dir() or not output.suffix else output
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(made.content)
    typer.echo(f"wrote {file}; next: corpus-forge tokenizer eval {corpus[0]} --tokenizer {file}")
    if made.sentencepiece is not None:
        (file.parent / SPM_FILE).write_bytes(made.sentencepiece)
        typer.echo(f"wrote {file.parent / SPM_FILE}, which encodes; keep both in one folder")


@examples(
    "corpus-forge tokenizer eval demo-run --tokenizer demo-run/tokens",
    "corpus-forge tokenizer eval demo-run --tokenizer a.json --tokenizer llama/ --json > fit.json",
)
def evaluate(
    corpus: Corpus,
    tokenizer: Annotated[
        list[str], typer.Option(metavar="FILE", help="A tokenizer.json, a SentencePiece .model, or a folder. Repeatable.")
    ],
    sample: Sample = "10MB",
    weight: Weights = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Say how well tokenizers fit. Bytes a token, tokens a word, unknown tokens, texts brought back; by source and language."""
    import json

    from corpus_forge.report.sample import by_language, find_parts, sample_batches
    from corpus_forge.report.terminal import make_console
    from corpus_forge.report.tokenizer_view import fit_view
    from corpus_forge.steps import load_names
    from corpus_forge.tokens.evaluate import Group, evaluate
    from corpus_forge.tokens.tokenizer import load_tokenizer

    load_names(())
    texts = by_language(sample_batches(find_parts(corpus), size_flag(sample, "--sample"), _weights(weight)))
    groups = [Group(source, language, each) for (source, language), each in texts.items()]
    rows = evaluate({name: load_tokenizer(name) for name in tokenizer}, groups)
    if as_json:
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        make_console().print(fit_view(rows))


group.command("train", epilog=train.examples)(train)  # type: ignore[attr-defined]
group.command("eval", epilog=evaluate.examples)(evaluate)  # type: ignore[attr-defined]


def _weights(given: Sequence[str] | None) -> dict[str, float]:
    weights: dict[str, float] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        try:
            weights[name] = float(value)
        except ValueError:
            equals = ""
        if not equals or not weights[name] >= 0:
            raise RequestError(f"--weight {text}: say SOURCE=NUMBER, such as web=0.7.")
    if weights and not sum(weights.values()):
        raise RequestError("--weight: all weights are 0.")
    return weights

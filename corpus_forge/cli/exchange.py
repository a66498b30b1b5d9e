"""Verbs between corpus-forge and other programs: models, tokens and texts out, tokens in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus_forge.cli.options import examples

NewFolder = Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="The new folder.")]


@examples(
    "corpus-forge export demo-run --to megatron -o megatron/      SOURCE-SPLIT.bin and .idx",
    "corpus-forge export demo-run --to nanogpt -o nanogpt/        train.bin, val.bin",
    "corpus-forge export demo-run --to jsonl -o texts/            the kept documents",
    "corpus-forge export MODEL --to hf -o my-model                a trained model",
)
def export(
    path: Annotated[
        Path, typer.Argument(metavar="RUN|MODEL", help="A run or its tokens/; for hf a model's folder.", show_default=False)
    ],
    to: Annotated[
        str,
        typer.Option(
            metavar="FORMAT",
            help="Tokens: megatron, nanogpt, llmc, datatrove, mds, litdata. Texts: jsonl, parquet. A model: hf.",
        ),
    ],
    output: NewFolder,
) -> None:
    """Write what was made in a format that others load. Tokens or texts of a run, or a trained model."""
    if to == "hf":
        from corpus_forge.cli.training import need_torch

        need_torch()
        from corpus_forge.train.export import export_hf

        typer.echo(f"wrote {export_hf(path, output)}")
        return
    from corpus_forge.exchange.export import export as write

    typer.echo(f"wrote {write(path, to, output)}; export.json says what is in it")


@examples(
    "corpus-forge import data/openwebtext/train.bin --from nanogpt --tokenizer gpt2/ -o tokens/",
    "corpus-forge import corpus_text_document --from megatron --tokenizer tokenizer.json -o tokens/ --packing best_fit",
)
def import_tokens(  # noqa: PLR0913, PLR0917 - one parameter a flag, and typer passes them by name
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="megatron: prefixes of .bin and .idx; nanogpt: .bin files.")
    ],
    form: Annotated[str, typer.Option("--from", metavar="megatron|nanogpt", help="What the files are.")],
    tokenizer: Annotated[
        Path, typer.Option(metavar="FILE", help="The tokenizer that made them: a tokenizer.json, a .model, or a folder.")
    ],
    output: NewFolder,
    seq_len: Annotated[int, typer.Option(metavar="N", help="Tokens in a row; a multiple of 128.")] = 2048,
    packing: Annotated[str, typer.Option(metavar="NAME", help="concat, best_fit, pad or one_per_row.")] = "concat",
    source: Annotated[str, typer.Option(metavar="NAME", help="What the source is called.")] = "imported",
    split: Annotated[str, typer.Option(metavar="train|validation", help="Which split they are.")] = "train",
) -> None:
    """Make token shards of tokens that others made. Ids are taken as they are; documents end at EOS."""
    from corpus_forge.exchange.imports import Packing, import_tokens

    made = import_tokens(paths, form, tokenizer, output, Packing(seq_len, packing, source, split))
    typer.echo(f"wrote {made}; corpus_forge.TokenDataset and corpus-forge train read it")

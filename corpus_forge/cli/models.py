"""Verbs about models: train one on the tokens of a run, let it write, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus_forge.cli.options import examples
from corpus_forge.cli.training import need_torch, shown, training_of_run
from corpus_forge.errors import RequestError

ModelFolder = Annotated[Path, typer.Argument(metavar="MODEL", help="The `output` of a training run.", show_default=False)]


@examples(
    "corpus-forge train train.yaml",
    "corpus-forge train train.yaml --set train.steps=200 --set model.preset=20m",
    "torchrun --nproc-per-node=8 -m corpus_forge.train train.yaml     on many GPUs",
)
def train(
    config: Annotated[
        Path,
        typer.Argument(metavar="CONFIG", help="A training file, or a run whose pipeline has `training:`.", show_default=False),
    ],
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value: train.steps=60. Repeatable.")
    ] = None,
    plot: Annotated[
        bool, typer.Option("--plot", help="Draw the curves to curves.svg in the model's folder at the end.")
    ] = False,
) -> None:
    """Train a model on token shards. The same command goes on where an earlier one stopped, bit for bit."""
    need_torch()
    from corpus_forge.train.config import load
    from corpus_forge.train.loop import train as run

    if (config / "run.json").is_file() and overrides:
        raise RequestError("--set changes a training file; a run's `training:` is changed in its pipeline, or by `run --set`.")
    loaded = training_of_run(config) if (config / "run.json").is_file() else load(config, overrides or ())
    with shown(loaded) as observe:
        last = run(loaded, observe)
    if plot:
        typer.echo(f"curves: {_draw(Path(loaded.output))}")
    typer.echo(f"step {last['step']}, written to {loaded.output}; next: corpus-forge generate {loaded.output} --prompt 'Once'")


@examples(
    "corpus-forge generate MODEL --prompt 'The museum'",
    "corpus-forge generate MODEL --prompt 'The' --tokens 200 --temperature 0",
)
def generate(
    model: ModelFolder,
    prompt: Annotated[str, typer.Option(help="What the text begins with.")],
    tokens: Annotated[int, typer.Option(min=1, help="Tokens to write, at most.")] = 100,
    temperature: Annotated[float, typer.Option(min=0.0, help="0 takes the likeliest token, 1 draws as the model says.")] = 0.8,
    top_k: Annotated[int, typer.Option(min=1, help="Draw among so many likeliest tokens.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Key of the draws.")] = 0,
) -> None:
    """Let a trained decoder go on with a text."""
    need_torch()
    from corpus_forge.tokens.tokenizer import load_tokenizer
    from corpus_forge.train.generate import generate_ids, load_model

    loaded = load_model(model)
    tokenizer = load_tokenizer(model)
    ids = tokenizer.encode([prompt]).ids.tolist()
    made = list(generate_ids(loaded, ids, tokens, temperature=temperature, top_k=top_k, seed=seed))
    typer.echo(tokenizer.decode([*ids, *made], skip_special=True))


@examples(
    "corpus-forge ablate ablation.yaml",
    "corpus-forge ablate ablation.yaml --quick                 a taste: 20m parameters, 20M tokens, two seeds",
    "corpus-forge ablate ablation.yaml --mix regmix            propose weights for the candidates as sources",
)
def ablate(
    config: Annotated[Path, typer.Argument(metavar="FILE", help="candidates, held_out, budget, output.", show_default=False)],
    quick: Annotated[bool, typer.Option("--quick", help="A small budget: some five minutes of a GPU.")] = False,
    mix: Annotated[str | None, typer.Option(metavar="regmix", help="Mix the candidates instead, and propose weights.")] = None,
    proxies: Annotated[int, typer.Option(min=4, help="--mix: runs over random mixtures.")] = 32,
    max_epochs: Annotated[float, typer.Option(min=0.1, help="--mix: no candidate is proposed more often.")] = 4.0,
) -> None:
    """Say which tokens make the better model. Small models, one held-out suite, a verdict only where it holds."""
    if mix not in (None, "regmix"):
        raise RequestError(f"--mix {mix}: only regmix is known.")
    need_torch()
    from corpus_forge.train.ablate import config as files
    from corpus_forge.train.ablate.run import ablate as run
    from corpus_forge.train.ablate.view import as_svg, as_text

    loaded = files.quickened(files.load(config)) if quick else files.load(config)
    if mix:
        from corpus_forge.train.ablate.regmix import propose

        found = propose(loaded, proxies, max_epochs, lambda text: typer.echo(text, err=True))
        typer.echo("proposed weights: " + ", ".join(f"{name} {share:.3f}" for name, share in found["weights"].items()))
        sure = f"error {found['error']:.4f}, rank correlation {found['rank_correlation']:.2f}"
        typer.echo(f"predicted {found['predicted']:.4f} bits/byte ({sure}; below 0.5 it is a guess)")
        return
    made = run(loaded, lambda text: typer.echo(text, err=True))
    picture = Path(loaded.output) / "ablation.svg"
    picture.write_text(as_svg(made, loaded.output), "utf-8")
    typer.echo(as_text(made))
    typer.echo(f"written to {loaded.output}/ablation.json and {picture}")


def _draw(output: Path) -> Path:
    """The curves of all lines of a run, parts before this one included."""
    from corpus_forge.train.metrics import read_lines
    from corpus_forge.train.plot import draw

    picture = output / "curves.svg"
    picture.write_text(draw(read_lines(output / "metrics.jsonl"), str(output)), "utf-8")
    return picture

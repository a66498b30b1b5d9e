"""`python -m corpus_forge.extract.training train|evaluate`: models for the engine `forge`, and what any engine reaches on gold
pages.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus_forge.errors import CorpusForgeError


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code."""
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except CorpusForgeError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except ImportError as error:
        sys.stderr.write(f"{error}. Training needs more: pip install 'corpus-forge[extractor]'\n")
        return 2
    return 0


def _train(given: argparse.Namespace) -> None:
    from corpus_forge.extract.training.fit import Settings
    from corpus_forge.extract.training.train import Plan, train

    settings = Settings(
        given.trees, given.leaves, given.second_trees, given.second_leaves, given.second_fits, given.rate, given.seed,
        given.threads,
    )  # fmt: skip
    validate = not given.no_cross_validation
    plan = Plan(
        given.gold, given.output, settings, given.data, given.licence, validate, given.folds, given.processes,
        given.others, given.weights, given.apart,
    )  # fmt: skip
    train(plan, lambda line: print(line, flush=True))  # noqa: T201 - a command line


def _evaluate(given: argparse.Namespace) -> None:
    from corpus_forge.extract.training.train import evaluate

    print(evaluate(given.gold, given.engine, given.model))  # noqa: T201 - a command line


def _parser() -> argparse.ArgumentParser:
    from corpus_forge.extract.training.fit import Settings

    parser = argparse.ArgumentParser(prog="python -m corpus_forge.extract.training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    gold = (
        "JSON lines, plain or .zst: html, and text or lists of snippets, wanted and unwanted;"
        " url, page_type and lang where they are known"
    )
    train = commands.add_parser("train", help="learn a model from gold pages, write it and its card")
    train.add_argument("gold", nargs="+", type=Path, help=gold)
    train.add_argument("-o", "--output", type=Path, required=True, help="the model, FILE.npz; the card is FILE.md")
    others = "gold pages whose annotators draw the line elsewhere: learned from too, while the line stays where GOLD draws it"
    train.add_argument("--others", nargs="+", type=Path, default=[], metavar="GOLD", help=others)
    weights = "of a page of each set of gold, then of others, 1 each by default; 0: the set is tried and not learned from"
    train.add_argument("--weights", nargs="+", type=float, default=[], metavar="WEIGHT", help=weights)
    apart = "gold pages that are tests of the model: nothing on their domains is learned from"
    train.add_argument("--apart", nargs="+", type=Path, default=[], metavar="GOLD", help=apart)
    train.add_argument("--data", default="", help="what the pages are and whose: a sentence for the card")
    train.add_argument("--licence", default="", help="licence of pages and gold texts: a sentence for the card")
    train.add_argument("--trees", type=int, default=Settings.trees, help="of the first look, at each block by itself")
    train.add_argument("--leaves", type=int, default=Settings.leaves, help="of one tree, 32 at most")
    train.add_argument(
        "--second-trees", type=int, default=Settings.second_trees, help="of the second look, at the first's scores"
    )
    train.add_argument("--second-leaves", type=int, default=Settings.second_leaves)
    train.add_argument("--second-fits", type=int, default=Settings.second_fits, help="of the second look, which are averaged")
    train.add_argument("--rate", type=float, default=Settings.rate, help="learning rate")
    train.add_argument("--seed", type=int, default=Settings.seed)
    train.add_argument("--threads", type=int, default=Settings.threads)
    train.add_argument("--processes", type=int, default=1, help="fits side by side, each with --threads")
    train.add_argument("--no-cross-validation", action="store_true", help="no figures in the card, a third of the time")
    train.add_argument("--folds", type=Path, help="a folder that keeps the models of the cross-validation, for benchmarks")
    train.set_defaults(run=_train)
    evaluate = commands.add_parser("evaluate", help="word F1 of an engine on gold pages, by kind of page and language")
    evaluate.add_argument("gold", nargs="+", type=Path, help=gold)
    evaluate.add_argument("--engine", default="forge", help="any engine of corpus-forge")
    evaluate.add_argument("--model", help="a model of the engine forge: a name or a .npz file")
    evaluate.set_defaults(run=_evaluate)
    return parser


if __name__ == "__main__":
    sys.exit(main())

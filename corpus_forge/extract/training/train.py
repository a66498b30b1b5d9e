"""What the commands do: train a model and write its card, evaluate an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus_forge.errors import RequestError
from corpus_forge.extract.engine import extract_text, make_engine
from corpus_forge.extract.forge.catalog import digest
from corpus_forge.extract.forge.model import save
from corpus_forge.extract.training.card import card
from corpus_forge.extract.training.fit import Settings
from corpus_forge.extract.training.folds import FOLDS
from corpus_forge.extract.training.gold import GoldPage, read_gold
from corpus_forge.extract.training.learn import Say, held_out_texts, keep_folds, models_of, read_pages
from corpus_forge.extract.training.tables import tables_of


@dataclass(frozen=True)
class Plan:
    """What to learn from, with what, and where to write it."""

    gold: list[Path]
    output: Path
    settings: Settings
    data: str = ""
    licence: str = ""
    cross_validation: bool = True
    folds: Path | None = None
    """A folder that keeps the models of the cross-validation."""
    processes: int = 1
    others: Sequence[Path] = ()
    """Gold pages whose annotators draw the line elsewhere than those of `gold`, whose convention is the model's."""
    weights: Sequence[float] = ()
    """Of a page of each set of gold and others; none: 1 each."""
    apart: Sequence[Path] = ()
    """Gold pages on whose domains nothing is learned from: they are tests of the model."""


def train(plan: Plan, say: Say) -> None:
    """Learn from all pages, after trying on held-out domains how well that goes; write `output` and its card beside it."""
    if plan.output.suffix != ".npz":
        raise RequestError(f"the model's file is named {plan.output.name}; its name must end in .npz.")
    pages = pages_of(plan)
    domains = {page.domain for page in pages if page.weight}
    if len(domains) < 2 * FOLDS:
        raise RequestError(
            f"{len(pages)} gold pages of too few domains to learn from, {len(domains)}: 10 at least are needed to learn what"
            " holds for others."
        )
    gold = read_pages(pages, plan.settings.seed)
    say(f"{len(pages)} pages, {sum(len(page.labels) for page in gold.pages):,} blocks")
    held_out = [*range(FOLDS), None] if plan.cross_validation else [None]
    *tried, model = models_of(gold, held_out, plan.settings, plan.processes, say)
    measured = tables_of(pages, held_out_texts(gold, tried)) if tried else ""
    say(measured or "not cross-validated")
    if tried and plan.folds:
        keep_folds(gold, tried, plan.folds)
    save(model, plan.output)
    plan.output.with_suffix(".md").write_text(card(plan.output, model, plan.settings, pages, plan.data, plan.licence, measured))
    say(f"{plan.output}: {plan.output.stat().st_size:,} bytes, digest {digest(str(plan.output))}")


def pages_of(plan: Plan) -> list[GoldPage]:
    """Every gold page, with its weight: that of its set, or 0 where its domain is set apart for tests."""
    paths = [*plan.gold, *plan.others]
    weights = plan.weights or [1.0] * len(paths)
    if len(weights) != len(paths) or not all(0 <= weight < float("inf") for weight in weights):
        raise RequestError(f"weights are {list(weights)}: one of 0 or more is needed for each of {len(paths)} sets.")
    apart = {page.domain for path in plan.apart for page in read_gold(path)}
    owns = [path in plan.gold for path in paths]
    pages = [page for given in zip(paths, weights, owns, strict=True) for page in read_gold(*given)]
    return [replace(page, weight=0.0) if page.domain in apart else page for page in pages]


def evaluate(gold: list[Path], engine: str, model: str | None) -> str:
    """A table of what the engine reaches."""
    pages = [page for path in gold for page in read_gold(path)]
    made = make_engine(engine, {"model": model} if model else {})
    texts = [extract_text(made, page.html.decode("utf-8"), page.url or None) for page in pages]
    return f"{engine}, version {made.version}\n\n{tables_of(pages, texts)}"

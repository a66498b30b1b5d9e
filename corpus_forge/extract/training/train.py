"""What the commands do: train a model and write its card, evaluate an engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus_forge.errors import RequestError
from corpus_forge.extract.engine import extract_text, make_engine
from corpus_forge.extract.forge.catalog import digest
from corpus_forge.extract.forge.model import save
from corpus_forge.extract.training.card import card, table
from corpus_forge.extract.training.evaluate import table_by_kind, word_score
from corpus_forge.extract.training.fit import Settings
from corpus_forge.extract.training.folds import FOLDS
from corpus_forge.extract.training.gold import GoldPage, read_gold
from corpus_forge.extract.training.learn import Say, held_out_texts, keep_folds, models_of, read_pages


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


def train(plan: Plan, say: Say) -> None:
    """Learn from all pages, after trying on held-out domains how well that goes; write `output` and its card beside it."""
    if plan.output.suffix != ".npz":
        raise RequestError(f"the model's file is named {plan.output.name}; its name must end in .npz.")
    pages = [page for path in plan.gold for page in read_gold(path)]
    if len({page.domain for page in pages}) < 2 * 5:
        raise RequestError(
            f"{len(pages)} gold pages of too few domains: 10 at least are needed to learn what holds for others."
        )
    gold = read_pages(pages, plan.settings.seed)
    say(f"{len(pages)} pages, {sum(len(page.labels) for page in gold.pages):,} blocks")
    held_out = [*range(FOLDS), None] if plan.cross_validation else [None]
    *tried, model = models_of(gold, held_out, plan.settings, plan.processes, say)
    scores = {}
    if tried:
        scores = tables_of(pages, held_out_texts(gold, tried))
        say(table(scores))
    if tried and plan.folds:
        keep_folds(gold, tried, plan.folds)
    save(model, plan.output)
    plan.output.with_suffix(".md").write_text(card(plan.output, model, plan.settings, pages, plan.data, plan.licence, scores))
    say(f"{plan.output}: {plan.output.stat().st_size:,} bytes, digest {digest(str(plan.output))}")


def tables_of(pages: list[GoldPage], texts: list[str]) -> dict[str, dict[str, float]]:
    """Scores of all pages, of each kind, and of each language."""
    scores = [word_score(text, page.text) for text, page in zip(texts, pages, strict=True)]
    by_kind = table_by_kind(scores, [page.kind for page in pages])
    by_language = table_by_kind(scores, [page.language for page in pages])
    return {**by_kind, **{f"language {name}": row for name, row in by_language.items() if name != "all"}}


def evaluate(gold: list[Path], engine: str, model: str | None) -> str:
    """A table of what the engine reaches."""
    pages = [page for path in gold for page in read_gold(path)]
    made = make_engine(engine, {"model": model} if model else {})
    texts = [extract_text(made, page.html.decode("utf-8"), page.url or None) for page in pages]
    return f"{engine}, version {made.version}\n\n{table(tables_of(pages, texts))}"

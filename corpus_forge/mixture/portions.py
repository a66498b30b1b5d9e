"""The table of a mixture: what each part holds, how much is wanted of it, and how often it is read for that.

A part asks for a fixed number of tokens, for epochs, for a share of all, or by weight for what these leave. Where a limit on
epochs is in the way, a part that asks by weight leaves the rest to the others that do; any other part is cut, and the mixture
is smaller. All is arithmetic over counts that are given: the same for estimates before a run and for what came out of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from corpus_forge.errors import RequestError
from corpus_forge.mixture.filling import fill, tempered
from corpus_forge.tokens.mixture import LARGEST_BLOCK

MANY_EPOCHS = 4.0
"""Text that is repeated more often than this adds little (Muennighoff et al., arXiv:2305.16264, section 5)."""
LEAST_SHARE = 2 / LARGEST_BLOCK


@dataclass(frozen=True)
class Part:
    """What is asked of a part: one of `tokens`, `epochs`, `share` (0 to 1) and `weight`; and what it holds.

    `basis` says how `available` (tokens) is known: `measured`, `estimated`, `at most` or `given`.
    """

    name: str
    available: int
    tokens: int | None = None
    epochs: float | None = None
    share: float | None = None
    weight: float | None = None
    max_epochs: float | None = None
    basis: str = "measured"

    @property
    def limit(self) -> float:
        """Tokens that may be read of it at most."""
        if not self.available:
            return 0.0
        return math.inf if self.max_epochs is None else self.max_epochs * self.available


@dataclass(frozen=True)
class Portion:
    """One row of the table: tokens there, tokens to be read, how often that is, and the share of the mixture."""

    part: str
    available: int
    basis: str
    wanted: int
    epochs: float
    share: float


@dataclass(frozen=True)
class Mixture:
    """All portions, their tokens, and what people should know before they spend."""

    portions: tuple[Portion, ...]
    tokens: int
    warnings: tuple[str, ...]


def plan_mixture(
    parts: Sequence[Part], budget: int | None = None, temperature: float | None = None, unimax: bool = False
) -> Mixture:
    """Portions of `parts`. Without a budget, what asks by weight is read once over, all of it together.

    `temperature` takes sizes ** (1 / temperature) for the weights, `unimax` equal ones. What asks for epochs is cut where the
    budget has no room for it, because how much that is depends on what there is. RequestError when tokens and shares alone do
    not fit.
    """
    total = _total(parts, budget)
    fixed = {part.name: asks for part in parts if (asks := _fixed(part, total)) is not None}
    room = _room(parts, fixed, total)
    granted = {part.name: fixed[part.name] * (1.0 if part.epochs is None else room) for part in parts if part.name in fixed}
    poured = _poured([part for part in parts if part.name not in fixed], total - sum(granted.values()), temperature, unimax)
    wanted = [min(part.limit, granted.get(part.name, poured.get(part.name, 0.0))) for part in parts]
    return _table(parts, wanted, fixed, total)


def _room(parts: Sequence[Part], fixed: dict[str, float], total: float) -> float:
    """By how much (0 to 1) epochs must be cut, so that all that is fixed fits the whole."""
    epochs = sum(fixed[part.name] for part in parts if part.epochs is not None)
    others = sum(fixed.values()) - epochs
    if others > total * (1 + 1e-9):
        raise RequestError(
            f"mix: tokens and shares of its parts are {others:,.0f} tokens together, the budget is {total:,.0f}."
            " Raise mix.tokens, or ask for less."
        )
    return min(1.0, max(0.0, total - others) / epochs) if epochs else 1.0


def _total(parts: Sequence[Part], budget: int | None) -> float:
    """The budget, or what makes the parts that ask by weight be read once."""
    if budget is not None:
        return float(budget)
    shares = sum(part.share or 0.0 for part in parts)
    counted = sum(_fixed(part, 0.0) or 0.0 for part in parts if part.share is None)
    by_weight = sum(part.available for part in parts if _fixed(part, 0.0) is None)
    if shares < 1 - 1e-9:
        return (counted + by_weight) / (1 - shares)
    return float(sum(part.available for part in parts))


def _fixed(part: Part, total: float) -> float | None:
    """What the part asks for whatever the others do; None when it asks by weight."""
    if part.tokens is not None:
        return float(part.tokens)
    if part.epochs is not None:
        return part.epochs * part.available
    return None if part.share is None else part.share * total


def _poured(parts: Sequence[Part], budget: float, temperature: float | None, unimax: bool) -> dict[str, float]:
    sizes = [part.available for part in parts]
    if unimax:
        weights = [1.0] * len(parts)
    elif temperature is not None or all(part.weight is None for part in parts):
        weights = tempered(sizes, temperature or 1.0)
    else:
        weights = [part.weight or 0.0 for part in parts]
    given = fill(max(0.0, budget), weights, [part.limit for part in parts])
    return dict(zip((part.name for part in parts), given, strict=True))


def _table(parts: Sequence[Part], wanted: Sequence[float], fixed: dict[str, float], total: float) -> Mixture:
    tokens = [round(each) for each in wanted]
    whole = sum(tokens)
    portions = tuple(
        Portion(part.name, part.available, part.basis, count, _ratio(count, part.available), _ratio(count, whole))
        for part, count in zip(parts, tokens, strict=True)
    )
    warnings = [sentence for part, portion in zip(parts, portions, strict=True) for sentence in _said(part, portion, fixed)]
    if whole < total * (1 - 1e-6) - 1:
        warnings.append(f"the mixture has {whole:,} tokens, fewer than the {total:,.0f} asked for")
    return Mixture(portions, whole, tuple(warnings))


def _said(part: Part, portion: Portion, fixed: dict[str, float]) -> list[str]:
    """What is worth a warning of one part."""
    asks = bool(part.weight or fixed.get(part.name)) or (part.weight is None and part.name not in fixed)
    if not part.available:
        return [f"'{part.name}' holds no tokens"] if asks else []
    said = []
    if part.name in fixed and portion.wanted < round(fixed[part.name]):
        why = "max_epochs" if portion.wanted + 1 >= part.limit else "the budget has no more room"
        said.append(f"'{part.name}' is cut from {fixed[part.name]:,.0f} to {portion.wanted:,} tokens: {why}")
    if asks and not portion.wanted:
        said.append(f"'{part.name}' gets nothing: what others ask for is the whole budget")
    if portion.epochs > MANY_EPOCHS:
        said.append(f"'{part.name}' is read {portion.epochs:.1f} times; beyond {MANY_EPOCHS:.0f} repeats add little")
    if 0 < portion.share < LEAST_SHARE:
        said.append(f"'{part.name}' has a share of {portion.share:.1e}, too small to be drawn: at least {LEAST_SHARE:.1e}")
    return said


def _ratio(part: float, whole: float) -> float:
    return round(part / whole, 9) if whole else 0.0

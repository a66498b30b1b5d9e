"""Which filters of a run have which intervals, before and after: what `whatif` is asked, and what it must refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus_forge.config.build import pipeline_from_dict
from corpus_forge.errors import ConfigError, RequestError, nearest
from corpus_forge.registry import steps
from corpus_forge.rules.rule import Interval, checked_interval
from corpus_forge.rules.rule_set import RuleSet
from corpus_forge.steps.base import step_labels
from corpus_forge.steps.filter import FilterStep


@dataclass(frozen=True)
class Filter:
    """A filter step of the run: its place among the steps, its label there, the rules it had and those it is to have."""

    place: int
    label: str
    keeps_signals: bool
    before: RuleSet
    after: RuleSet

    @property
    def changed(self) -> bool:
        """Is one of its intervals another?"""
        return self.before != self.after

    @property
    def loosened(self) -> bool:
        """Does one of its intervals keep a value that it did not keep?"""
        return any(
            _reaches_further(new.keep, old.keep) and new.action != "flag"
            for new, old in zip(self.after.rules, self.before.rules, strict=True)
        )


def filters_of(record: Mapping[str, Any], changes: Mapping[str, Sequence[float | None]]) -> list[Filter]:
    """The filters of a run with other intervals, in its order. RequestError for a rule that none has."""
    steps = pipeline_from_dict(dict(record["pipeline"])).steps
    labels = step_labels(steps)
    found = [(place, step) for place, step in enumerate(steps) if isinstance(step, FilterStep)]
    wanted: dict[int, dict[str, Interval]] = {}
    for name, keep in changes.items():
        place, key = _place_of(name, [(place, labels[place], step.rule_set()) for place, step in found])
        wanted.setdefault(place, {})[key] = _interval(name, keep)
    made = []
    for place, step in found:
        before = step.rule_set()
        made.append(Filter(place, labels[place], step.keep_signals, before, before.with_intervals(wanted.get(place, {}))))
    return made


def _place_of(name: str, filters: Sequence[tuple[int, str, RuleSet]]) -> tuple[int, str]:
    """The place of the step and the key of the rule that `gopher_quality.word_count` means."""
    head, _, key = name.rpartition(".")
    places = [(place, rules) for place, label, rules in filters if head in (label, rules.family, rules.name)]
    known = [rules.rule_name(rule) for _, _, rules in filters for rule in rules.rules]
    if not places or key not in [rule.key for rule in places[0][1].rules]:
        raise RequestError(f"--set {name}: no filter of this run has such a rule. {nearest(name, known)}")
    if len(places) > 1:
        labels = ", ".join(label for _, label, rules in filters if head in (label, rules.family, rules.name))
        raise RequestError(f"--set {name}: several steps have that rule. Name the step: {labels}.")
    place, rules = places[0]
    if next(rule.level for rule in rules.rules if rule.key == key) == "line":
        raise RequestError(f"--set {name}: decides about lines, and the lines are not kept. Run the pipeline with it instead.")
    return place, key


def _interval(name: str, keep: Sequence[float | None]) -> Interval:
    bounds = list(keep) if isinstance(keep, list | tuple) else []
    numbers = all(bound is None or (isinstance(bound, int | float) and not isinstance(bound, bool)) for bound in bounds)
    if len(bounds) != 2 or not numbers:
        raise ConfigError(f"--set {name}", "is not an interval [low, high].", "For example [80, 100000] or [null, 0.1].")
    try:
        return checked_interval((bounds[0], bounds[1]))
    except ValueError as error:
        raise ConfigError(f"--set {name}", f"{error}.") from error


def _reaches_further(new: Interval, old: Interval) -> bool:
    lower = old[0] is not None and (new[0] is None or new[0] < old[0])
    return lower or (old[1] is not None and (new[1] is None or new[1] > old[1]))


def refuse_what_is_not_kept(filters: Sequence[Filter], record: Mapping[str, Any]) -> None:
    """RequestError where stored signals cannot say what a rerun would do."""
    names = [next(iter(step)) for step in record["pipeline"]["steps"]]
    for one in filters:
        if one.loosened and not one.keeps_signals:
            raise RequestError(
                f"{one.label}: this run did not keep the signals of removed documents, so it cannot say which of them a wider "
                "interval would keep. Put `keep_signals: true` at the top of the pipeline file and run it again."
            )
    for one in filters:
        if not one.changed:
            continue
        for other in filters:
            shared = {rule.signal for rule in one.after.rules} & {rule.signal for rule in other.after.rules}
            first, last = sorted((one.place, other.place))
            between = names[first + 1 : last]
            cleans = any(each.before.cleans for each in filters if first <= each.place < last)
            cleans = cleans or one.before.words != other.before.words
            if first != last and shared and (cleans or not all(map(_leaves_text, between))):
                raise RequestError(
                    f"{one.label} and {other.label} both look at {min(shared)}, and the text or its words may change between "
                    "them: only the last value is kept. Run the pipeline with the change instead."
                )


def _leaves_text(name: str) -> bool:
    """A step of a plugin that is not loaded may do anything."""
    return name in steps and bool(getattr(steps.get(name), "leaves_text", False))

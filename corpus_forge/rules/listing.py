"""How rule sets are listed: their names marked, and what they say as the Markdown of filters/README.md."""

from __future__ import annotations

from collections.abc import Iterator

from corpus_forge.errors import RequestError
from corpus_forge.rules.files import default_reading, load_rules, shipped
from corpus_forge.rules.rule_set import Interval, RuleSet

BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def marked_name(name: str) -> str:
    """The full name of a rule set, with * when its family's name alone means this one."""
    try:
        return f"{name} *" if default_reading(name.split("@", maxsplit=1)[0]) == name else name
    except RequestError:  # the family has several readings and none of them is the default
        return name


def markdown() -> str:
    """A section and a table for each shipped rule set; `*` marks the default reading of a family."""
    return "\n".join(line for name in shipped() for line in _section(name, load_rules(name))).rstrip() + "\n"


def with_tables(readme: str) -> str:
    """The README with what lies between its two marks made anew."""
    before, rest = readme.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n{markdown()}\n{END}{after}"


def interval(keep: Interval) -> str:
    """An interval in words: `50 to 100000`, `at most 0.1`."""
    low, high = keep
    if low is None:
        return f"at most {high:.12g}"
    return f"at least {low:.12g}" if high is None else f"{low:.12g} to {high:.12g}"


def _section(name: str, rules: RuleSet) -> Iterator[str]:
    yield f"### {marked_name(name)}"
    yield ""
    yield f"{rules.title}. Source: {rules.source}."
    yield ""
    yield "| signal | unit | kept | otherwise | note |"
    yield "|---|---|---|---|---|"
    for rule, signal in zip(rules.rules, rules.signals(), strict=True):
        yield f"| {rule.signal} | {signal.unit} | {interval(rule.keep)} | {rule.action} | {rule.note} |"
    yield ""


def signals_page() -> str:
    """docs/signals.md: every signal, with the shipped rule sets that look at it."""
    from corpus_forge.text.listing import markdown as page

    users: dict[str, list[str]] = {}
    for name in shipped():
        for rule in load_rules(name).rules:
            users.setdefault(rule.signal, []).append(name)
    return page(users)


def write_signals(path: str) -> None:
    """Write docs/signals.md anew."""
    from pathlib import Path

    Path(path).write_text(signals_page(), "utf-8")

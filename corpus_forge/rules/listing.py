"""How rule sets are listed: their names marked, and what they say as the Markdown of filters/README.md."""

from __future__ import annotations

from collections.abc import Iterator

from corpus_forge.errors import RequestError
from corpus_forge.rules.files import default_reading, load_rules, shipped
from corpus_forge.rules.rule import interval
from corpus_forge.rules.rule_set import RuleSet

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


def _section(name: str, rules: RuleSet) -> Iterator[str]:
    yield f"### {marked_name(name)}"
    yield ""
    yield f"{rules.title}. Source: {rules.source}."
    yield ""
    yield "| signal | unit | kept | otherwise | note |"
    yield "|---|---|---|---|---|"
    for rule, signal in zip(rules.rules, rules.signals(), strict=True):
        notes = "; ".join([*([rule.note] if rule.note else []), *([f"only for {rule.when.words()}"] if rule.when else [])])
        name = rule.key if rule.name is None else f"{rule.name} ({rule.signal})"
        yield f"| {name} | {signal.unit} | {interval(rule.keep)} | {rule.action} | {notes} |"
    if rules.measure:
        yield ""
        yield f"Measured besides: {', '.join(rules.measure)}."
    yield ""


def signals_page() -> str:
    """docs/signals.md: every signal, with the shipped rule sets that look at it."""
    from corpus_forge.text.listing import markdown as page

    users: dict[str, list[str]] = {}
    for name in shipped():
        rules = load_rules(name)
        for signal in dict.fromkeys([*(rule.signal for rule in rules.rules), *rules.measure]):
            users.setdefault(signal, []).append(name)
    return page(users)


def write_signals(path: str) -> None:
    """Write docs/signals.md anew."""
    from pathlib import Path

    Path(path).write_text(signals_page(), "utf-8")

"""What a report says of rules: how often each decided and failed, and of those that never fired how near they came.

A rule that never fires is either one that the corpus meets, or one that looks at the wrong thing: the value that came closest
to its bound tells which. Published mixers carry filters that never fire because of a wrong name; here that is seen at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from corpus_forge.report.plain import plain
from corpus_forge.report.tables import simple_table

SHOWN_ROWS = 15


def rule_sections(run_record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row a rule of each filter, in their order.

    `decided`: documents that it removed or flagged, or lines that it took out. `judged` and `failed`: documents (or lines)
    that it looked at, and those that do not lie in `keep`, whichever rule decided. `closest`: of the values that do lie in it
    the one nearest to a bound, None where there is none or a value failed.
    """
    facts, steps = run_record.get("facts") or {}, {step["name"]: step for step in run_record.get("steps") or [] if step}
    return [
        {"step": label, **rule, **_counts(rule, steps[label])}
        for label, said in facts.items()
        if said["kind"] == "rules" and label in steps
        for rule in said["rules"]
    ]


def _counts(rule: Mapping[str, Any], step: Mapping[str, Any]) -> dict[str, Any]:
    judged, failed, lowest, highest = (step.get("seen") or {}).get(rule["rule"], (0, 0, None, None))
    cleaned = step.get("cleaned") or {}
    decided = {
        "remove": (step.get("removed") or {}).get(rule["rule"], 0),
        "flag": cleaned.get(f"flagged {rule['rule']}", 0),
        "clean": cleaned.get(f"lines {rule['rule']}", 0),
        "cut": cleaned.get(f"lines {rule['rule']}", 0),
    }[rule["action"]]
    closest = None if failed else _closest(rule["keep"], lowest, highest)
    return {"decided": decided, "judged": judged, "failed": failed, "closest": closest}


def _closest(keep: Sequence[float | None], lowest: float | None, highest: float | None) -> float | None:
    """Of the lowest and the highest value, the one that is nearer to the bound on its side."""
    low, high = keep
    ends = [(lowest - low, lowest)] if low is not None and lowest is not None else []
    if high is not None and highest is not None:
        ends.append((high - highest, highest))
    return min(ends)[1] if ends else None


def never_fired(sections: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rules that decided nothing."""
    return [row for row in sections if not row["decided"]]


def quiet_rules_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Rules that decided nothing: what they keep, how many they judged, and the value that came nearest to a bound."""
    table = simple_table("rules that never fired")
    table.add_column("rule", no_wrap=True)
    table.add_column("step", no_wrap=True)
    for name in ("keeps", "judged", "closest value"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows[:SHOWN_ROWS]:
        low, high = ("" if bound is None else f"{bound:.6g}" for bound in row["keep"])
        nearest = "" if row["closest"] is None else f"{row['closest']:.6g}"
        said = f"{row['failed']:,} fail, on other rules first" if row["failed"] else nearest
        table.add_row(plain(row["rule"]), plain(row["step"]), f"{low} … {high}", f"{row['judged']:,}", said)
    if len(rows) > SHOWN_ROWS:
        table.add_row(f"and {len(rows) - SHOWN_ROWS} more in report.json", "", "", "", "")
    return table

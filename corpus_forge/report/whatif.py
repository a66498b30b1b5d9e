"""What other intervals would have kept: filters decide anew from stored signals, in seconds, and nothing is run.

Documents that a changed filter removed are judged by it again and then by the filters behind it; kept documents are judged by
the changed filters. That equals a rerun's verdicts of all filter steps. What lies behind the filters (deduplication, tokens) is
not decided again: `estimates` says what that leaves open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds

from corpus_forge.report.whatif_filters import Filter, filters_of, refuse_what_is_not_kept
from corpus_forge.report.whatif_flags import flag_counts
from corpus_forge.rules.holding import holds
from corpus_forge.rules.judge import judge
from corpus_forge.rules.rule import Given
from corpus_forge.rules.rule_set import RuleSet

SAMPLES = 5
SAMPLE_CHARACTERS = 300


def whatif(root: Path, record: Mapping[str, Any], changes: Mapping[str, Sequence[float | None]]) -> dict[str, Any]:
    """What `changes`, intervals by `family.signal`, would gain and lose; see Run.whatif for the shape.

    RequestError for a rule that no filter of the run has, for one on lines, and for what was not kept: `keep_signals: true`.
    """
    filters = filters_of(record, changes)
    refuse_what_is_not_kept(filters, record)
    lost = _lost(root, filters)
    gained, unknown = _gained(root, filters)
    ratio = _tokens_a_byte(record)
    return {
        "changes": _spoken(filters),
        "sources": _by_source(gained, lost, ratio),
        "gained": _samples([{key: value for key, value in row.items() if key != "measured"} for row in gained]),
        "lost": _samples(lost),
        "flagged": flag_counts(root, filters, gained, {row["id"] for row in lost}),
        "unknown": unknown,
        "estimates": _estimates(record, filters, ratio),
        "gained_ids": [row["id"] for row in gained],
        "lost_ids": [row["id"] for row in lost],
    }


def _lost(root: Path, filters: Sequence[Filter]) -> list[dict[str, Any]]:
    """Rows of kept documents that a changed filter would remove: id, source, url, bytes, rule, value, text."""
    changed = [one for one in filters if one.changed]
    signals = {rule.signal for one in changed for rule in one.after.rules if rule.level == "document"}
    lost = []
    for path in sorted((root / "documents").glob("part-*.parquet")):
        part = ds.dataset(str(path), format="parquet")
        table = part.to_table(
            columns=[name for name in part.schema.names if name in signals or name in ("id", "language", "source", "url")]
        )
        columns = {name: table[name].to_numpy() for name in table.schema.names if name in signals}
        given = {name: table[name].combine_chunks() for name in ("language", "source") if name in table.schema.names}
        deciding = _first_failing(columns, changed, table.num_rows, given)
        rows = np.array(sorted(deciding), np.int64)
        texts = part.to_table(columns=["text"]).take(rows)["text"] if len(rows) else pa.chunked_array([], pa.large_string())
        for row, text, known in zip(rows.tolist(), texts.to_pylist(), table.take(rows).to_pylist(), strict=True):
            rule, value = deciding[row]
            lost.append({**known, "bytes": len(text.encode()), "rule": rule, "value": value, "text": text[:SAMPLE_CHARACTERS]})
    return lost


def _first_failing(
    columns: Mapping[str, np.ndarray], filters: Iterable[Filter], rows: int, given: Given
) -> dict[int, tuple[str, float]]:
    """For each row that one of the filters would remove, the rule and the value."""
    found: dict[int, tuple[str, float]] = {}
    for one in filters:
        verdicts = judge(_with_line_rules(columns, one.after, rows), one.after, given)
        for row in np.flatnonzero(~verdicts.keep).tolist():
            rule = one.after.rules[verdicts.rule[row]]
            found.setdefault(row, (one.after.rule_name(rule), float(verdicts.value[row])))
    return found


def _with_line_rules(columns: Mapping[str, np.ndarray], rules: RuleSet, rows: int) -> dict[str, np.ndarray]:
    """The columns, and for rules that remove by lines what was kept of them, else a value that they keep."""
    made = dict(columns)
    for rule in rules.rules:
        if rule.level == "line" and rule.action == "remove":
            bound = rule.keep[0] if rule.keep[0] is not None else rule.keep[1]
            made[rule.key] = columns.get(rules.line_column(rule.key), np.full(rows, bound, np.float64))
    return made


def _gained(root: Path, filters: Sequence[Filter]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Rows of removed documents that all filters would keep; by label, how many reach a filter that did not measure them."""
    gained: list[dict[str, Any]] = []
    unknown: dict[str, int] = {}
    for one in (each for each in filters if each.loosened):
        behind = [each for each in filters if each.place >= one.place]
        ahead = [each for each in filters if each.place < one.place and each.changed]
        for path in sorted((root / "removed").glob("part-*.parquet")):
            table = ds.dataset(str(path), format="parquet").to_table(filter=ds.field("step") == one.label)
            measured = [json.loads(each or "{}") for each in table["measured"].to_pylist()]
            known = table.select(["id", "source", "url", "rule", "value", "text"]).to_pylist()
            for row, values in zip(known, measured, strict=True):
                values["source"] = row["source"]
                stopped = _stopped_by([*ahead, *behind], values)
                if stopped is None:
                    text = (row["text"] or "")[:SAMPLE_CHARACTERS]
                    gained.append({**row, "bytes": values.get("byte_count") or 0, "text": text, "measured": values})
                elif stopped[1]:
                    unknown[stopped[0]] = unknown.get(stopped[0], 0) + 1
    return gained, unknown


def _stopped_by(filters: Iterable[Filter], values: Mapping[str, Any]) -> tuple[str, bool] | None:
    """The filter that does not keep a document of these signals, and whether that is because it did not measure them."""
    for one in filters:
        for rule in one.after.rules:
            if rule.action != "remove" or not rule.covers_one(values):
                continue
            name = rule.signal if rule.level == "document" else one.after.line_column(rule.key)
            if values.get(name) is None:
                return one.label, True
            if not holds(np.array([values[name]], np.float64), rule.keep)[0]:
                return one.label, False
    return None


def _by_source(gained: list[dict[str, Any]], lost: list[dict[str, Any]], ratio: float | None) -> list[dict[str, Any]]:
    rows = []
    for source in sorted({row["source"] for row in (*gained, *lost)}):
        entry: dict[str, Any] = {"source": source}
        for name, found in (("gained", gained), ("lost", lost)):
            sizes = [row["bytes"] for row in found if row["source"] == source]
            entry |= {f"{name}_documents": len(sizes), f"{name}_bytes": sum(sizes)}
            entry[f"{name}_tokens"] = None if ratio is None else round(sum(sizes) * ratio)
        rows.append(entry)
    return rows


def _samples(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first few, those with a text first."""
    return sorted(rows, key=lambda row: not row["text"])[:SAMPLES]


def _tokens_a_byte(record: Mapping[str, Any]) -> float | None:
    tokens = record.get("tokens") or {}
    return tokens["tokens"] / tokens["bytes"] if tokens.get("tokens") and tokens.get("bytes") else None


def _spoken(filters: Iterable[Filter]) -> list[dict[str, Any]]:
    return [
        {"rule": one.after.rule_name(new), "before": list(old.keep), "after": list(new.keep)}
        for one in filters
        for new, old in zip(one.after.rules, one.before.rules, strict=True)
        if new.keep != old.keep
    ]


def _estimates(record: Mapping[str, Any], filters: Sequence[Filter], ratio: float | None) -> list[str]:
    """Sentences on what is not decided again."""
    changed = [one.place for one in filters if one.changed]
    names = [next(iter(step)) for step in record["pipeline"]["steps"]]
    behind = [name for place, name in enumerate(names) if changed and place > min(changed) and name != "filter"]
    found = [f"Steps behind the first changed filter are not run again: {', '.join(behind)}."] if behind else []
    if ratio is not None:
        found.append(f"Tokens are bytes times {ratio:.4f}, the run's tokens a byte.")
    return found

"""Looking into a finished run: parts as tables, documents by rule, and the life of one document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from corpus_forge.errors import InputError

_MEASURES_NOTHING = {"id", "text", "url", "date", "source", "origin"}


def read_parts(folder: Path, where: pc.Expression | None = None) -> pa.Table:
    """All parts of a folder, in the order of their numbers; columns that only some parts have are null in the others."""
    parts = sorted(folder.glob("part-*.parquet"))
    if not parts:
        return pa.table({})
    schema = pa.unify_schemas([pq.read_schema(part) for part in parts], promote_options="permissive")
    return ds.dataset([str(part) for part in parts], schema=schema, format="parquet").to_table(filter=where)


def with_rule(table: pa.Table, rule: str) -> pa.Table:
    """Rows of one rule; a family's name (`gopher_quality`) stands for all of its rules. InputError when no row has it."""
    if table.num_rows == 0:
        return table
    mask = pc.or_(pc.equal(table["rule"], rule), pc.starts_with(table["rule"], rule + "."))
    found = table.filter(mask)
    if found.num_rows == 0:
        counts = pc.value_counts(table["rule"]).to_pylist()
        known = ", ".join(f"{entry['values']} ({entry['counts']})" for entry in sorted(counts, key=lambda e: -e["counts"]))
        raise InputError(f"--rule {rule}: no document was removed by it. Rules that removed some: {known}.")
    return found


def explain_document(root: Path, record: dict[str, Any], id: int | None, url: str | None) -> dict[str, Any]:  # noqa: A002 - the public name
    """See Run.explain. With several documents of one URL, the first; `others` lists the ids of the rest."""
    if (id is None) == (url is None):
        raise InputError("explain: give either --id or --url.")
    _check_shown(root, record)
    possible = id is None or 0 <= id < 1 << 64
    where = ds.field("url") == url if id is None else ds.field("id") == pa.scalar(id if possible else 0, pa.uint64())
    found: list[tuple[int, str, dict[str, Any]]] = []
    for folder in ("documents", "removed", "quarantine") if possible else ():
        table = read_parts(root / folder, where) if (root / folder).is_dir() else pa.table({})
        found += [(row["id"], folder, row) for row in table.to_pylist()]
    if not found:
        asked = f"--id {id}" if id is not None else f"--url {url}"
        raise InputError(f"{asked}: no such document in {root}. `corpus-forge removed {root}` lists ids and URLs.")
    found.sort(key=lambda entry: entry[0])
    _, folder, row = found[0]
    return {
        "id": row["id"],
        "url": row["url"],
        "source": row["source"],
        "origin": row["origin"],
        "outcome": {"documents": "kept", "removed": "removed", "quarantine": "quarantined"}[folder],
        "verdicts": _verdicts(record, folder, row),
        "tokens": _positions(root, row["id"]) if folder == "documents" else [],
        "others": [other for other, _, _ in found[1:]],
    }


def _check_shown(root: Path, record: dict[str, Any]) -> None:
    """InputError when the folders are not there, or are those of an earlier run than run.json tells of."""
    told = len(record["steps"]) == 1 + len(record["pipeline"]["steps"])
    if not (root / "documents").is_dir():
        raise InputError(f"{root}: no documents/ yet: the run is {record['status']}. Run it to the end first.")
    if record["status"] != "complete" and not told:
        raise InputError(
            f"{root}: the run is {record['status']}, and documents/ is what an earlier one made. Run it to the end first."
        )


def _verdicts(record: dict[str, Any], folder: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    """For each step in order: passed, removed, quarantined or not reached, with what was measured there."""
    measured = _measured(folder, row)
    last = {"removed": row.get("step"), "quarantine": row.get("stage")}.get(folder)
    verdicts: list[dict[str, Any]] = []
    over = False
    for name in (step["name"] for step in record["steps"]):
        columns = record["measures"].get(name, [])
        entry = {"step": name, "verdict": "not reached" if over else "passed", "rule": None, "value": None, "detail": None}
        if name == last:
            over = True
            entry |= (
                {"verdict": "removed", "rule": row["rule"], "value": row["value"], "detail": row["detail"]}
                if folder == "removed"
                else {"verdict": "quarantined", "rule": row["reason"], "detail": row["detail"]}
            )
        elif not over:
            values = {column: measured[column] for column in columns if column in measured}
            entry |= {"value": values or None}
        verdicts.append(entry)
    return verdicts


def _measured(folder: str, row: dict[str, Any]) -> dict[str, Any]:
    if folder == "documents":
        return {name: value for name, value in row.items() if name not in _MEASURES_NOTHING and value is not None}
    return json.loads(row.get("measured") or "{}")


def _positions(root: Path, uid: int) -> list[dict[str, Any]]:
    from corpus_forge.tokens.positions import find_document

    if not (root / "tokens" / "index.json").is_file():
        return []
    return [dict(zip(("shard", "row", "start", "stop"), place, strict=True)) for place in find_document(root / "tokens", uid)]

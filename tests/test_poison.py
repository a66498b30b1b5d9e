"""40 pages that segfault, hang, exit or eat memory inside `extract`: all 40 in quarantine, all others as without them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from web_archives import write_warc

from corpus_forge.pipeline import Pipeline

PLUGIN = Path(__file__).parent / "data" / "plugins" / "poison_engine.py"
POISON = {"segfault": "crash:SIGSEGV", "hang_asleep": "timeout", "exit 7": "exit:7", "allocate": "oom"}
COUNTS = {"segfault": 14, "hang_asleep": 2, "exit 7": 14, "allocate": 10}


@pytest.fixture
def archives(tmp_path):
    """Two archives of 220 pages, 40 of them poisoned, evenly spread; the texts of the others; the reasons."""
    kinds = [kind for kind, count in COUNTS.items() for _ in range(count)]
    places = {n * 11 + 5: kind for n, kind in enumerate(kinds)}
    bodies = [f"<p>page {n} says {n * n}</p>" + (f"<!--poison:{places[n]}-->" if n in places else "") for n in range(440)]
    for name, half in (("a", bodies[:220]), ("b", bodies[220:])):
        (tmp_path / f"{name}.warc.gz").write_bytes(write_warc([body.encode() for body in half]))
    good = [f"page {n} says {n * n}" for n in range(440) if n not in places]
    return tmp_path, good, Counter(POISON[kind] for kind in kinds)


@pytest.mark.parametrize("executor", ["inline", pytest.param("ray", marks=pytest.mark.ray)])
def test_forty_poisoned_pages_are_in_quarantine_and_all_others_are_untouched(archives, executor, request):
    folder, good, reasons = archives
    if executor == "ray":
        request.getfixturevalue("ray_cluster")
    pipeline = Pipeline.from_dict(
        {
            "name": "poison",
            "sources": [{"name": "web", "format": "warc", "paths": [f"{folder}/*.warc.gz"]}],
            "steps": [{"extract": {"engine": "poison", "timeout": 4.0}}],
        },
        plugins=[str(PLUGIN)],
    )
    run = pipeline.run(folder / "run", executor=executor)
    assert sum(reasons.values()) == 40
    assert run.documents()["text"].to_pylist() == good
    assert Counter(run.quarantine()["reason"].to_pylist()) == reasons
    assert run.record["totals"] == {"records_in": 440, "kept": 400, "removed": 0, "quarantined": 40}

"""benchmarks/scale.py at a size for the suite: as many copies are found as the bands promise, within memory."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np

from corpus_forge.dedup.lsh import band_keys

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "scale.py"


def scale():
    spec = spec_from_file_location("scale", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_three_hundred_thousand_signatures_within_memory():
    command = [sys.executable, str(SCRIPT), "--documents", "300000", "--core", "-1", "--table", ""]
    row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    found = row["removed"] / row["copies"]
    deviation = (row["expected_share"] * (1 - row["expected_share"]) / row["copies"]) ** 0.5
    assert abs(found - row["expected_share"]) < 4 * deviation
    assert row["pairs"] >= row["removed"]
    assert row["peak_mb"] < 700


def test_what_is_found_is_what_merging_sets_finds(tmp_path):
    module, documents = scale(), 6000
    row = module.measure(documents, tmp_path)
    drawn = [module.draw_signatures(np.arange(first, min(first + module.BATCH, documents)), documents) for first in [0]]
    hi, lo = band_keys(np.concatenate(drawn), module.BANDS, module.ROWS)
    group = {number: {number} for number in range(documents)}
    first_of: dict[tuple[int, int], int] = {}
    for number in range(documents):
        for key in zip(hi[number].tolist(), lo[number].tolist(), strict=True):
            other = first_of.setdefault(key, number)
            if group[other] is not group[number]:
                group[other] |= group[number]
                group |= dict.fromkeys(group[number], group[other])
    assert row["removed"] == documents - len({id(members) for members in group.values()})

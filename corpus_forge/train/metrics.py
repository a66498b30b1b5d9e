"""What a run says of itself: metrics.jsonl, one object a logged step; its share of the peak; steps whose loss jumps.

`mfu` is nominal, comparable with what others publish: 6 flops for each matrix parameter and token, and attention over whole
rows (PaLM, arXiv:2204.02311, appendix B). `mfu_doc` counts attention inside documents only: the work that is really done.
Both are null on a device whose peak is not known, never a guess.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from corpus_forge.io.atomic import write_atomically
from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.model import matmul_parameters
from corpus_forge.train.objectives.example import Pieces
from corpus_forge.train.replaced import Model

PEAKS = {"H200 NVL": 836e12, "H200": 989.4e12, "H100 PCIe": 756e12, "H100 NVL": 835e12, "H100": 989.4e12, "A100": 312e12}
"""Dense bfloat16 flops a second, from NVIDIA's data sheets; the first name that the device's contains counts."""


class MetricsFile:
    """metrics.jsonl of a run that stood at `step`: lines of later steps, which a resume makes again, are dropped."""

    def __init__(self, output: Path, step: int) -> None:
        self.path = output / "metrics.jsonl"
        kept = [line for line in read_lines(self.path) if line["step"] <= step]
        text = "".join(json.dumps(line) + "\n" for line in kept)
        write_atomically(self.path, lambda file: file.write(text.encode()))

    def write(self, line: dict[str, Any]) -> None:
        """Append one object; numbers that JSON cannot hold become null."""
        clean = {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in line.items()}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(clean) + "\n")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """All whole lines; what a kill cut off at the end is no line."""
    lines = []
    for text in path.read_text("utf-8").splitlines() if path.is_file() else []:
        try:
            lines.append(json.loads(text))
        except ValueError:
            break
    return lines


def peak_memory(device: torch.device) -> int:
    """Bytes: most that tensors took on a GPU so far, or that the process took on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated()
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class Flops:
    """Floating-point operations of a model for each token of a row: forward and backward, without recomputation."""

    def __init__(self, model: Model, seq_len: int, device: torch.device) -> None:
        config = model.config
        assert config.layers
        assert config.dim
        self.matrices = 6 * matmul_parameters(model)
        self.per_key = 12 * config.layers * config.dim
        self.seq_len = seq_len
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
        self.peak = next((peak for part, peak in PEAKS.items() if part in name), None)

    def mfu(self, tokens_per_s: float, seen_keys: float) -> float | None:
        """Share of the peak when each token attends to `seen_keys` others."""
        return None if self.peak is None else tokens_per_s * (self.matrices + self.per_key * seen_keys) / self.peak


def seen_keys(batch: TokenBatch) -> float:
    """Mean length of the document that a token lies in: sum of squares over sum."""
    pieces = Pieces.of(batch)
    lengths = (pieces.stop - pieces.start).astype(np.float64)
    return float((lengths**2).sum() / max(1.0, lengths.sum()))


class Spikes:
    """Says whether a loss lies far above those before: more than 6 standard deviations of the last 100 logged."""

    def __init__(self, window: int = 100, least: int = 20) -> None:
        self._window, self._least = window, least
        self._seen: list[float] = []

    def jumps(self, loss: float) -> bool:
        """Look at one more loss."""
        before = np.array(self._seen[-self._window :])
        self._seen.append(loss)
        return len(before) >= self._least and bool(loss > before.mean() + 6 * before.std() or not math.isfinite(loss))

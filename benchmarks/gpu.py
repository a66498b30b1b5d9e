"""What the trainer does on one GPU: the ceiling, whether attentions agree, flops utilisation, waiting, kill and resume.

    python benchmarks/gpu.py --output gpu.json --page docs/performance.md        some 8 minutes on one H100 or H200
    python benchmarks/gpu.py --device cpu --tiny --output gpu.json               the same logic in seconds, for tests

Needs torch, numpy, pyarrow and safetensors alone. Every part writes its rows as it ends, so that a time-out leaves what was
measured; parts are ordered by what they teach. Tokens are random with documents of log-normal length (median 400), so that
nothing has to be carried to the machine: speed does not depend on what ids say. `mfu` is nominal (PaLM, arXiv:2204.02311,
appendix B) against the data sheet's dense bfloat16 peak, `of_ceiling` against the matmul measured here.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from corpus_forge.tokens.index import ShardEntry, build_index, index_bytes
from corpus_forge.tokens.pack import pack
from corpus_forge.tokens.schema import ShardMetadata
from corpus_forge.tokens.shard import write_shard
from corpus_forge.train.attention import attend, make_mask
from corpus_forge.train.config import parse
from corpus_forge.train.loop import train
from corpus_forge.train.metrics import PEAKS, read_lines

GOALS = {"124m": 0.40, "350m": 0.45, "1_3b": 0.50}


class Report:
    """Rows of what was measured, on disk after each."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, []

    def add(self, part: str, **values: Any) -> None:
        """Print it and write all rows."""
        row = {"part": part, **values}
        self.rows.append(row)
        self.path.write_text(json.dumps(self.rows, indent=1), "utf-8")
        print("  ".join(f"{key}={value}" for key, value in row.items()), flush=True)


def seconds(work: Callable[[], Any], device: torch.device, repeats: int) -> float:
    """Median time of `work`, after two that do not count."""
    times = []
    for number in range(repeats + 2):
        wait(device)
        began = time.perf_counter()
        work()
        wait(device)
        if number >= 2:
            times.append(time.perf_counter() - began)
    return float(np.median(times))


def wait(device: torch.device) -> None:
    """Until the GPU has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def ceiling(report: Report, device: torch.device, tiny: bool) -> float:
    """Flops a second of one large matmul in bfloat16, and bytes a second of a copy."""
    size = 256 if tiny else 8192
    kind = torch.float32 if device.type == "cpu" else torch.bfloat16
    a, b = (torch.randn(size, size, device=device, dtype=kind) for _ in range(2))
    took = seconds(lambda: a @ b, device, 5 if tiny else 20)
    copied = seconds(a.clone, device, 5)
    flops = 2 * size**3 / took
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "cpu"
    report.add(
        "ceiling", device=name, torch=torch.__version__, tflops=round(flops / 1e12, 2),
        copy_gb_per_s=round(2 * a.nbytes / copied / 1e9, 1),
    )  # fmt: skip
    return flops


def document_intervals(rows: int, length: int, seed: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Causal masks of packed rows, documents of one token among them."""
    random, first = np.random.default_rng(seed), np.zeros((rows, length), np.int32)
    for row in range(rows):
        cuts = np.unique(np.r_[0, 1, random.integers(1, length, max(1, length // 400))])
        first[row] = np.repeat(cuts, np.diff(np.r_[cuts, length]))
    last = np.tile(np.arange(length, dtype=np.int32), (rows, 1))
    return torch.from_numpy(first).to(device), torch.from_numpy(last).to(device)


def parity(report: Report, device: torch.device, tiny: bool) -> None:
    """Each attention against the dense mask in float32: outputs, gradients, and that nothing leaks between documents."""
    length, heads, dim = (128, 4, 16) if tiny else (2048, 8, 128)
    kinds = ["varlen"] if device.type == "cpu" else ["flex", "varlen"]
    kind_of = torch.float32 if device.type == "cpu" else torch.bfloat16
    first, last = document_intervals(2, length, 1, device)
    for kv_heads in (heads, heads // 2):
        torch.manual_seed(0)
        inputs = [torch.randn(2, n, length, dim, device=device, dtype=kind_of) for n in (heads, kv_heads, kv_heads)]
        outputs = {}
        for kind in ["sdpa", *kinds]:
            given = [each.detach().to(torch.float32 if kind == "sdpa" else kind_of).requires_grad_() for each in inputs]
            made = attend(given[0], given[1], given[2], make_mask(kind, first, last, length))
            made[:, :, length // 2 :].float().square().sum().backward()
            outputs[kind] = [made.detach().float(), *(each.grad.float() for each in given)]
        unseen = int(first[0, length // 2])  # keys of documents before the first one that is scored
        for kind in kinds:
            errors = [float((a - b).norm() / b.norm()) for a, b in zip(outputs[kind], outputs["sdpa"], strict=True)]
            leak = float(outputs[kind][2][0, :, :unseen].abs().max()) if unseen else 0.0
            report.add(
                "parity", attention=kind, kv_heads=kv_heads, relative_error=round(max(errors), 6), leaked_gradient=leak,
                passed=max(errors) < 2e-2 and leak == 0.0,
            )  # fmt: skip


def attention_speed(report: Report, device: torch.device, tiny: bool) -> None:
    """Forward and backward of each attention by row length."""
    kinds = ["sdpa", "varlen"] if device.type == "cpu" else ["sdpa", "flex", "varlen"]
    kind_of = torch.float32 if device.type == "cpu" else torch.bfloat16
    for length in [128] if tiny else [1024, 2048, 4096, 8192]:
        rows, heads, dim = (1, 2, 16) if tiny else (32_768 // length, 8, 128)
        first, last = document_intervals(rows, length, 2, device)
        query, key, value = (
            torch.randn(rows, heads, length, dim, device=device, dtype=kind_of, requires_grad=True) for _ in range(3)
        )
        for kind in kinds:
            if kind == "sdpa" and length > 4096:
                continue
            mask = make_mask(kind, first, last, length)
            took = seconds(partial(both_ways, query, key, value, mask), device, 3 if tiny else 10)
            report.add("attention", attention=kind, length=length, m_tokens_per_s=round(rows * length / took / 1e6, 2))


def both_ways(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: Any) -> None:
    """Forward and backward once."""
    attend(query, key, value, mask).sum().backward()


def random_tokens(folder: Path, rows: int, seq_len: int, tiny: bool, seed: int = 0) -> Path:
    """A tokens folder of random documents."""
    random, vocabulary = np.random.default_rng(seed), 512 if tiny else 32_768
    lengths = np.maximum(2, random.lognormal(np.log(400), 1.0, max(2, rows * seq_len // 650)).astype(np.int64))
    ids = random.zipf(1.2, int(lengths.sum())).clip(max=vocabulary - 9).astype(np.uint32) + 8
    columns = ids, np.r_[0, np.cumsum(lengths)], np.arange(len(lengths), dtype=np.uint64), lengths * 4
    rows_of = pack("concat", *columns, seq_len=seq_len, eos_id=0, pad_id=1, dtype=np.dtype("uint16"))
    about = ShardMetadata(
        seq_len=seq_len, vocab_size=vocabulary, source="random", tokenizer_sha256="00" * 32, eos_id=0, pad_id=1
    )
    folder.mkdir(parents=True)
    with (folder / "shard-00000.arrow").open("wb") as file:
        entry: ShardEntry = write_shard(file, rows_of, about, "shard-00000.arrow")
    facts = {"seq_len": seq_len, "vocab_size": vocabulary, "tokenizer_sha256": "00" * 32}
    (folder / "index.json").write_bytes(index_bytes(build_index([entry], **facts, run="gpu", fingerprint="gpu")))
    return folder


def training_file(tokens: Path, output: Path, preset: str, steps: int, micro: int, **changes: Any) -> dict[str, Any]:
    """A training file of one microbatch a step; `changes` go to its `train`."""
    run = {"steps": steps, "batch_tokens": micro, "micro_tokens": micro, "log_every": 1, **changes}
    keep = {"every": 10_000, "keep_last": 1}
    return {"tokens": str(tokens), "output": str(output), "model": {"preset": preset}, "train": run, "checkpoint": keep}


def grid(tiny: bool) -> Iterator[tuple[str, str, int]]:
    """(preset, attention, tokens of a microbatch), the smallest first."""
    if tiny:
        yield from (("tiny", kind, 512) for kind in ("sdpa", "varlen"))
        return
    for preset, micros in (("124m", (65_536, 131_072)), ("350m", (32_768, 65_536)), ("1_3b", (16_384, 32_768))):
        for attention in ("flex", "varlen"):
            yield from ((preset, attention, micro) for micro in micros)


def utilisation(report: Report, device: torch.device, tiny: bool, folder: Path, flops: float) -> None:
    """Model flops utilisation of real steps, document masks and all."""
    tokens = random_tokens(folder / "mfu", 40 if tiny else 400, 128 if tiny else 2048, tiny)
    steps, skip = (4, 2) if tiny else (20, 8)
    peak = next((peak for part, peak in PEAKS.items() if part in report.rows[0]["device"]), None)
    for preset, attention, micro in grid(tiny):
        where = folder / f"{preset}-{attention}-{micro}"
        try:
            train(parse(training_file(tokens, where, preset, steps, micro, attention=attention, device=device.type)))
        except torch.cuda.OutOfMemoryError:
            report.add("mfu", preset=preset, attention=attention, micro_tokens=micro, passed=False, reason="out of memory")
            continue
        lines = [line for line in read_lines(where / "metrics.jsonl") if "loss" in line][skip:]
        speed = float(np.median([line["tokens_per_s"] for line in lines]))
        mfu = None if peak is None else float(np.median([line["mfu"] for line in lines]))
        report.add(
            "mfu", preset=preset, attention=attention, micro_tokens=micro, tokens_per_s=round(speed),
            mfu=None if mfu is None else round(mfu, 4), goal=GOALS.get(preset),
            of_ceiling=None if mfu is None or peak is None else round(mfu * peak / flops, 4),
            data_wait_share=round(float(np.median([line["data_wait_share"] for line in lines])), 4),
            memory_gb=round(lines[-1]["memory_bytes"] / 1e9, 2),
        )  # fmt: skip


def kill_and_resume(report: Report, device: torch.device, tiny: bool, folder: Path) -> None:
    """A run that is killed and run again against one that is not, with deterministic kernels."""
    tokens = random_tokens(folder / "resume", 40, 128 if tiny else 2048, tiny, seed=1)
    preset, micro, steps = ("tiny", 512, 12) if tiny else ("124m", 16_384, 30)
    changes = {"deterministic": True, "device": device.type, "attention": "sdpa"}
    losses = {}
    for name in ("whole", "killed"):
        data = training_file(tokens, folder / name, preset, steps, micro, **changes)
        data["checkpoint"]["every"] = 5
        file = folder / f"{name}.json"
        file.write_text(json.dumps(data), "utf-8")
        if name == "killed":
            kill_after(file, folder / name, steps // 3)
            run_file(file)
        else:
            train(parse(data))
        losses[name] = [line["loss"] for line in read_lines(folder / name / "metrics.jsonl") if "loss" in line]
    difference = float(np.abs(np.subtract(losses["whole"], losses["killed"])).max())
    falls = losses["whole"][-1] < losses["whole"][0]
    report.add("resume", steps=steps, largest_difference=difference, loss_falls=falls, passed=difference < 2e-2 and falls)


def kill_after(file: Path, output: Path, steps: int) -> None:
    """Start a run and kill it once it has logged so many steps."""
    process = start(file)
    while process.poll() is None:
        lines = read_lines(output / "metrics.jsonl")
        if lines and lines[-1]["step"] >= steps:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.02)
    process.wait()


def run_file(file: Path) -> None:
    """Train to the end."""
    if start(file).wait():
        raise SystemExit(f"{file}: the training failed")


def start(file: Path) -> subprocess.Popen[bytes]:
    """A process that trains."""
    root = str(Path(__file__).parent.parent)
    where = {
        **os.environ,
        "PYTHONPATH": root + os.pathsep + os.environ.get("PYTHONPATH", ""),
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }
    return subprocess.Popen([sys.executable, "-m", "corpus_forge.train", str(file)], env=where, stderr=subprocess.DEVNULL)


def page(rows: list[dict[str, Any]], date: str) -> str:
    """The table of docs/performance.md."""
    lines = [f"Measured on {date}, {rows[0]['device']}, torch {rows[0]['torch']}, by `python benchmarks/gpu.py`.", ""]
    for part in dict.fromkeys(row["part"] for row in rows):
        mine = [row for row in rows if row["part"] == part]
        keys = list(dict.fromkeys(key for row in mine for key in row if key != "part"))
        lines += [f"### {part}", "", "| " + " | ".join(keys) + " |", "|" + "---|" * len(keys)]
        lines += ["| " + " | ".join("" if row.get(key) is None else str(row[key]) for key in keys) + " |" for row in mine]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Parse, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--tiny", action="store_true", help="sizes that a CPU does in seconds")
    parser.add_argument("--output", type=Path, required=True, help="rows as JSON")
    parser.add_argument("--page", type=Path, help="put the table into this page, below its line 'MEASURED'")
    given = parser.parse_args()
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("no GPU is here; --device cpu --tiny runs the logic")
    device, report = torch.device(given.device), Report(given.output)
    with tempfile.TemporaryDirectory() as scratch:
        flops = ceiling(report, device, given.tiny)
        parity(report, device, given.tiny)
        utilisation(report, device, given.tiny, Path(scratch), flops)
        kill_and_resume(report, device, given.tiny, Path(scratch))
        attention_speed(report, device, given.tiny)
    if given.page:
        before = given.page.read_text("utf-8").split("<!-- MEASURED -->")[0]
        table = page(report.rows, time.strftime("%Y-%m-%d"))
        given.page.write_text(f"{before}<!-- MEASURED -->\n\n{table}", "utf-8")


if __name__ == "__main__":
    main()

"""The training loop: read, forward, backward, add up over ranks, step; log, evaluate, save; go on after any kill.

The same command goes on from the newest checkpoint, and ends with the same bits as a run that was never stopped, since every
row, corruption and learning rate is a function of how many rows are consumed. SIGTERM, SIGINT and the time limit end the run
at the next step, with a checkpoint.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import torch

from corpus_forge.errors import Interrupted
from corpus_forge.train import checkpoint
from corpus_forge.train.config import TrainingConfig
from corpus_forge.train.data import Prefetch, Prepared, to_device
from corpus_forge.train.metrics import Flops, MetricsFile, Spikes, peak_memory, seen_keys
from corpus_forge.train.optim import lr_share
from corpus_forge.train.ranks import joined
from corpus_forge.train.setup import Setup, prepare
from corpus_forge.train.sharded import is_sharded, whole
from corpus_forge.train.trackers import open_trackers

Observer = Callable[[dict[str, Any]], None]


def train(config: TrainingConfig, observe: Observer = lambda _: None) -> dict[str, Any]:
    """Train, or go on training, until the end; the last line of metrics. Errors as corpus_forge.errors says.

    `observe` is given every line that goes to metrics.jsonl, on rank 0.
    """
    with joined(config.train.device) as ranks, _deterministic(config.train.deterministic):
        setup = prepare(config, ranks)
        return _Loop(setup, observe).run()


class _Loop:
    def __init__(self, setup: Setup, observe: Observer) -> None:
        self.setup, self.ranks, self.observe = setup, setup.ranks, observe
        self.parameters = [parameter for _, parameter in sorted(setup.model.named_parameters())]
        self.sharded = is_sharded(setup.model)
        self.metrics = MetricsFile(setup.output, setup.step) if setup.ranks.first else None
        self.flops = Flops(setup.model, setup.reader.sources[0].seq_len, setup.ranks.device)
        self.trackers = open_trackers(setup.config.trackers, setup.output) if setup.ranks.first else []
        self.spikes, self.clock = Spikes(), _Clock()
        self.last: dict[str, Any] = {"step": setup.step, "rows": setup.rows}

    def run(self) -> dict[str, Any]:
        setup, began = self.setup, time.monotonic()
        prefetch = Prefetch(setup.reader, setup.objective)
        try:
            with _stop_signals() as stopped:
                while setup.rows + setup.rows_per_step <= setup.total_rows:
                    self._stop_when(stopped.is_set(), time.monotonic() - began)
                    self._step(prefetch)
        finally:
            prefetch.close()
            for tracker in self.trackers:
                tracker.close()
        self._save()
        return self.last

    def _stop_when(self, asked: bool, seconds: float) -> None:
        """Save and raise when any rank was asked to stop or is out of time: all must, or the others wait for it for ever."""
        limit = self.setup.config.train.time_limit
        if self.ranks.total(float(asked or (limit is not None and seconds > limit)))[0]:
            self._save()
            where = f"its checkpoint is in {self.setup.output}"
            raise Interrupted(f"stopped after step {self.setup.step}; {where}. The same command goes on from there.")

    def _step(self, prefetch: Prefetch) -> None:
        setup = self.setup
        waited = time.perf_counter()
        micros = [next(prefetch) for _ in range(setup.rows_per_step // (setup.micro * self.ranks.world))]
        self.clock.waited += time.perf_counter() - waited
        scored = self.ranks.total(sum(each.example.scored for each in micros))[0]
        nll = self._gradients(micros, max(1.0, scored))
        norm = whole(torch.nn.utils.clip_grad_norm_(self.parameters, setup.config.train.clip))
        rate = lr_share(setup.rows / setup.total_rows, setup.rows_per_step / setup.total_rows, setup.config.schedule)
        for optimizer in setup.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["base_lr"] * rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        setup.step += 1
        setup.rows += setup.rows_per_step
        self.clock.rows += setup.rows_per_step
        self._after(micros, nll, scored, norm)

    def _gradients(self, micros: list[Prepared], scored: float) -> torch.Tensor:
        """Gradients of the mean over all scored tokens of the step; the sum of this rank's losses."""
        total, scale = torch.zeros((), device=self.ranks.device), self.ranks.world if self.sharded else 1
        for each in micros:
            nll, z_loss = self.setup.model(to_device(each.example, self.ranks.device, self.setup.attention))
            ((nll + z_loss) * (scale / scored)).backward()
            total += nll.detach()
        for parameter in self.parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        if not self.sharded:  # else the backward pass has done it
            self.ranks.sum_gradients(self.parameters)
        return total

    def _after(self, micros: list[Prepared], nll: torch.Tensor, scored: float, norm: torch.Tensor) -> None:
        setup, config = self.setup, self.setup.config
        ended = setup.rows + setup.rows_per_step > setup.total_rows
        if setup.step % config.train.log_every == 0 or ended or setup.step == 1:
            self._log(micros, nll, scored, norm)
        if setup.evaluator is not None and (setup.step % config.eval.every == 0 or ended):
            self._evaluate()
        if setup.step % config.checkpoint.every == 0:
            self._save()

    def _log(self, micros: list[Prepared], nll: torch.Tensor, scored: float, norm: torch.Tensor) -> None:
        setup, seq_len = self.setup, self.flops.seq_len
        loss = self.ranks.total(float(nll))[0] / max(1.0, scored)
        rows, seconds, waited = self.clock.lap()
        speed = rows * seq_len / seconds
        mine = speed / self.ranks.world
        line = {
            "step": setup.step,
            "rows": setup.rows,
            "tokens": setup.rows * seq_len,
            "loss": loss,
            "scored_tokens": int(scored),
            "lr": setup.optimizers[0].param_groups[0]["lr"],
            "grad_norm": float(norm),
            "tokens_per_s": round(speed, 1),
            "mfu": self.flops.mfu(mine, seq_len),
            "mfu_doc": self.flops.mfu(mine, seen_keys(micros[0].rows)),
            "data_wait_share": round(waited / seconds, 4),
            "memory_bytes": peak_memory(self.ranks.device),
            "eta_s": round((setup.total_rows - setup.rows) / (rows / seconds), 1),
        }
        if self.spikes.jumps(loss):
            peeked = setup.reader.peek_rows(setup.rows - setup.rows_per_step, setup.rows)
            line["spike"] = [{"source": each.source, "row": each.row, "doc_uid": list(each.doc_uid)} for each in peeked]
        self._tell(line)

    def _evaluate(self) -> None:
        setup = self.setup
        assert setup.evaluator is not None
        scores = setup.evaluator.score(setup.model, setup.config.eval.tokens, setup.micro)
        self._tell({"step": setup.step, "rows": setup.rows, "eval": {name: asdict(score) for name, score in scores.items()}})
        self.clock.lap()

    def _tell(self, line: dict[str, Any]) -> None:
        self.last = {**self.last, **line}
        if self.metrics is not None:
            self.metrics.write(line)
            for tracker in self.trackers:
                tracker.write(line)
            self.observe(line)

    def _save(self) -> None:
        setup = self.setup
        if setup.step:
            checkpoint.save(setup.output, setup.state(), setup.model, setup.optimizers, setup.config.checkpoint, setup.ranks)


class _Clock:
    """Rows, seconds and waiting since the last look."""

    def __init__(self) -> None:
        self.rows, self.waited, self._since = 0, 0.0, time.perf_counter()

    def lap(self) -> tuple[int, float, float]:
        now = time.perf_counter()
        lap = (self.rows, max(1e-9, now - self._since), self.waited)
        self.rows, self.waited, self._since = 0, 0.0, now
        return lap


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; a second one acts as it would without us. Nothing outside the main thread."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, _: object) -> None:
        stopped.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, stop)
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _deterministic(wanted: bool) -> Iterator[None]:
    """Refuse kernels whose sums depend on timing; slower on a GPU, the rule on a CPU anyway."""
    before = torch.are_deterministic_algorithms_enabled()
    if wanted:
        import os

        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)

"""Kernels are compiled before the tasks that run them: once, by the driver, and not by every worker at once.

Workers of this machine then load them from the cache; those of others compile for themselves, unless they share the folder that
NUMBA_CACHE_DIR names. Where all is compiled this costs the driver a second, and a stage that is reused whole costs nothing.
"""

from __future__ import annotations

from corpus_forge.config import PipelineConfig
from corpus_forge.engine.observer import Observer
from corpus_forge.engine.state import Stage
from corpus_forge.steps.base import step_labels
from corpus_forge.warm_up import warm_up


class Kernels:
    """What the stages of a run need, each once."""

    def __init__(self, config: PipelineConfig, observer: Observer) -> None:
        self.observer = observer
        self.of_step = {label: step.kernels() for label, step in zip(step_labels(config.steps), config.steps, strict=True)}
        self.ready: set[str] = set()

    def prepare(self, stage: Stage) -> None:
        """Compile what the stage's tasks run and the cache does not have; the observer hears of it."""
        wanted = ("tokens",) if stage.kind == "pack" else (name for step in stage.steps for name in self.of_step.get(step, ()))
        for name in dict.fromkeys(wanted):
            if name not in self.ready:
                warm_up(name, lambda name=name: self.observer.message(told(name)))  # type: ignore[misc]
            self.ready.add(name)


def told(name: str) -> str:
    """What is said when kernels are compiled."""
    return f"compiling the kernels of {name}, once on this machine; `corpus-forge warmup` does it ahead"

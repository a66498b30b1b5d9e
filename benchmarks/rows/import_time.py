"""What an import costs, after the interpreter has started."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main


def importing(*modules: str) -> Callable[[Path], Work]:
    """A side that imports modules, its files being in the page cache after the first repeat."""

    def prepare(_: Path) -> Work:
        def work() -> Done:
            for module in modules:
                import_module(module)
            return Done(0, 0, ", ".join(modules))

        return work

    return prepare


ROW = Row(
    "Import",
    {
        "import corpus_forge": Side(OURS, importing("corpus_forge")),
        "cf.Pipeline": Side(OURS, importing("corpus_forge", "corpus_forge.pipeline")),
        "datatrove's local executor": Side(PEERS, importing("datatrove.executor.local")),
    },
    repeats=9,
    size_of="",
)

if __name__ == "__main__":
    main(ROW)

"""Several tokens folders, or the parts of one, drawn by weight: what a training run reads.

Weights are chosen here, when a model is trained, and never when text is tokenized: shards hold one source each.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_forge.errors import RequestError
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.index import read_index
from corpus_forge.tokens.mixture import Phases
from corpus_forge.tokens.mixture_file import find_mixture, read_mixture, row_weights
from corpus_forge.tokens.reader import TokenReader
from corpus_forge.tokens.source_rows import SourceRows

if TYPE_CHECKING:
    from corpus_forge.tokens.torch import TorchBatches

Sources = Mapping[str, str | Path | TokenDataset | SourceRows]


class TokenMixture:
    """Sources by name, each a dataset or a path, and their weights; or one run, whose sources are mixed.

    `TokenMixture({"web": "RUN-A", "wiki": "RUN-B"}, {"web": 3, "wiki": 1})`; shares are weights divided by their sum.
    Without weights each source counts by its rows. `TokenMixture("RUN")` mixes the sources of a run by its mixture.json, where
    it has one; `weights` may be the path of another such file. `phases` in place of `weights` changes them on the way:
    `[(0, {"web": 1}), (1_000_000, {"web": 1, "wiki": 1})]`, in rows of the order. Errors as for TokenDataset, and RequestError.
    """

    def __init__(
        self,
        sources: Sources | str | Path,
        weights: Mapping[str, float] | str | Path | None = None,
        *,
        phases: Phases | None = None,
        split: str = "train",
    ) -> None:
        if not sources:
            raise RequestError("mixture: no source is given.")
        if weights is not None and phases is not None:
            raise RequestError(
                "mixture: both weights and phases are given. Give one: phases, the first from row 0, hold weights too."
            )
        self.rows: int | None = None
        """Rows of the order that make up the tokens of the mixture file; None without one."""
        if isinstance(sources, str | Path):
            if phases is None and not isinstance(weights, Mapping):
                weights = _from_file(sources, weights, split)
                self.rows = None if weights is None else round(sum(weights.values()))
            sources = _sources_of(sources, split)
        if isinstance(weights, str | Path):
            raise RequestError(
                f"mixture: '{weights}' is a file, which mixes the parts of one run. Give that run alone, as a path."
            )
        self.sources = [_rows(name, each, split) for name, each in sources.items()]
        self.phases: Phases = phases or [(0, weights or {rows.name: float(len(rows)) for rows in self.sources})]

    def reader(
        self, batch_size: int, seed: int = 0, rank: int = 0, world_size: int = 1, state: Mapping[str, Any] | None = None
    ) -> TokenReader:
        """Batches without end; see TokenDataset.reader."""
        places = {"batch_size": batch_size, "seed": seed, "rank": rank, "world_size": world_size}
        return TokenReader(self.sources, self.phases, **places, state=state)

    def torch_batches(
        self, batch_size: int, seed: int = 0, rank: int = 0, world_size: int = 1, state: Mapping[str, Any] | None = None
    ) -> TorchBatches:
        """What `reader` gives as a torch IterableDataset of tensors, for any number of workers. See tokens/torch.py."""
        from corpus_forge.tokens.torch import TorchBatches

        return TorchBatches(self.reader, batch_size, seed, rank, world_size, state)


def _from_file(run: str | Path, file: str | Path | None, split: str) -> dict[str, float] | None:
    """Weights of rows from a mixture file, the one given or the run's own; None when there is none."""
    index = read_index(run)
    chosen = Path(file) if file is not None else find_mixture(index.folder)
    return None if chosen is None else row_weights(read_mixture(chosen), index, split, str(chosen))


def _sources_of(path: str | Path, split: str) -> dict[str, SourceRows]:
    """The rows of each source of a run, by name."""
    dataset = TokenDataset(path)
    names = sorted({entry.source for entry in dataset.shards if entry.split == split})
    return {name: SourceRows(name, dataset, dataset.shard_numbers(name, split)) for name in names}


def _rows(name: str, source: str | Path | TokenDataset | SourceRows, split: str) -> SourceRows:
    if isinstance(source, SourceRows):
        return source
    dataset = source if isinstance(source, TokenDataset) else TokenDataset(source)
    return SourceRows(name, dataset, dataset.shard_numbers(split=split))

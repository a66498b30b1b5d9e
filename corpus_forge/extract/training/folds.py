"""Parts of the gold pages that share no domain, and weights that no page had a hand in when it is learned from.

Pages of one site share their template; a model that has seen the template is no test of pages that it has not. Weights of
words are made of the labels themselves, so a page that is learned from must be described by weights from other folds, or the
trees would trust them too much.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FOLDS = 5


def folds_of(domains: Sequence[str], seed: int, own: Sequence[bool] = (), count: int = FOLDS) -> np.ndarray:
    """int64[n]: the fold of each page; one domain lies in one fold. Domains are dealt out in a random order that the seed
    gives, those of the own pages first: what is learned from beside them leaves their folds as they are, so that figures
    with and without it can be compared. own: bool[n], all by default.
    """
    first = {domain for domain, mine in zip(domains, own or [True] * len(domains), strict=True) if mine}
    deal = np.random.Generator(np.random.Philox(seed))
    fold: dict[str, int] = {}
    for names in (sorted(first), sorted(set(domains) - first)):
        fold |= {names[place]: number % count for number, place in enumerate(deal.permutation(len(names)).tolist())}
    return np.array([fold[domain] for domain in domains], np.int64)

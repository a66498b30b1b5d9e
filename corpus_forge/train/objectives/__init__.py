"""What is predicted, on the same packed rows: causal, prefix, mlm, span, ul2.

An objective is a pure function of (row, seed, epoch): its randomness is Philox keyed by the run's seed and counted by the row's
source, number and epoch. So the same row is corrupted the same way on any rank, in any batch and after any resume, and
differently in every epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from corpus_forge.errors import RequestError
from corpus_forge.tokens.reader import TokenBatch
from corpus_forge.train.config import ObjectiveConfig
from corpus_forge.train.objectives.causal import causal
from corpus_forge.train.objectives.example import Example, RowRandom, TokenFacts
from corpus_forge.train.objectives.masked import masked
from corpus_forge.train.objectives.prefix import prefix
from corpus_forge.train.objectives.span import Denoiser, corrupted, needed_sentinels

UL2 = (
    Denoiser(0.15, 3.0),
    Denoiser(0.15, 8.0),
    Denoiser(0.25, None),
    Denoiser(0.5, 3.0),
    Denoiser(0.5, 8.0),
    Denoiser(0.15, 64.0),
    Denoiser(0.5, 64.0),
)
"""Tay et al., UL2, arXiv:2205.05131, table 1: two R-denoisers, the S-denoiser (a suffix of a quarter), four X-denoisers."""
FORMS = {"causal": "decoder", "prefix": "decoder", "mlm": "encoder", "span": "encoder_decoder", "ul2": "encoder_decoder"}

Objective = Callable[[TokenBatch], Example]


def make_objective(config: ObjectiveConfig, facts: TokenFacts, sources: Sequence[str], seed: int) -> Objective:
    """The function from a batch of rows to what a model is given. RequestError when the tokenizer lacks a token it needs."""
    random = RowRandom(config.name, seed, sources)
    if config.name == "causal":
        return causal
    if config.name == "prefix":
        return partial(prefix, random=random)
    if config.name == "mlm":
        _need(facts.mask_id is not None, "mlm", "a mask token (mask_id)")
        return partial(masked, random=random, facts=facts, rate=config.rate, whole_word=config.whole_word)
    denoisers = UL2 if config.name == "ul2" else (Denoiser(config.rate, config.mean_span),)
    most = needed_sentinels(denoisers, config.window)
    _need(len(facts.sentinels) >= most, config.name, f"{most} sentinels for windows of {config.window} tokens")
    return partial(corrupted, random=random, facts=facts, denoisers=denoisers, window=config.window)


def _need(there: bool, objective: str, what: str) -> None:
    if not there:
        raise RequestError(
            f"objective {objective} needs {what}, and the tokenizer of these tokens has not."
            " Tokenize with `train: {vocab_size: …}`, which reserves a mask and 100 sentinels, or choose another objective."
        )

"""What is predicted, on the same packed rows: causal, prefix, mlm, electra, xlnet, span, ul2, bart.

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
from corpus_forge.train.objectives.bart import infilled
from corpus_forge.train.objectives.causal import causal
from corpus_forge.train.objectives.electra import replaced
from corpus_forge.train.objectives.example import Example, RowRandom, TokenFacts
from corpus_forge.train.objectives.masked import masked
from corpus_forge.train.objectives.permuted import permuted
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
"""Tay et al., arXiv:2205.05131, section 3.1.2, table 1: two R-denoisers, the S-denoiser (last quarter), four X-denoisers."""
FORMS = {
    "causal": "decoder", "prefix": "decoder", "mlm": "encoder", "electra": "replaced", "xlnet": "encoder",
    "span": "encoder_decoder", "ul2": "encoder_decoder", "bart": "encoder_decoder",
}  # fmt: skip
"""Which form of the model an objective trains."""

Objective = Callable[[TokenBatch], Example]


def make_objective(config: ObjectiveConfig, facts: TokenFacts, sources: Sequence[str], seed: int) -> Objective:
    """The function from a batch of rows to what a model is given. RequestError when the tokenizer lacks a token it needs."""
    random = RowRandom(config.name, seed, sources)
    if config.name in ("span", "ul2"):
        return _with_sentinels(config, facts, random)
    if config.name not in ("causal", "prefix"):
        _need(facts.mask_id is not None, config.name, "a mask token (mask_id)")
    rate, mean_span, window = config.chosen_rate, config.mean_span, config.window
    draws = RowRandom("electra draws", seed, sources)
    known: dict[str, Objective] = {
        "causal": causal,
        "prefix": partial(prefix, random=random),
        "mlm": partial(masked, random=random, facts=facts, rate=rate, whole_word=config.whole_word),
        "electra": partial(replaced, random=random, draws=draws, facts=facts, rate=rate),
        "xlnet": partial(permuted, random=random, facts=facts),
        "bart": partial(infilled, random=random, facts=facts, rate=rate, mean_span=mean_span, window=window),
    }
    return known[config.name]


def _with_sentinels(config: ObjectiveConfig, facts: TokenFacts, random: RowRandom) -> Objective:
    denoisers = UL2 if config.name == "ul2" else (Denoiser(config.chosen_rate, config.mean_span),)
    most = needed_sentinels(denoisers, config.window)
    _need(len(facts.sentinels) >= most, config.name, f"{most} sentinels for windows of {config.window} tokens")
    return partial(corrupted, random=random, facts=facts, denoisers=denoisers, window=config.window)


def _need(there: bool, objective: str, what: str) -> None:
    if not there:
        raise RequestError(
            f"objective {objective} needs {what}, and the tokenizer of these tokens has not."
            " Tokenize with `train: {vocab_size: …}`, which reserves a mask and 100 sentinels, or choose another objective."
        )

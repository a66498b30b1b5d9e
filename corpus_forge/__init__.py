"""corpus-forge: one declarative file from raw web archives to packed token shards. See README.md.

The names below are the library; each is imported when it is first used, so that `import corpus_forge` costs almost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus_forge.dedup.contamination import contamination
    from corpus_forge.dedup.exact import exact_duplicates
    from corpus_forge.dedup.interchange import from_datasketch, to_datasketch
    from corpus_forge.dedup.minhash import minhash_signatures
    from corpus_forge.dedup.near import near_duplicates
    from corpus_forge.dedup.substrings import duplicate_spans
    from corpus_forge.document import Fault, Outcome, Removal
    from corpus_forge.errors import ConfigError, CorpusForgeError, InputError, RequestError, RunError
    from corpus_forge.extract import extract
    from corpus_forge.extract.metadata import page_metadata
    from corpus_forge.io.warc import read_warc
    from corpus_forge.language import detect_language
    from corpus_forge.pipeline import Pipeline, Run
    from corpus_forge.rules import apply_rules
    from corpus_forge.steps.python import batch_step, document_step
    from corpus_forge.text.signals import signals
    from corpus_forge.tokens.dataset import TokenDataset
    from corpus_forge.tokens.token_mixture import TokenMixture

_HOME = {
    "ConfigError": "errors",
    "CorpusForgeError": "errors",
    "Fault": "document",
    "InputError": "errors",
    "Outcome": "document",
    "Pipeline": "pipeline",
    "Removal": "document",
    "RequestError": "errors",
    "Run": "pipeline",
    "RunError": "errors",
    "TokenDataset": "tokens.dataset",
    "TokenMixture": "tokens.token_mixture",
    "apply_rules": "rules",
    "batch_step": "steps.python",
    "contamination": "dedup.contamination",
    "detect_language": "language",
    "document_step": "steps.python",
    "duplicate_spans": "dedup.substrings",
    "exact_duplicates": "dedup.exact",
    "extract": "extract",
    "from_datasketch": "dedup.interchange",
    "minhash_signatures": "dedup.minhash",
    "near_duplicates": "dedup.near",
    "page_metadata": "extract.metadata",
    "read_warc": "io.warc",
    "signals": "text.signals",
    "to_datasketch": "dedup.interchange",
}

__all__ = [
    "ConfigError",
    "CorpusForgeError",
    "Fault",
    "InputError",
    "Outcome",
    "Pipeline",
    "Removal",
    "RequestError",
    "Run",
    "RunError",
    "TokenDataset",
    "TokenMixture",
    "apply_rules",
    "batch_step",
    "contamination",
    "detect_language",
    "document_step",
    "duplicate_spans",
    "exact_duplicates",
    "extract",
    "from_datasketch",
    "minhash_signatures",
    "near_duplicates",
    "page_metadata",
    "read_warc",
    "signals",
    "to_datasketch",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'corpus_forge' has no attribute '{name}'")
    return getattr(import_module(f"corpus_forge.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

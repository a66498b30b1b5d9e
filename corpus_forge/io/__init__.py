"""The only place that opens files. `load_formats` is the explicit list of the source formats that come with corpus-forge."""

from __future__ import annotations

from functools import cache
from importlib import import_module

BUILT_IN = ("arc", "books", "commoncrawl", "hf_dataset", "jsonl", "mediawiki", "parquet", "text_files", "warc", "wet")
"""Modules of this package, each of which registers one format."""


@cache
def load_formats() -> None:
    """Register the built-in source formats. Once a process; cheap imports only."""
    for module in BUILT_IN:
        import_module(f"corpus_forge.io.{module}")

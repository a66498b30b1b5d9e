"""The public surface is frozen: a name is never renamed or dropped, and a new one is added here in the same commit."""

from __future__ import annotations

import subprocess
import sys

import corpus_forge as cf

NAMES = [
    "ConfigError", "CorpusForgeError", "Fault", "InputError", "Outcome", "Pipeline", "Removal", "RequestError", "Run",
    "RunError", "TokenDataset", "TokenMixture", "apply_rules", "batch_step", "contamination", "detect_language",
    "document_step", "duplicate_spans", "exact_duplicates", "extract", "from_datasketch", "minhash_signatures",
    "near_duplicates", "page_metadata", "read_warc", "signals", "to_datasketch",
]  # fmt: skip
HEAVY = ["ray", "torch", "numba", "trafilatura", "gigatoken", "tokenizers", "pyarrow", "resiliparse"]


def test_exported_names_are_exactly_these():
    assert sorted(cf.__all__) == NAMES


def test_every_exported_name_can_be_used():
    for name in NAMES:
        assert callable(getattr(cf, name)), name


def test_library_calls_are_functions_and_not_the_modules_of_the_same_name():
    """`corpus_forge.extract` is a package too: importing it must not put the package in the function's place."""
    code = "import corpus_forge.extract, corpus_forge as cf; cf.Pipeline; assert callable(cf.extract), cf.extract"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_pipeline_and_run_have_their_methods():
    for name in ("from_yaml", "from_dict", "check", "plan", "run"):
        assert callable(getattr(cf.Pipeline, name)), name
    for name in (
        "open",
        "documents",
        "removed",
        "quarantine",
        "tokens",
        "explain",
        "status",
        "clean",
        "whatif",
        "verify",
        "export",
    ):
        assert callable(getattr(cf.Run, name)), name
    assert isinstance(cf.Run.report, property)


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, corpus_forge; print([name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    assert loaded == "[]"


def test_reading_tokens_needs_pyarrow_and_numpy_only():
    code = (
        "import sys, corpus_forge.tokens.dataset, corpus_forge.tokens.reader, corpus_forge.tokens.token_mixture; "
        "print([name for name in ('pydantic', 'ray', 'gigatoken', 'tokenizers', 'numba', 'yaml') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    assert loaded == "[]"

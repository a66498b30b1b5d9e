"""A run's tokens without documents that are named by URL, domain or id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from corpus_forge.errors import RequestError
from corpus_forge.report.locate import Wanted, find_wanted
from corpus_forge.tokens.redact import redact_tokens


def redact(root: Path, wanted: Wanted, output: str | Path) -> dict[str, Any]:
    """See tokens/redact.py. RequestError when no kept document is meant: nothing is written then."""
    found = find_wanted(root, wanted)
    if not found:
        raise RequestError(f"{root}: no kept document is meant by that. `corpus-forge locate` shows what is.")
    asked = {"urls": list(wanted.urls), "domains": list(wanted.domains), "ids": len(wanted.ids)}
    return redact_tokens(root, np.array(list(found), np.uint64), output, asked)

"""Which tests `make fuzz` runs, and how many examples a test of a kernel draws.

`@cases(100)` above `@given` puts a test into that list: 100 examples in an ordinary run, 1,000 and bounds checks there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings


def cases(least: int = 100) -> Callable[[Any], Any]:
    """Decorator above `@given`: as many examples as named here, and more where the profile asks for more."""
    bound = settings(max_examples=max(least, settings().max_examples), deadline=None)

    def decorate(test: Any) -> Any:
        return pytest.mark.fuzz(bound(test))

    return decorate

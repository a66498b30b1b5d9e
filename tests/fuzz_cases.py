"""How many examples a test of a kernel draws: as many as it names, and more where the profile asks for more (`make fuzz`)."""

from __future__ import annotations

from hypothesis import settings


def cases(least: int) -> settings:
    """Decorator beside `@given`."""
    return settings(max_examples=max(least, settings().max_examples), deadline=None)

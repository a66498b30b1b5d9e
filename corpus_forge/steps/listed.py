"""Keys that take a list of words, or one word in place of it: `kinds: email` is `kinds: [email]`."""

from __future__ import annotations

from typing import Any


def one_is_a_list(value: Any) -> Any:
    """A single word as a list of it, anything else as it is: for `field_validator(…, mode="before")`."""
    return (value,) if isinstance(value, str) else value

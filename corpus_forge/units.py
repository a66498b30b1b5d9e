"""Numbers with units in pipeline files: `10B` tokens, `256MB`, `64MiB`, `0.5%`.

Counts take K, M, B, T as powers of 1000. Sizes take K, M, G, T (with or without `B`) as powers of 1000 and KiB, MiB, GiB, TiB
as powers of 1024. So `1G` is 10⁹ bytes: a size never depends on whether its reader thinks in powers of two. Arithmetic
is decimal, so that `1.1M` is exactly 1,100,000; a value that is not a whole number of units is refused, never rounded.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

LARGEST = (1 << 63) - 1
COUNT_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
SIZE_UNITS = {
    "": 1,
    "B": 1,
    **{suffix: 1000**power for power, name in enumerate("KMGT", 1) for suffix in (name, name + "B")},
    **{name + "IB": 1024**power for power, name in enumerate("KMGT", 1)},
}
_SHARE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,18})?(?:e-[0-9]{1,2})?)\s*(%)?", re.ASCII)
_NUMBER = re.compile(r"([0-9]{1,19}(?:\.[0-9]{1,9})?)\s*([A-Za-z]{0,3})", re.ASCII)


def parse_count(value: object) -> int:
    """An integer from `10B`, `1.5M`, 64000; ValueError in words for anything else."""
    return _parse(value, COUNT_UNITS, "a count such as 500, 64K, 1.5M or 10B")


def parse_size(value: object) -> int:
    """Bytes from `256MB`, `64MiB`, `1G`, 1024; ValueError in words for anything else."""
    return _parse(value, SIZE_UNITS, "a size such as 1024, 256MB, 64MiB or 1G")


def parse_share(value: object) -> float:
    """A share from `0.5%`, `1 %` or 0.005; ValueError in words for anything else."""
    wanted = "a share such as 0.5% or 0.005"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"must be {wanted}")
    match = _SHARE.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(f"must be {wanted}")
    return float(Decimal(match[1]) / (100 if match[2] else 1))


def format_size(size: float) -> str:
    """Bytes for people, in powers of 1000: `1.4 GB`, the way `parse_size` reads it back."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _parse(value: object, units: dict[str, int], wanted: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"must be {wanted}")
    text = format(value, ".0f") if isinstance(value, float) and value.is_integer() else str(value).strip().replace("_", "")
    match = _NUMBER.fullmatch(text)
    if match is None or match[2].upper() not in units:
        raise ValueError(f"must be {wanted}" + (", not negative" if text.startswith("-") else ""))
    exact = Decimal(match[1]) * units[match[2].upper()]
    if exact != int(exact) or exact > LARGEST:
        raise ValueError(f"must be {wanted}, whole and at most 2**63 - 1")
    return int(exact)


def _schema(units: dict[str, int], words: str) -> dict[str, Any]:
    """Editors see what the parser takes; upper and lower case alike."""
    names = sorted({spelling for unit in units if unit for spelling in (unit, unit.lower(), unit.replace("IB", "iB"))})
    pattern = rf"^[0-9][0-9_]*(\.[0-9]+)?\s*({'|'.join(names)})?$"
    return {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": pattern}], "description": words}


Count = Annotated[int, BeforeValidator(parse_count), WithJsonSchema(_schema(COUNT_UNITS, "A count: 64000, 64K, 1.5M, 10B."))]
ByteSize = Annotated[
    int, BeforeValidator(parse_size), WithJsonSchema(_schema(SIZE_UNITS, "Bytes: 1024, 256MB (10^6), 64MiB (2^20), 1G."))
]
Share = Annotated[
    float,
    BeforeValidator(parse_share),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?\s*%?$"},
            ],
            "description": "A share: 0.5%, 0.005.",
        }
    ),
]

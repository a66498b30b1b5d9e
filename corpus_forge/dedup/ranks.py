"""Which document of a group stays: the one with the least rank, and among equals the first in input order.

A rank is two unsigned integers, compared in turn: the place of the source in a list of sources, and what `keep` says.
Input order comes last in every policy, so that the choice never depends on anything but the documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.errors import RequestError

Keep = Literal["first", "longest", "newest", "oldest", "highest", "lowest"]
LAST = np.uint64(0xFFFFFFFFFFFFFFFF)
_DATE = r"^(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{2}:\d{2}:\d{2}))?"


def source_ranks(sources: pa.Array, preferred: Sequence[str]) -> np.ndarray:
    """uint64[n]: the place in `preferred`; those that are not in it come after all that are."""
    places = pc.fill_null(pc.index_in(sources, pa.array(preferred, pa.string())), len(preferred))
    return places.to_numpy(zero_copy_only=False).astype(np.uint64)


def length_ranks(texts: pa.Array) -> np.ndarray:
    """uint64[n]: more bytes first."""
    return LAST - pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False).astype(np.uint64)


def date_ranks(dates: pa.Array, newest: bool) -> np.ndarray:
    """uint64[n] from ISO 8601 dates to the second, as they are written; what is no such date comes last either way."""
    found = pc.extract_regex(dates, _DATE)
    digits = pc.binary_join_element_wise(pc.struct_field(found, "day"), pc.struct_field(found, "time"), "")
    packed = pc.utf8_rpad(pc.replace_substring_regex(digits, r"\D", ""), 14, "0")
    numbers = pc.fill_null(packed.cast(pa.uint64()), 0).to_numpy(zero_copy_only=False)
    known = pc.fill_null(pc.is_valid(packed), False).to_numpy(zero_copy_only=False)
    return np.where(known, LAST - numbers if newest else numbers, LAST)


def value_ranks(values: np.ndarray, highest: bool) -> np.ndarray:
    """uint64[n] in the order of float64[n] values, or the reverse; NaN comes last either way."""
    bits = (values.astype(np.float64) + 0.0).view(np.uint64)
    sign = np.uint64(1 << 63)
    ascending = np.where(bits & sign, ~bits, bits | sign)
    return np.where(np.isnan(values), LAST, ~ascending if highest else ascending)


def numbers_of(values: pa.Array, name: str) -> np.ndarray:
    """float64[n], NaN where there is none. RequestError for a column of something else."""
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_boolean(values.type)):
        raise RequestError(f"keep: column '{name}' holds {values.type}; numbers are needed to find the highest or lowest.")
    numbers = values.cast(pa.uint8()) if pa.types.is_boolean(values.type) else values
    return pc.fill_null(numbers.cast(pa.float64(), safe=False), np.nan).to_numpy(zero_copy_only=False)


def least_of_groups(ids: np.ndarray, groups: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """uint64[m]: for each id the member of its group with the least rank, then id. ranks: uint64[m, 2]."""
    order = np.lexsort((ids, ranks[:, 1], ranks[:, 0], groups))
    begins = np.ones(len(ids), bool)
    begins[1:] = groups[order][1:] != groups[order][:-1]
    least = np.empty(len(ids), np.uint64)
    least[order] = ids[order][begins][np.cumsum(begins) - 1]
    return least

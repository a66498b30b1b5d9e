"""What the first records of a source say: files that cannot be read, records that cannot be used, fields that are not there.

All are warnings: a run quarantines what is broken and goes on. The cost is that each file is opened, and that sources whose
texts are made as they are read (`mediawiki`) make some.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus_forge.document import Fault, Outcome
from corpus_forge.io.source import Access, Piece, Source

PROBED_FILES = 64
"""At most so many input files of a source are opened."""
SHOWN_COLUMNS = 8
SHOWN = 3
"""Of one file, so many broken records are told."""


def probe(source: Source, uris: Sequence[str], access: Access) -> Iterator[str]:
    """A sentence for each thing that is wrong with the first records of a source's first files."""
    valued: set[str] = set()
    looked = 0
    for uri in uris[:PROBED_FILES]:
        first = next((outcome for outcome in source.read(Piece(uri), access) if outcome.batch.num_rows), None)
        if first is None:
            yield f"{uri}: holds no documents of format {source.corpus or source.format}."
            continue
        yield from _broken(uri, first)
        kept = first.kept()
        looked += kept.num_rows
        valued.update(name for name in source.extra_columns() if kept.column(name).null_count < kept.num_rows)
    missing = [name for name in source.extra_columns() if name not in valued]
    if looked and missing:
        names = ", ".join(f"'{name}'" for name in missing[:SHOWN_COLUMNS])
        more = f" and {len(missing) - SHOWN_COLUMNS} more" if len(missing) > SHOWN_COLUMNS else ""
        yield f"no value for the columns {names}{more} in the first {looked} records. Map them by `columns`; null drops one."


def _broken(uri: str, first: Outcome) -> Iterator[str]:
    faults = sorted(first.quarantined.items())
    for row, fault in faults[:SHOWN]:
        yield _in_words(uri, first.batch.column("offset")[row].as_py(), fault)
    if len(faults) > SHOWN:
        yield f"{uri}: {len(faults) - SHOWN} more of the first {first.batch.num_rows} records cannot be used."


def _in_words(uri: str, offset: int, fault: Fault) -> str:
    if fault.reason.startswith("file:"):
        return f"{uri}: cannot be read ({fault.reason}). {fault.detail}"
    fix = " Map the text by `text_field`." if fault.reason == "record:no_text" else ""
    return f"{uri}: record {offset} cannot be used ({fault.reason}). {fault.detail}.{fix}"

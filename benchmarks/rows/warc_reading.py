"""WARC to decoded HTML pages; warcio alone decompresses and parses, and decodes no text."""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, total_size, warcs


def ours(inputs: Path) -> Work:
    """A side: decoded pages as record batches."""
    import corpus_forge as cf

    paths = warcs(inputs)
    next(iter(cf.read_warc(paths[0])))

    def work() -> Done:
        pages = sum(batch.num_rows for path in paths for batch in cf.read_warc(path))
        return Done(pages, total_size(paths), f"{pages} pages")

    return work


def warcio(inputs: Path) -> Work:
    """A side: bodies of responses as bytes."""
    from warcio.archiveiterator import ArchiveIterator

    paths = warcs(inputs)

    def work() -> Done:
        pages = 0
        for path in paths:
            with Path(path).open("rb") as file:
                for record in ArchiveIterator(file):
                    if record.rec_type == "response":
                        pages += bool(record.content_stream().read())
        return Done(pages, total_size(paths), f"{pages} responses with a body")

    return work


def datatrove(inputs: Path) -> Work:
    """A side: datatrove's reader, decoded pages as documents."""
    from datatrove.pipeline.readers import WarcReader
    from loguru import logger

    logger.remove()
    paths = warcs(inputs)
    folder = str(Path(paths[0]).parent)
    names = [Path(path).name for path in paths]
    reader = WarcReader(folder, glob_pattern=names[0] if len(names) == 1 else "*.warc.gz", recursive=False)

    def work() -> Done:
        pages = sum(1 for _ in reader.run())
        return Done(pages, total_size(paths), f"{pages} pages")

    return work


ROW = Row(
    "WARC reading",
    {"corpus-forge": Side(OURS, ours), "warcio": Side(PEERS, warcio), "datatrove": Side(PEERS, datatrove)},
    note="gzip members to decoded HTML; warcio decompresses and parses only; datatrove drops what libmagic does not call HTML",
    size_of="WARC",
)

if __name__ == "__main__":
    main(ROW)

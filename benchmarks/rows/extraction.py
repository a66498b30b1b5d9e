"""HTML to text, page by page. datatrove's extractor runs in a child process with a timeout, as its pipelines run it."""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size


def ours(engine: str):
    """A side that extracts with one engine of corpus-forge."""

    def prepare(inputs: Path) -> Work:
        import corpus_forge as cf

        pages = read_lines(inputs / "pages.jsonl", "html")
        size = text_size(pages)
        cf.extract(pages[0], engine=engine)

        def work() -> Done:
            texts = [cf.extract(page, engine=engine) for page in pages]
            return Done(len(pages), size, _answer(texts))

        return work

    return prepare


def trafilatura(inputs: Path) -> Work:
    """A side: datatrove's call of trafilatura, in this process."""
    from datatrove.pipeline.extractors import Trafilatura

    pages = read_lines(inputs / "pages.jsonl", "html")
    size = text_size(pages)
    extractor = Trafilatura()
    extractor.extract(pages[0])

    def work() -> Done:
        texts = [extractor.extract(page) or "" for page in pages]
        return Done(len(pages), size, _answer(texts))

    return work


def datatrove(inputs: Path) -> Work:
    """A side: datatrove's extractor as its pipelines run it, in a child with a timeout."""
    from datatrove.data import Document
    from datatrove.pipeline.extractors import Trafilatura
    from loguru import logger

    logger.remove()
    pages = read_lines(inputs / "pages.jsonl", "html")
    size = text_size(pages)
    extractor = Trafilatura()
    list(extractor.run([Document(text=pages[0], id="warm-up")]))

    def work() -> Done:
        documents = (Document(text=page, id=str(number)) for number, page in enumerate(pages))
        texts = [document.text for document in extractor.run(documents)]
        return Done(len(pages), size, _answer(texts))

    return work


def _answer(texts: list[str]) -> str:
    return f"{sum(map(bool, texts))} texts, {sum(map(len, texts)) / 1e6:.1f} M characters"


ROW = Row(
    "Extraction",
    {
        "corpus-forge, resiliparse": Side(OURS, ours("resiliparse")),
        "corpus-forge, trafilatura": Side(OURS, ours("trafilatura")),
        "datatrove's settings, in process": Side(PEERS, trafilatura),
        "datatrove, in its sandbox": Side(PEERS, datatrove),
    },
    note="each side's own version of trafilatura",
    repeats=3,
    size_of="HTML",
)

if __name__ == "__main__":
    main(ROW)

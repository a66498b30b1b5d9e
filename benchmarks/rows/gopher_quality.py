"""The Gopher quality rules in datatrove's reading, over English texts. The answers must be the same."""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size


def ours(inputs: Path) -> Work:
    """A side: one fused pass over an Arrow column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    import corpus_forge as cf

    texts = read_lines(inputs / "english.jsonl", "text")
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    cf.apply_rules(texts[:4], "gopher_quality@datatrove")

    def work() -> Done:
        keep = cf.apply_rules(column, "gopher_quality@datatrove").column("keep")
        return Done(len(texts), size, f"{pc.sum(keep).as_py()} kept")

    return work


def datatrove(inputs: Path) -> Work:
    """A side: datatrove's filter, document by document."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import GopherQualityFilter

    texts = read_lines(inputs / "english.jsonl", "text")
    size, step = text_size(texts), GopherQualityFilter()
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    step.filter(documents[0])

    def work() -> Done:
        kept = sum(step.filter(document) is True for document in documents)
        return Done(len(texts), size, f"{kept} kept")

    return work


ROW = Row("gopher_quality", {"corpus-forge": Side(OURS, ours), "datatrove": Side(PEERS, datatrove)})

if __name__ == "__main__":
    main(ROW)

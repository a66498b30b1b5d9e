"""dolma's Gopher and C4 taggers over English texts, texts in memory to attributes.

Ours are the signals of its Gopher tagger in its own readings, and the signals of C4 on every line. dolma's C4 tagger looks for
a list of words, too, that is no signal here; the number of words between white space that both count must agree.
"""

from __future__ import annotations

from pathlib import Path

from measure import DOLMA, OURS, Done, Row, Side, Work, main, read_lines, text_size


def ours(inputs: Path) -> Work:
    """A side: one pass for documents and one for lines, over an Arrow column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    import corpus_forge as cf
    from corpus_forge.text.cleaning import lines_of
    from corpus_forge.text.columns import text_column
    from corpus_forge.text.signals import document_signals

    texts = read_lines(inputs / "english.jsonl", "text")
    names = [name for name in document_signals() if name.endswith("_dolma")]
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    cf.signals(texts[:4], names)
    lines_of(text_column(texts[:4]), without_citations=False)

    def work() -> Done:
        table = cf.signals(column, names)
        lines_of(text_column(column), without_citations=False)
        return Done(len(texts), size, f"{pc.sum(table.column('word_count_dolma')).as_py()} words")

    return work


def dolma(inputs: Path) -> Work:
    """A side: gopher_v1 and c4_v1, document by document."""
    from dolma.core.data_types import Document
    from dolma.taggers.c4 import C4Tagger
    from dolma.taggers.gopher import GopherTagger

    texts = read_lines(inputs / "english.jsonl", "text")
    documents = [Document(source="", id=str(number), text=text) for number, text in enumerate(texts)]
    gopher, c4 = GopherTagger(), C4Tagger()
    gopher.predict(documents[0]), c4.predict(documents[0])

    def work() -> Done:
        words = 0
        for document in documents:
            spans = gopher.predict(document).spans
            words += next(int(span.score) for span in spans if span.type == "word_count")
            c4.predict(document)
        return Done(len(texts), text_size(texts), f"{words} words")

    return work


ROW = Row("Taggers: Gopher and C4", {"corpus-forge": Side(OURS, ours), "dolma": Side(DOLMA, dolma)}, repeats=3)

if __name__ == "__main__":
    main(ROW)

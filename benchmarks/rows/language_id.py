"""Language of a text by lid.176.ftz on both sides. corpus-forge reads the first 2,000 characters, datatrove all of them."""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size


def ours(characters: int | None):
    """A side that reads so many characters; None for the default."""

    def prepare(inputs: Path) -> Work:
        import pyarrow as pa

        from corpus_forge.language.detect import CHARACTERS, detect_language

        texts = read_lines(inputs / "texts.jsonl", "text")
        size, column = text_size(texts), pa.array(texts, pa.large_string())
        detect_language(texts[:10])

        def work() -> Done:
            table = detect_language(column, characters=characters or CHARACTERS)
            return Done(len(texts), size, _answer(table.column("language").to_pylist()))

        return work

    return prepare


def datatrove(inputs: Path) -> Work:
    """A side: datatrove's filter with the model on disk."""
    from datatrove.data import Document
    from datatrove.pipeline.filters import LanguageFilter
    from fasttext.FastText import _FastText

    texts = read_lines(inputs / "texts.jsonl", "text")
    size, step = text_size(texts), LanguageFilter(languages=None, label_only=True)
    step.model._model = _FastText(str(inputs / "lid.176.ftz"))  # otherwise it downloads lid.176.bin
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    step.filter(documents[0])

    def work() -> Done:
        for document in documents:
            step.filter(document)
        return Done(len(texts), size, _answer([document.metadata["language"] for document in documents]))

    return work


def _answer(languages: list[str]) -> str:
    return f"{languages.count('en')} English, {len(set(languages))} languages"


ROW = Row(
    "Language identification",
    {
        "corpus-forge, 2,000 characters": Side(OURS, ours(None)),
        "corpus-forge, whole text": Side(OURS, ours(1 << 30)),
        "datatrove, whole text": Side(PEERS, datatrove),
    },
    note="model lid.176.ftz; throughput counts whole texts on every side",
)

if __name__ == "__main__":
    main(ROW)

"""Decontamination: English texts looked through for 13-grams of items, texts in memory to the documents that hold one.

The items are 60 words out of the middle of every tenth text, so that a tenth of the documents is contaminated whatever the
inputs; both sides are given them as an index in memory. datatrove stops at a document's first find; here all finds of a
document are sought, and held word by word against the item, where datatrove trusts a 64-bit hash.
"""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size

NGRAM, ITEM_WORDS = 13, 60


def _items(texts: list[str]) -> list[str]:
    words = [text.split() for text in texts[::10]]
    return [" ".join(each[len(each) // 2 : len(each) // 2 + ITEM_WORDS]) for each in words]


def ours(inputs: Path) -> Work:
    """A side: the look-up that the step does, over an Arrow column."""
    import numpy as np
    import pyarrow as pa

    from corpus_forge.dedup.contamination import Contaminants, ItemSet
    from corpus_forge.text.columns import text_column

    texts = read_lines(inputs / "english.jsonl", "text")
    items = _items(texts)
    known = Contaminants([ItemSet(pa.array(items), np.arange(len(items)), len(items), NGRAM)])
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    known.find(text_column(texts[:20]))

    def work() -> Done:
        found = known.find(text_column(column)).rows[:, 0]
        return Done(len(texts), size, f"{len(np.unique(found))} documents")

    return work


def datatrove(inputs: Path) -> Work:
    """A side: NGramsDecontFilter, its index filled by its own words, normalisation and hashes."""
    import tempfile

    from datatrove.data import Document
    from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter
    from datatrove.utils.text import ngrams, simplify_text

    texts = read_lines(inputs / "english.jsonl", "text")
    step = NGramsDecontFilter(tempfile.mkdtemp(), NGramsDecontConfig(n_grams=NGRAM))
    step._index_hashes = {}
    for item in _items(texts):
        words = step.tokenizer.word_tokenize(simplify_text(item, step.config.norm_config))
        step._index_hashes.update((step.hash_func(" ".join(gram)), "task") for gram in ngrams(words, NGRAM))
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    step.filter(documents[1])

    def work() -> Done:
        found = sum(step.filter(document) is not True for document in documents)
        return Done(len(texts), text_size(texts), f"{found} documents")

    return work


ROW = Row(
    "Decontamination: 13-grams of words, one text in ten holds an item",
    {"corpus-forge": Side(OURS, ours), "datatrove": Side(PEERS, datatrove)},
    repeats=3,
)

if __name__ == "__main__":
    main(ROW)

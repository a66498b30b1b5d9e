"""NeMo Curator's 27 heuristics for English over texts of all languages, in its order. The answers must be the same."""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size

READING = "nemo_english@nemo"


def ours(inputs: Path) -> Work:
    """A side: all signals in one pass over an Arrow column, then the rules."""
    import pyarrow as pa
    import pyarrow.compute as pc

    import corpus_forge as cf

    texts = read_lines(inputs / "texts.jsonl", "text")
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    cf.apply_rules(texts[:4], READING)

    def work() -> Done:
        keep = cf.apply_rules(column, READING).column("keep")
        return Done(len(texts), size, f"{pc.sum(keep).as_py()} kept")

    return work


def nemo(inputs: Path) -> Work:
    """A side: NeMo Curator's filters, text by text, each of them only for what the one before kept."""
    from parity.nemo_side import chains, modules, verdict

    texts = read_lines(inputs / "texts.jsonl", "text")
    size, chain = text_size(texts), chains(*modules(as_it_is=False))[READING]
    verdict(chain, texts[0])

    def work() -> Done:
        kept = sum(verdict(chain, text) is None for text in texts)
        return Done(len(texts), size, f"{kept} kept")

    return work


ROW = Row(
    "nemo_english",
    {"corpus-forge": Side(OURS, ours), "NeMo Curator": Side(PEERS, nemo)},
    note="its filter modules alone, without Ray and data frames; ours measures every signal of every text",
)

if __name__ == "__main__":
    main(ROW)

"""Four families over the same English texts, in memory: our signals of them, and our and datatrove's verdicts on each text.

`signals` measures what the four rule sets look at, of documents and of lines, each number once: as much of it as is known
before C4's rules take lines out. It measures RefinedWeb's lines too, those between newlines: every line signal in DCLM's
reading, with the phrases that RE2 finds, of all lines, as refinedweb@dclm sees them before it cleans.

datatrove's four filter classes, with their default arguments, each see every text as it is; its C4 filter changes a document's
text, so that every class gets one of its own. Ours are its readings. How many texts each of them keeps must agree.
"""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size

FAMILIES = ("gopher_quality@datatrove", "gopher_repetition@datatrove", "c4@datatrove", "fineweb@datatrove")


def ours(inputs: Path) -> Work:
    """A side: four rule sets over an Arrow column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    import corpus_forge as cf

    texts = read_lines(inputs / "english.jsonl", "text")
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    for name in FAMILIES:
        cf.apply_rules(texts[:4], name)

    def work() -> Done:
        kept = [pc.sum(cf.apply_rules(column, name).column("keep")).as_py() for name in FAMILIES]
        return Done(len(texts), size, f"{', '.join(map(str, kept))} kept")

    return work


def signals(inputs: Path) -> Work:
    """A side: a pass for documents, one for stripped lines, which counts the sentences of both, and one for bare lines."""
    import pyarrow as pa

    import corpus_forge as cf
    from corpus_forge.rules.files import load_rules
    from corpus_forge.text import bare_lines
    from corpus_forge.text.cleaning import lines_of
    from corpus_forge.text.columns import text_column
    from corpus_forge.text.signals import registry

    texts = read_lines(inputs / "english.jsonl", "text")
    used = {one.name for family in FAMILIES for one in load_rules(family).document_signals()}
    names = sorted(used - {"sentence_count"})
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    cf.signals(texts[:4], names)
    lines_of(text_column(texts[:4]), without_citations=True)
    bare_lines.warm_up()
    of_bare = [one for one in map(registry.get, registry.names()) if one.level == "line" and one.name.endswith("_dclm")]

    def work() -> Done:
        cf.signals(column, names)
        lines = lines_of(text_column(column), without_citations=True)
        bare = bare_lines.BareLines(column, without_citations=False)
        measured = [bare.values(one) for one in of_bare]
        of_lines = f"{lines.counts.shape[1]} of {len(lines.counts)} lines, {len(measured)} of {len(measured[0])} bare ones"
        return Done(len(texts), size, f"{len(names)} signals of documents, {of_lines}")

    return work


def datatrove(inputs: Path) -> Work:
    """A side: datatrove's filters, document by document."""
    from datatrove.data import Document
    from datatrove.pipeline import filters

    texts = read_lines(inputs / "english.jsonl", "text")
    names = "GopherQualityFilter", "GopherRepetitionFilter", "C4QualityFilter", "FineWebQualityFilter"
    steps = [getattr(filters, name)() for name in names]
    for step in steps:
        step.filter(Document(text=texts[0], id="0"))

    def work() -> Done:
        kept = [sum(step.filter(Document(text=text, id="0")) is True for text in texts) for step in steps]
        return Done(len(texts), text_size(texts), f"{', '.join(map(str, kept))} kept")

    return work


ROW = Row(
    "Filters: Gopher quality, Gopher repetition, C4, FineWeb",
    {"corpus-forge": Side(OURS, ours), "corpus-forge, signals": Side(OURS, signals), "datatrove": Side(PEERS, datatrove)},
    note="texts that each of the four keeps",
    repeats=3,
)

if __name__ == "__main__":
    main(ROW)

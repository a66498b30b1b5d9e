"""The quickstart's steps as a corpus-forge pipeline and as datatrove stages; used by the two quickstart rows.

Both get the same WARCs and the same tokenizer.json, and both write: corpus-forge documents, removed, quarantine and packed
shards, datatrove the intermediate JSONL that its deduplication reads again, and token files. datatrove's stages run one after
the other in one process, the fewest it needs; nothing of it is logged to files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import Done, Work, total_size, warcs

BLOCKED_DOMAINS = ("adult.example", "casino.example")
BLOCKED_WORDS, BLOCKED_PARTS = ("porn", "xxx", "warez"), ("freeporn", "onlinecasino")


def steps(engine: str) -> list[dict]:
    """The steps of pipelines/quickstart.yaml with an extraction engine."""
    return [
        {"url_filter": {"lists": ["example"]}},
        {"extract": {"engine": engine}},
        {"language": {"keep": ["en"], "min_score": 0.65}},
        {"filter": "gopher_quality@datatrove"},
        {"redact": ["email", "ip"]},
        {"dedup": "exact"},
    ]


def ours(engine: str) -> Callable[[Path], Work]:
    """A side that runs the pipeline with one engine, inline, in a fresh directory."""

    def prepare(inputs: Path) -> Work:
        import corpus_forge as cf

        paths = warcs(inputs)

        def run(limit: int | None) -> Done:
            tokenize = {"tokenizer": str(inputs / "tokenizer.json"), "seq_len": 1024}
            source = {"name": "cc", "format": "warc", "paths": paths if limit is None else paths[:1]}
            recipe = {"name": "quickstart", "sources": [source], "steps": steps(engine), "tokenize": tokenize}
            with tempfile.TemporaryDirectory() as folder:
                done = cf.Pipeline.from_dict(recipe).run(folder, executor="inline", workers=1, limit=limit)
                report = done.report
            totals, tokens = report["totals"], report["tokens"]["tokens"]
            return Done(totals["records_in"], total_size(paths), f"{totals['kept']} documents, {tokens:,} tokens")

        run(200)
        return lambda: run(None)

    return prepare


def datatrove(inputs: Path) -> Work:
    """A side that runs three datatrove stages: to clean JSONL with signatures, find duplicates, drop them and tokenize."""
    from loguru import logger

    logger.remove()
    paths = warcs(inputs)

    def run(some: list[str], limit: int) -> Done:
        with tempfile.TemporaryDirectory() as folder:
            kept = _stages(inputs, some, Path(folder), limit)
            tokens = sum(file.stat().st_size for file in Path(folder, "tokens").glob("*.ds")) // 2
        return Done(kept[0], total_size(some), f"{kept[1]} documents, {tokens:,} tokens")

    run(paths[:1], 40)
    return lambda: run(paths, -1)


def _stages(inputs: Path, paths: list[str], folder: Path, limit: int) -> tuple[int, int]:
    """Documents read, documents kept."""
    from datatrove.pipeline.dedup.exact_dedup import ExactDedupConfig, ExactDedupFilter, ExactDedupSignature, ExactFindDedups
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.filters import GopherQualityFilter
    from datatrove.pipeline.formatters import PIIFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.tokens import DocumentTokenizer
    from datatrove.pipeline.writers import JsonlWriter

    config = ExactDedupConfig(content_getter=lambda document: document.text)
    counted: list[int] = [0, 0]
    clean = [
        _reader(paths, limit),
        _counting(counted, 0),
        _url_filter(),
        Trafilatura(),
        _language_filter(inputs),
        GopherQualityFilter(),
        PIIFormatter(),
        JsonlWriter(str(folder / "clean")),
        ExactDedupSignature(str(folder / "signatures"), config, finder_workers=1),
    ]
    find = [ExactFindDedups(str(folder / "signatures"), str(folder / "duplicates"), config=config)]
    finish = [
        JsonlReader(str(folder / "clean")),
        ExactDedupFilter(str(folder / "duplicates"), config=config),
        _counting(counted, 1),
        DocumentTokenizer(str(folder / "tokens"), str(inputs / "tokenizer.json"), eos_token="<|eos|>", shuffle_documents=False),
    ]
    for stage in (clean, find, finish):
        _run(stage)
    return counted[0], counted[1]


def _run(stage: list) -> None:
    """As datatrove's executors do for one rank, without their processes and log files."""
    data = None
    for step in stage:
        data = step(data, 0, 1) if callable(step) else step.run(data, 0, 1)
    for _ in data or ():
        pass


def _counting(counted: list[int], place: int) -> Callable:
    """A datatrove step that counts what passes."""

    def step(data, _rank, _world_size):
        for document in data:
            counted[place] += 1
            yield document

    return step


def _reader(paths: list[str], limit: int):
    from datatrove.pipeline.readers import WarcReader

    names = [Path(path).name for path in paths]
    pattern = names[0] if len(names) == 1 else "*.warc.gz"
    return WarcReader(str(Path(paths[0]).parent), glob_pattern=pattern, recursive=False, limit=limit)


def _url_filter():
    from datatrove.pipeline.filters import URLFilter
    from tldextract import TLDExtract

    step = URLFilter(
        extra_domains=BLOCKED_DOMAINS,
        banned_words=BLOCKED_WORDS,
        banned_subwords=BLOCKED_PARTS,
        use_integrated_lists=False,
    )
    step.tldextractor = TLDExtract(suffix_list_urls=())  # the list that comes with tldextract; otherwise it asks the network
    return step


def _language_filter(inputs: Path):
    from datatrove.pipeline.filters import LanguageFilter
    from fasttext.FastText import _FastText

    step = LanguageFilter(["en"], language_threshold=0.65)
    step.model._model = _FastText(str(inputs / "lid.176.ftz"))  # otherwise it downloads lid.176.bin
    return step

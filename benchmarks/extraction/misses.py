"""Where forge is behind trafilatura, page by page, and why: misses.md.

    export CORPUS_FORGE_TEST_DATA=FOLDER
    python benchmarks/extraction/misses.py FOLDS          # after compare.py, whose texts are read

Of trafilatura's pages, every snippet that trafilatura gets right and forge does not, on the pages where forge has fewer right;
of readability's and scrapinghub's, the pages where forge's F1 is more than 0.05 lower, with the blocks that cost most. FOLDS:
models of forge's cross-validation. Places and chances are computed; misses_read.json has what reading the page showed, by
page key.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import gold
from blocks import Seen, seen
from folds import LEARNED_FROM, Folds
from gold import INPUTS
from tables import table

HERE = Path(__file__).parent
LOWER = 0.05
BEGIN = 5
"""Words of a snippet that are shown: pages are their publishers'."""
Miss = tuple[str, str, str, str]
"""Page's key, language, what happened, why."""


def main() -> None:
    """Write misses.md."""
    folds = Path(sys.argv[1])
    noted = HERE / "misses_read.json"
    read = json.loads(noted.read_text("utf-8")) if noted.exists() else {}
    parts = [
        "# Where forge is behind trafilatura, page by page",
        "Made by benchmarks/extraction/misses.py, which says what it lists; p is the chance that forge gives a block. The last"
        " column is what reading the page showed.",
        "## Snippets of trafilatura's pages that trafilatura alone gets right",
        _section(list(_snippets(folds)), read),
        *(
            part
            for name in ("readability", "scrapinghub")
            for part in (f"## Pages of {name} with an F1 lower by more than {LOWER}", _section(list(_texts(name, folds)), read))
        ),
    ]
    (HERE / "misses.md").write_text("\n\n".join(parts) + "\n", "utf-8")


def _pages(name: str, folds: Path) -> Iterator[tuple[gold.Gold, str, str, list[Seen]]]:
    """(page, forge's text, trafilatura's, blocks as the fold's model sees them)"""
    from corpus_forge.extract import make_engine

    texts = [gold.read(INPUTS / "texts" / side / f"{name}.jsonl") for side in ("forge", "trafilatura")]
    models = Folds("forge", folds, name) if name in LEARNED_FROM else None
    rows = gold.read(INPUTS / f"{name}.pages.jsonl")
    for page, row, mine, theirs in zip(gold.read_gold(INPUTS, name), rows, *texts, strict=True):
        yield (
            page,
            str(mine or ""),
            str(theirs or ""),
            seen(models.engine(page.key) if models else make_engine("forge"), row["html"]),
        )


def _snippets(folds: Path) -> Iterator[Miss]:
    for page, mine, theirs, blocks in _pages("trafilatura", folds):
        fewer = _count(page.wanted, mine) < _count(page.wanted, theirs)
        more = _count(page.unwanted, mine) > _count(page.unwanted, theirs)
        for snippet in page.wanted if fewer else ():
            if snippet in theirs and snippet not in mine:
                yield page.key, page.language, f"missed: {_begin(snippet)}", _why(snippet, blocks, kept=False)
        for snippet in page.unwanted if more else ():
            if snippet in mine and snippet not in theirs:
                yield page.key, page.language, f"kept: {_begin(snippet)}", _why(snippet, blocks, kept=True)


def _count(snippets: list[str], text: str) -> int:
    return sum(snippet in text for snippet in snippets)


def _why(snippet: str, blocks: list[Seen], *, kept: bool) -> str:
    """Where the snippet lies, of its places one that is kept or not."""
    from corpus_forge.extract.training.snippets import Places

    if not any(block.kept for block in blocks):
        return "no text found on the page"
    places = [blocks[number] for number in Places([block.text for block in blocks]).of(snippet)]
    at = next((block for block in places if block.kept == kept), None)
    if at is None:
        return "its words are in the text, parted otherwise" if places else "in no block"
    return f"{at.what}; {at.words} words, p {at.chance:.2f}"


def _texts(name: str, folds: Path) -> Iterator[Miss]:
    from corpus_forge.extract.training.evaluate import word_score
    from corpus_forge.extract.training.labels import block_labels

    for page, mine, theirs, blocks in _pages(name, folds):
        own, other = word_score(mine, page.text or ""), word_score(theirs, page.text or "")
        if own.f1 < other.f1 - LOWER:
            labels = block_labels([block.text for block in blocks], page.text or "")
            what = f"F1 {own.f1:.2f} against {other.f1:.2f}; precision {own.precision:.2f}, recall {own.recall:.2f}"
            missed = _costs((block, share * block.words) for block, share in zip(blocks, labels, strict=True) if not block.kept)
            surplus = _costs(
                (block, (1 - share) * block.words) for block, share in zip(blocks, labels, strict=True) if block.kept
            )
            yield page.key, page.language, what, f"missed {missed}; kept {surplus}"


def _costs(blocks: Iterator[tuple[Seen, float]]) -> str:
    """The two kinds of blocks that cost most words."""
    costs: Counter[str] = Counter()
    for block, words in blocks:
        costs[block.what] += round(float(words))
    found = [f"{words} words: {what}" for what, words in costs.most_common(2) if words]
    return " / ".join(found) if found else "nothing"


def _begin(snippet: str) -> str:
    words = snippet.split()
    return " ".join(words[:BEGIN]) + (" …" if len(words) > BEGIN else "")


def _short(key: str) -> str:
    """A key without its folder; the beginning of a digest."""
    name = key.removeprefix("tests/eval/")
    return name[:12] if re.fullmatch("[0-9a-f]{64}", name) else name


def _kind(why: str) -> str:
    """What it is, without where."""
    return re.split("[;,]| of class", why)[0]


def _section(misses: list[Miss], read: dict[str, str]) -> str:
    kinds = Counter(_kind(why) for _, _, _, why in misses if not why.startswith("missed "))
    pages = len({key for key, *_ in misses})
    summary = "; ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    cells = ([_short(key), language, what, why, read.get(key, "")] for key, language, what, why in misses)
    rows = ([cell.replace("|", "/") for cell in row] for row in cells)
    head = ["page", "language", "what", "where", "reading"]
    return f"{len(misses)} on {pages} pages{': ' + summary if summary else ''}.\n\n{table(head, rows).replace('---:', '---')}"


if __name__ == "__main__":
    main()

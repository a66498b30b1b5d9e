"""No run at all: read pages from a WARC, extract, detect languages, measure signals, and see what other intervals would keep.

python examples/try_rules.py [WARC]
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

import corpus_forge as cf

WARC = Path(__file__).parent / "data" / "docs.warc.gz"
PAGES = 200


def main(warc: str = str(WARC)) -> None:
    pages = [page for batch in cf.read_warc(warc) for page in batch.column("html").to_pylist()][:PAGES]
    texts = pa.array([cf.extract(page) for page in pages])

    languages = cf.detect_language(texts)
    print("languages:", dict(Counter(languages["language"].to_pylist()).most_common(5)))

    english = texts.filter(pc.equal(languages["language"], "en").combine_chunks())
    verdicts = cf.apply_rules(english, "gopher_quality@datatrove")
    removed = Counter(
        rule for rule, keep in zip(*verdicts.select(["rule", "keep"]).to_pydict().values(), strict=True) if not keep
    )
    print(f"English: {len(english)}, kept by gopher_quality: {pc.sum(verdicts['keep'])}, removed: {dict(removed)}")

    shares = cf.signals(english, ["alphabetic_word_share"])["alphabetic_word_share"]
    for least in (0.75, 0.8, 0.85):
        kept = pc.sum(pc.greater_equal(shares, least)).as_py()
        print(f"alphabetic_word_share at least {least}: {kept} of {len(english)} kept")


if __name__ == "__main__":
    main(*sys.argv[1:])

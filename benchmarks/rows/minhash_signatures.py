"""MinHash signatures of English texts: 112 permutations of word 5-grams, texts in memory to hash values in memory.

Sides hash with functions of their own, so the answer is the number of signatures alone. datatrove cuts words as spaCy does;
datasketch and rensa are given lower-case words between white space, which costs them next to nothing.
"""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size

PERMUTATIONS, NGRAM = 112, 5


def ours(inputs: Path, compatible: str | None = None) -> Work:
    """A side: one call over an Arrow column."""
    import pyarrow as pa

    import corpus_forge as cf

    texts = read_lines(inputs / "english.jsonl", "text")
    size, column = text_size(texts), pa.array(texts, pa.large_string())
    cf.minhash_signatures(texts[:4], NGRAM, PERMUTATIONS, compatible=compatible)

    def work() -> Done:
        signatures = cf.minhash_signatures(column, NGRAM, PERMUTATIONS, compatible=compatible)
        return Done(len(texts), size, f"{len(signatures)} signatures")

    return work


def ours_like_datasketch(inputs: Path) -> Work:
    """A side: the same, SHA-1 of each shingle's bytes, equal to datasketch bit for bit."""
    return ours(inputs, "datasketch")


def datatrove(inputs: Path) -> Work:
    """A side: the shingles and signatures of datatrove's first stage, without its files."""
    import tempfile

    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    texts = read_lines(inputs / "english.jsonl", "text")
    step = MinhashDedupSignature(tempfile.mkdtemp(), MinhashConfig(n_grams=NGRAM, num_buckets=14, hashes_per_bucket=8))
    step.get_signature(step.get_shingles(texts[0]))

    def work() -> Done:
        shingles = (step.get_shingles(text) for text in texts)
        signatures = [step.get_signature(each) for each in shingles if each.size]
        return Done(len(texts), text_size(texts), f"{len(signatures)} signatures")

    return work


def _shingles(text: str) -> list[str]:
    words = text.lower().split()
    return [" ".join(words[i : i + NGRAM]) for i in range(max(1, len(words) - NGRAM + 1))]


def datasketch(inputs: Path) -> Work:
    """A side: MinHash.update_batch, its faster way."""
    from datasketch import MinHash

    texts = read_lines(inputs / "english.jsonl", "text")

    def sign(text: str) -> MinHash:
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch([shingle.encode() for shingle in _shingles(text)])
        return signature

    sign(texts[0])
    return lambda: Done(len(texts), text_size(texts), f"{len([sign(text) for text in texts])} signatures")


def rensa(inputs: Path) -> Work:
    """A side: RMinHash, in Rust."""
    from rensa import RMinHash

    texts = read_lines(inputs / "english.jsonl", "text")

    def sign(text: str) -> list[int]:
        signature = RMinHash(num_perm=PERMUTATIONS, seed=1)
        signature.update(_shingles(text))
        return signature.digest()

    sign(texts[0])
    return lambda: Done(len(texts), text_size(texts), f"{len([sign(text) for text in texts])} signatures")


ROW = Row(
    "MinHash signatures",
    {
        "corpus-forge": Side(OURS, ours),
        "corpus-forge, datasketch's hashes": Side(OURS, ours_like_datasketch),
        "datatrove": Side(PEERS, datatrove),
        "datasketch": Side(PEERS, datasketch),
        "rensa": Side(PEERS, rensa),
    },
    note="112 permutations of word 5-grams, in memory",
)

if __name__ == "__main__":
    main(ROW)

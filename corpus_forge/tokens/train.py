"""Train a byte-level BPE on a corpus: the tokenizer of a run that brings none. train_kinds.py has the other kinds.

The pre-tokenizer is Qwen 3.5's: words with their combining marks in every script, one digit a token. Byte-level, so every text
survives encoding and decoding unchanged. Training sees documents in pieces, cut at white space and, inside runs of a kilobyte
without any, anywhere: the trainer's cost grows with the square of the longest word, and one hostile page must not stop a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa

from corpus_forge.errors import RequestError

SENTINELS = 100
RESERVED = ("<|eos|>", "<|pad|>", "<|mask|>", *(f"<|sentinel_{number}|>" for number in range(SENTINELS)))
"""Special tokens of every tokenizer trained here; they have the ids 0, 1, 2, …"""
SMALLEST_VOCAB = 256 + len(RESERVED)
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PIECE_BYTES = 1 << 16
LONGEST_RUN = 1 << 10
_SPACE = np.isin(np.arange(256), list(b" \t\n\v\f\r"))


def train_bpe(texts: Iterable[str | pa.Array | pa.ChunkedArray], vocab_size: int) -> bytes:
    """The bytes of a tokenizer.json with at most `vocab_size` ids, special tokens included.

    `texts` are strings or string arrays, seen once and in any amount. The same texts give the same bytes, however many threads.
    Fewer ids come out where the texts hold fewer pairs. RequestError when `vocab_size` leaves no room for one merge.
    """
    check_vocab_size(vocab_size, SMALLEST_VOCAB)
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(PATTERN), "isolated")
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, to_bytes])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[AddedToken(name, special=True, normalized=False) for name in RESERVED],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(all_pieces(texts), trainer)
    return (tokenizer.to_str(pretty=True) + "\n").encode()


def check_vocab_size(vocab_size: int, taken: int) -> None:
    """RequestError when nothing can be learned, because `taken` ids are letters, bytes and special tokens."""
    if vocab_size <= taken:
        letters = "256 bytes" if taken == SMALLEST_VOCAB else f"{taken - len(RESERVED)} bytes, letters and marks"
        parts = f"{letters} and {len(RESERVED)} special tokens ({', '.join(RESERVED[:4])} …)"
        raise RequestError(f"vocab_size: {vocab_size} is too small: {parts} take {taken}. Use {taken + 1} or more.")


def all_pieces(texts: Iterable[str | pa.Array | pa.ChunkedArray]) -> Iterator[str]:
    """The texts in parts, see `pieces`."""
    for item in texts:
        for text in [item] if isinstance(item, str) else (value.as_py() for value in item):
            if text:
                yield from pieces(text)


def pieces(text: str) -> Iterator[str]:
    """The text in parts of at most 64 KiB whose runs of white space, and of anything else, have at most 1 KiB."""
    if len(text) <= LONGEST_RUN // 4:
        yield text
        return
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    cuts = _cuts(data)
    for start, stop in pairwise(cuts):
        yield data[start:stop].tobytes().decode()


def _cuts(data: np.ndarray) -> list[int]:
    """Ascending offsets from 0 to len(data); none inside a character."""
    space = _SPACE[data]
    begins = np.flatnonzero(space[1:] != space[:-1]) + 1
    bounds = np.concatenate([[0], begins, [len(data)]])
    cuts = {0, len(data)}
    for run in np.flatnonzero(np.diff(bounds) > LONGEST_RUN):
        cuts.update(range(int(bounds[run]) + LONGEST_RUN, int(bounds[run + 1]), LONGEST_RUN))
    words = begins[space[begins]]
    places = np.searchsorted(words, np.arange(PIECE_BYTES // 2, len(data), PIECE_BYTES // 2))
    cuts.update(words[places[places < len(words)]].tolist())
    return sorted({_character_start(data, cut) for cut in cuts})


def _character_start(data: np.ndarray, cut: int) -> int:
    """The offset of the character that covers `cut`."""
    while 0 < cut < len(data) and data[cut] & 0xC0 == 0x80:
        cut -= 1
    return cut

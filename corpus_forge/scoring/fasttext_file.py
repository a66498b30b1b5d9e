"""A classifier as fastText's model file, version 12: what every fastText, DCLM's, NeMo's and datatrove's code, reads.

Layout: src/fasttext.cc and src/dictionary.cc of https://github.com/facebookresearch/fastText, 0.9.2, little-endian.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from corpus_forge.io.atomic import write_atomically
from corpus_forge.scoring.words import Words

MAGIC, VERSION = 793712314, 12
SOFTMAX, SUPERVISED = 3, 3
WORD, LABEL = 0, 1
NOT_PRUNED = -1


class Classifier(NamedTuple):
    """rows: float32[words + bucket, dim], of the words and of hashed n-grams. output: float32[labels, dim].

    labels: by name, how many texts had each, in the order of the rows of `output`.
    """

    words: Words
    labels: dict[str, int]
    rows: np.ndarray
    output: np.ndarray
    ngram: int
    epochs: int
    rate: float
    min_count: int


def write_fasttext(model: Classifier, path: Path) -> None:
    """Write the model whole or not at all."""

    def write(file: BinaryIO) -> None:
        file.write(struct.pack("<ii", MAGIC, VERSION))
        file.write(_arguments(model))
        _write_dictionary(model, file)
        for matrix in (model.rows, model.output):
            file.write(struct.pack("<?qq", False, *matrix.shape))
            file.write(np.ascontiguousarray(matrix, "<f4").data)

    write_atomically(path, write)


def _arguments(model: Classifier) -> bytes:
    """dim, ws, epoch, minCount, neg, wordNgrams, loss, model, bucket, minn, maxn, lrUpdateRate, t."""
    bucket, dim = len(model.rows) - len(model.words.words), model.rows.shape[1]
    numbers = (dim, 5, model.epochs, model.min_count, 5, model.ngram, SOFTMAX, SUPERVISED, bucket, 0, 0, 100)
    return struct.pack("<12id", *numbers, 1e-4)


def _write_dictionary(model: Classifier, file: BinaryIO) -> None:
    words, labels = model.words, model.labels
    tokens = int(words.counts.sum()) + sum(labels.values())
    file.write(struct.pack("<iiiqq", len(words.words) + len(labels), len(words.words), len(labels), tokens, NOT_PRUNED))
    for word, count in zip(words.words, words.counts.tolist(), strict=True):
        file.write(word + b"\0" + struct.pack("<qb", count, WORD))
    for label, count in labels.items():
        file.write(b"__label__" + label.encode() + b"\0" + struct.pack("<qb", count, LABEL))

"""How many sentences of a document are in another language than it: MADLAD-400's rule of document consistency.

Kudugunta et al. 2023, section 2.3, https://arxiv.org/abs/2309.04662. Each sentence (text/madlad_signals.py) is labelled as if
it were a document. Short ones are often labelled wrong; the paper counts them, and so they count here.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.language.detect import CHARACTERS, best_labels
from corpus_forge.language.fasttext_model import Model
from corpus_forge.text.columns import Texts, text_column
from corpus_forge.text.madlad_signals import sentence_texts, sentences


def foreign_sentence_share(model: Model, texts: Texts, languages: pa.Array, characters: int = CHARACTERS) -> pa.Array:
    """float64[n]: the share of each text's sentences that have another label than its own, `languages`; 0 of no sentences."""
    column = text_column(texts)
    found = sentences(column)
    pieces = sentence_texts(column.data, found.bounds)
    labels, _ = best_labels(model, pieces.take(pa.array(np.arange(0, len(pieces), 2))), characters)
    numbers = np.diff(found.firsts)
    own = languages.take(pa.array(np.repeat(np.arange(len(numbers)), numbers)))
    foreign = np.concatenate([[0], np.cumsum(pc.not_equal(labels, own).to_numpy(zero_copy_only=False), dtype=np.int64)])
    sums = foreign[found.firsts[1:]] - foreign[found.firsts[:-1]]
    return pa.array(np.divide(sums, numbers, out=np.zeros(len(numbers)), where=numbers > 0))

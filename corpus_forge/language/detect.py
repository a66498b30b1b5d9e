"""`detect_language`: the language of each text, by a fastText model.

fastText reads one line, so newlines become spaces, and reads all of it, so a text is cut to its first characters: 2,000 by
default, after which the answer hardly changes and the time only grows. Texts without a character that is not space are
`und` (undetermined, ISO 639-2) with score 0; fastText would call them English.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.language.fasttext_model import BUNDLED, Model, load_model
from corpus_forge.text.columns import Texts, large_text_array

UNDETERMINED = "und"
CHARACTERS = 2000


def detect_language(texts: Texts, model: str = BUNDLED, sha256: str | None = None, characters: int = CHARACTERS) -> pa.Table:
    """Table[language: string, language_score: float32], one row a text, in order.

    `language` is the model's best label: ISO 639 codes for lid.176, und for a text without content. `language_score` is its
    probability in [0, 1]. `model` is `lid.176` or the path of a fastText model, whose `sha256` is then needed.
    Source: Joulin et al. 2016, https://arxiv.org/abs/1612.03651. InputError when the model cannot be used.
    """
    languages, scores = best_labels(load_model(model, sha256), texts, characters)
    return pa.table({"language": languages, "language_score": scores})


def best_labels(model: Model, texts: Texts, characters: int = CHARACTERS) -> tuple[pa.Array, pa.Array]:
    """string[n] and float32[n]: the best label of each text and its probability."""
    lines = as_lines(texts, characters)
    found = [model.best(line) if line != b"\n" else (UNDETERMINED, 0.0) for line in lines.to_pylist()]
    # fastText's sums of rounded logarithms go past 1, up to 1.00005.
    scores = np.clip(np.array([score for _, score in found], np.float32), 0, 1)
    return pa.array([label or UNDETERMINED for label, _ in found], pa.string()), pa.array(scores)


def as_lines(texts: Texts, characters: int | None) -> pa.Array:
    """large_binary[n]: the first characters of each text, or all (None), as one line with its newline.

    Only the newline for a text without content.
    """
    start = pc.utf8_ltrim_whitespace(large_text_array(texts))
    start = start if characters is None else pc.utf8_slice_codeunits(start, 0, characters)
    line = pc.utf8_rtrim_whitespace(pc.replace_substring(start, "\n", " "))
    newline, nothing = (pa.scalar(text, line.type) for text in ("\n", ""))
    return pc.binary_join_element_wise(line, newline, nothing).cast(pa.large_binary())

r"""MADLAD-400's signals: sentences of a text, and the share of them that are questionable.

The paper says which sentences are questionable, and not what a sentence is. Here one ends behind a run of `.!?` that white
space follows, which is where the only public code of these rules parts them. What is nothing but such marks is no sentence.
Patterns are found by RE2, in time linear in the text; a pattern's `\s` is ASCII's there, and sentences end in no white space.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.text.columns import TextColumn, text_column
from corpus_forge.text.madlad_counts import MadladCount
from corpus_forge.text.passes import counts_of
from corpus_forge.text.signal import Counts, needing, share, signal
from corpus_forge.text.splitters import Words

CODE = "https://github.com/allenai/datamap-rs/blob/f6c295a18fb2c09d957f4f1943b29f832efa7ce7/src/map_fxn.rs"
MADLAD = f"Kudugunta et al. 2023 (MADLAD-400), section 2.3, https://arxiv.org/abs/2309.04662; sentences as in {CODE}"
CURSES = (
    *(" №", "\ufffd\ufffd\ufffd", r"\|\s*$", r" nr\.$", "aute irure dolor ", " sunt in culpa qui ", "orem ipsum "),
    *(" quis nostrud ", " adipisicing ", " dolore eu ", " cupidatat ", "autem vel eum", "wisi enim ad", " sex ", " porn "),
    *("黄色电影", "mp3", "ownload", r"Vol\.", r" Ep\.", "Episode", r" г\.\s*$", r" кг\.\s*$", r" шт\.", "Develop", "Facebook"),
    *(" crusher ", " xxx ", " ..." * 9, " ...." * 9, " [^ ]" * 9, ", ..,,? ..,,? ..,,? ..,,?"),
)
"""As the data set's card lists them, https://huggingface.co/datasets/allenai/MADLAD-400, all read as regular expressions."""


class Sentences(NamedTuple):
    """firsts: int64[n + 1], the first sentence of each text. bounds: int64[2 * m], starts and ends in the column's bytes.

    flags: uint8[m], what is odd about each but for patterns.
    """

    firsts: np.ndarray
    bounds: np.ndarray
    flags: np.ndarray


def sentences(column: TextColumn) -> Sentences:
    """Where the sentences of the texts lie."""
    from corpus_forge.text.classes import character_classes
    from corpus_forge.text.letters import letter_classes
    from corpus_forge.text.madlad_kernel import sentences_of

    firsts = np.zeros(len(column.offsets), np.int64)
    tables = (column.data, column.offsets, character_classes(), letter_classes(), firsts)
    number = sentences_of(*tables, np.empty(0, np.int64), np.empty(0, np.uint8))
    bounds, flags = np.empty(2 * number, np.int64), np.zeros(number, np.uint8)
    sentences_of(*tables, bounds, flags)
    return Sentences(firsts, bounds, flags)


def sentence_texts(data: np.ndarray, bounds: np.ndarray) -> pa.Array:
    """large_string[2 * m - 1]: every other one is a sentence. Bounds ascend, so that no byte is copied."""
    if not len(bounds):
        return pa.array([], pa.large_string())
    return pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(data))


@counts_of(MadladCount, "madlad")
def count_madlad(column: TextColumn, wanted: frozenset, words: Words) -> np.ndarray:  # noqa: ARG001 - the words are its own
    """int64[n, len(MadladCount)]."""
    from corpus_forge.text.madlad_kernel import CURSED, tallied

    found = sentences(column)
    if wanted & {MadladCount.CURSED, MadladCount.QUESTIONABLE}:
        pieces = pc.match_substring_regex(sentence_texts(column.data, found.bounds), "|".join(CURSES))
        found.flags[pieces.to_numpy(zero_copy_only=False)[::2].astype(bool)] |= CURSED
    return tallied(found.firsts, found.flags)


@cache
def warm_up() -> None:
    """Compile the kernels, or load them from numba's cache: corpus_forge/warm_up.py."""
    count_madlad(text_column(["Hello, world."]), frozenset(MadladCount), "default")


@signal("sentences", MadladCount.SENTENCES, source=MADLAD)
def sentence_count_madlad(of: Counts) -> np.ndarray:
    """Pieces of the text that end behind a run of `.!?` that white space follows, but for such marks not empty."""
    return of(MadladCount.SENTENCES)


for name, part, definition in (
    (
        "list_case_sentence_share_madlad",
        MadladCount.LIST_CASE,
        "of at least 12 words between white space, more than half of which begin with a capital letter",
    ),
    ("odd_length_sentence_share_madlad", MadladCount.ODD_LENGTH, "of less than 20 or more than 500 characters"),
    ("technical_sentence_share_madlad", MadladCount.TECHNICAL, "more than 20 % of whose characters are one of `0-9{}+/()>`"),
    ("cursed_sentence_share_madlad", MadladCount.CURSED, "that one of 32 published patterns matches"),
    (
        "questionable_sentence_share_madlad",
        MadladCount.QUESTIONABLE,
        "in list case, of an odd length, technical or cursed, as the four signals before have it",
    ),
):
    share(name, part, MadladCount.SENTENCES, f"Share of sentences (sentence_count_madlad) {definition}.", MADLAD)
needing(
    "foreign_sentence_share_madlad",
    "share",
    "Share of sentences (sentence_count_madlad) in another language than the document.",
    MADLAD,
    "a model; `- language: {sentences: true}` writes it",
)

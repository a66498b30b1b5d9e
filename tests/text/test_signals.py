"""Signals have the values that their definitions say."""

from __future__ import annotations

import subprocess
import sys

import dclm_oracle
import juicer_oracle
import madlad_oracle
import nemo_oracle
import pyarrow as pa
import pytest
import rps_oracle

from corpus_forge.errors import RequestError
from corpus_forge.text.signal import registry
from corpus_forge.text.signals import document_signals, signals, text_signals

TEXT = "- One, two #3...\n\n• the END of it…\nand that's all"
# 17 words with their marks: - One , two # 3 ... • the END of it … and that 's all; all but - , # ... … are counted, • too.
EXPECTED = {
    "byte_count": 53,
    "char_count": 49,
    "line_count": 4,
    "word_count": 12,
    "mean_word_length": 30 / 12,
    "hash_to_word_ratio": 1 / 17,
    "ellipsis_to_word_ratio": 2 / 17,
    "bullet_line_share": 0.5,
    "ellipsis_line_share": 0.5,
    "alphabetic_word_share": 10 / 17,
    "stop_word_count": 4,
    "word_count_dolma": 12,
    "median_word_length_dolma": 3.0,
    "symbol_word_share_dolma": 2 / 12,
    "alphabetic_word_share_dolma": 9 / 12,
    "stop_word_count_dolma": 3,
    "bullet_line_share_dolma": 0.25,
    "ellipsis_line_share_dolma": 0.25,
    "full_line_count": 3,
    "sentence_count": 3,
    "sentence_line_share": 1 / 3,
    "short_line_share": 1.0,
    "duplicate_full_line_char_share": 0.0,
    "newline_to_word_ratio": 3 / 17,
    "duplicate_line_share": 0.0,
    "duplicate_line_char_share": 0.0,
    "duplicate_paragraph_share": 0.0,
    "duplicate_paragraph_char_share": 0.0,
    "duplicate_line_share_dolma": 0.0,
    "duplicate_line_char_share_dolma": 0.0,
    "top_2_gram_char_share": 5 / 49,
    "top_3_gram_char_share": 7 / 49,
    "top_4_gram_char_share": 11 / 49,
    "top_2_gram_char_share_dolma": 5 / 37,
    "top_3_gram_char_share_dolma": 8 / 37,
    "top_4_gram_char_share_dolma": 13 / 37,
    **{f"duplicate_{n}_gram_char_share{reading}": 0.0 for n in range(5, 11) for reading in ("", "_dolma")},
    **dclm_oracle.quality(TEXT),
    **dclm_oracle.repetition(TEXT),
    "removed_word_share_dclm": 0.0,
    **nemo_oracle.signals(TEXT),
    **juicer_oracle.signals(TEXT),
    **rps_oracle.document(TEXT, ["two", "the", "of", "it", "and", "that", "s", "all"]),
    **madlad_oracle.document(TEXT),
}


def test_values_of_a_text():
    assert signals([TEXT]).to_pylist() == [pytest.approx(dict(sorted(EXPECTED.items())), abs=1e-12)]


def test_every_signal_is_tested_above():
    assert sorted(EXPECTED) == text_signals()


@pytest.mark.parametrize("name", [name for name in document_signals() if name not in EXPECTED])
def test_what_is_not_tested_above_needs_more_than_a_text(name):
    assert signals([TEXT], [name])[name].to_pylist() == [None]


@pytest.mark.parametrize("name", text_signals())
def test_value_of_the_empty_text(name):
    assert signals(["", None, " \n"], [name])[name].to_pylist()[:2] == [registry.get(name).empty] * 2


@pytest.mark.parametrize("name", registry.names())
def test_every_signal_is_described(name):
    one = registry.get(name)
    assert one.definition.endswith(".")
    assert one.unit
    assert one.source
    divided = isinstance(EXPECTED.get(name), float) or (one.level, one.unit) == ("line", "share") or bool(one.needs)
    assert one.type == (pa.float64() if divided else pa.int64())


def test_columns_are_those_asked_for_in_that_order():
    table = signals(pa.array(["a b", "c"]), ["word_count", "byte_count", "word_count"])
    assert table.to_pydict() == {"word_count": [2, 1], "byte_count": [3, 1]}


def test_no_texts_and_no_names():
    assert signals([], ["word_count"]).to_pydict() == {"word_count": []}
    assert signals(["a"], []).num_columns == 0


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(RequestError, match=r"no signal is named 'word_counts'. Did you mean 'word_count'?"):
        signals(["a"], ["word_counts"])


def test_importing_signals_loads_no_numba():
    script = "import sys, corpus_forge.text.signals, corpus_forge.rules.apply; print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"

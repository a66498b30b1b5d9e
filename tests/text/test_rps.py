"""RedPajama-V2's signals are what its definitions say, over any text, line and batch; those of models say what they need."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
import rps_oracle as oracle
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st

import corpus_forge as cf
from corpus_forge import registry as registries
from corpus_forge.errors import ConfigError
from corpus_forge.rules import RuleSet, load_rules
from corpus_forge.steps import load_steps
from corpus_forge.steps.filter import filtered
from corpus_forge.text.bare_lines import BareLines
from corpus_forge.text.columns import text_column
from corpus_forge.text.normal_form import normal_column
from corpus_forge.text.rps_stop_words import STOP_WORDS
from corpus_forge.text.signal import registry
from corpus_forge.text.signals import document_signals
from corpus_forge.text.word_lists import words_of

WORDS = [
    "the ",
    "The ",
    "it's ",
    "of",
    "ABC ",
    "A1 ",
    "É ",
    "café ",
    "ВСЕ ",
    "ß",
    "ǅ",
    "Ⅷ ",
    "½",
    "²",
    "한국 ",
    "\uf900",
    "的中文",
    "ไทย ",
]
MARKS = [
    ". ",
    ".",
    "...",
    "…",
    "!",
    "?\n",
    "#",
    " # ",
    "_",
    "-",
    "“",
    "”",
    "”\n",
    "{",
    "}",
    "'",
    "\u0301",
    "~",
    "€",
    "İ",
    "\x00",
]
SPACES = [" ", "  ", "\n", "\n\n", "\t", "\r", "\x0b", "\x85", "\u00a0", "\u2028", "\u2001", "\x1c"]
PHRASES = [
    "lorem ipsum ",
    "Lorem  Ipsum",
    "lorem, ipsum",
    "xlorem ipsumx ",
    "JavaScript ",
    "java-script ",
    "• a",
    "– b ",
    " ‣",
    "a b c d e f ",
    "a b c d e f g h i j k l ",
    "girl on ",
    "girl, ON\nTop ",
    "one cup two girls ",
    "Two Girls  one cup ",
    "how to ",
    "kill ",
    "g-spot ",
    "rosy palm ",
    "and her 5 sisters",
    "🖕 ",
]
TEXTS = st.lists(st.sampled_from([*WORDS, *MARKS, *SPACES, *PHRASES]), max_size=40).map("".join)
NAMES = list(oracle.document(""))
FLAGGED = words_of("flagged_words", "en")


@cases(80)
@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["", "\n", "a", "a b a b", "lorem ipsum lorem ipsum", ".a.", "a\n\n"])
@example(["how to", "kill", "girl on top", "rosy palm and her 5 rosy palm and her 5 sisters"])
def test_signals_are_those_of_the_definitions(texts):
    table = cf.signals(texts, NAMES)
    expected = [oracle.document(text, STOP_WORDS, FLAGGED) for text in texts]
    for name in NAMES:
        assert table[name].to_pylist() == [pytest.approx(row[name], abs=1e-9) for row in expected], name


@cases(80)
@given(TEXTS)
def test_signals_of_lines_are_those_of_the_definitions(text):
    lines = [f"{line}\n" for line in text.split("\n")]
    bare = BareLines(pa.array([text], pa.large_string()), without_citations=False)
    for name in oracle.line("\n"):
        expected = [pytest.approx(float(oracle.line(line)[name]), abs=1e-9) for line in lines]
        assert bare.values(registry.get(name)).tolist() == expected, name


@pytest.mark.parametrize("joint", [" ", " \n", ", ", "\u3000"])
def test_every_flagged_entry_without_marks_is_met_and_no_other(joint):
    """Also those of several words, whatever parts them; each with the shorter entries in it."""
    texts = [entry.upper().replace(" ", joint) for entry in FLAGGED]
    counts = cf.signals(texts, "rps_doc_ldnoobw_words")["rps_doc_ldnoobw_words"].to_pylist()
    assert [entry for entry, count in zip(FLAGGED, counts, strict=True) if count == 0] == ["g-spot", "s&m"]
    assert counts == [oracle.listed(oracle.normal(text).split(), set(FLAGGED)) for text in texts]
    beginnings = [joint.join(entry.split()[:-1]) for entry in ("2 girls 1 cup", "rosy palm and her 5 sisters")]
    assert cf.signals(beginnings, "rps_doc_ldnoobw_words")["rps_doc_ldnoobw_words"].to_pylist() == [0, 1]


def test_normal_form_is_pythons_but_for_the_last_sigma():
    texts = ["ÀB-c d", "plain", "İstanbul", "ﬁ Å", "ΣΑΣ", ""]
    normal = normal_column(text_column(pa.array(["pad", *texts], pa.large_string()).slice(1)))
    found = [bytes(normal.data[start:stop]).decode() for start, stop in zip(normal.offsets, normal.offsets[1:], strict=False)]
    assert found == [oracle.normal(text) for text in texts[:4]] + ["σασ", ""]
    assert oracle.normal("ΣΑΣ") == "σας"


def test_batches_slices_and_nulls_give_the_same():
    texts = ["The of\nthe É of\nx", None, "", "• a b a b\n\n• a b a b", "Lorem ipsum, lorem ipsum."]
    whole = cf.signals(texts, NAMES)
    array = pa.array(["pad É", *texts, "pad"], pa.large_string())
    assert cf.signals(array.slice(1, len(texts)), NAMES).equals(whole)
    one_by_one = pa.concat_tables([cf.signals([text], NAMES) for text in texts])
    assert one_by_one.combine_chunks().equals(whole)


def test_the_whole_list_of_the_data_set_is_there():
    """The annotation tags of its README, and the length-corrected weights of its code."""
    tags = {name for name in registry.names() if name.startswith(("rps_", "ccnet_"))}
    assert len(tags - {"rps_bulletpoint_line_share"}) == 7 + 12 + 3 + 6 + 6 + 3 + 6 + 2
    rules = load_rules("redpajama_v2")
    kept = {signal.name for signal in rules.document_signals()}
    assert kept == {name for name in document_signals() if name in tags}


def test_what_needs_a_model_is_null_and_says_what_it_needs():
    table = cf.signals(["text"], ["ccnet_perplexity", "word_count"])
    assert table["ccnet_perplexity"].to_pylist() == [None]
    assert table.schema.field("ccnet_perplexity").metadata[b"needs"].startswith(b"a model; `- perplexity:")
    assert table.schema.field("word_count").metadata is None
    assert "ccnet_perplexity" not in cf.signals(["text"]).column_names


@pytest.mark.parametrize("name", [name for name in document_signals() if registry.get(name).needs])
def test_the_step_that_a_need_names_is_there_and_writes_that_column(name):
    load_steps()
    for step, parameters in re.findall(r"`- (\w+): \{(.*?)\}`", registry.get(name).needs):
        model = registries.steps.get(step)
        assert {each.split(":")[0].strip() for each in parameters.split(",")} - {"…"} <= set(model.model_fields)
        named = re.search(r"column: (\w+)", parameters)
        assert named is None or named[1] == name


def test_a_rule_on_what_needs_a_model_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("{family: mine, title: t, source: s, rules: [{signal: ccnet_perplexity, keep: [null, 500]}]}")
    with pytest.raises(ConfigError, match=r"it needs a model; `- perplexity.*a rule on its column into `select`"):
        load_rules(path)


def test_what_a_step_before_wrote_is_kept():
    rules = RuleSet.model_validate(
        {
            "family": "mine",
            "title": "t",
            "source": "s",
            "rules": [{"signal": "word_count", "keep": [1, None]}],
            "measure": ["ccnet_perplexity", "ccnet_length"],
        }
    )
    batch = pa.RecordBatch.from_pydict({"text": ["one two"], "ccnet_perplexity": [312.5], "ccnet_length": [99]})
    made = filtered(batch, rules).batch
    assert made["ccnet_perplexity"].to_pylist() == [312.5]
    assert made["ccnet_length"].to_pylist() == [7]
    assert filtered(batch.select(["text"]), rules).batch["ccnet_perplexity"].to_pylist() == [None]

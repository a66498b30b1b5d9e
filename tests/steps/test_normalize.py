"""`normalize`: each pass by itself, their order, what is counted, and that a second time changes nothing."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus_forge.steps import mojibake
from corpus_forge.steps.normalize import NOT_NFC, NormalizeStep

KEEP = {"unicode": "keep", "whitespace": "keep", "invisible": "keep", "mojibake": "keep"}


def outcome_of(*texts: str | None, **parameters):
    batch = pa.record_batch({"text": pa.array(texts, pa.large_string())})
    return NormalizeStep.model_validate(parameters).start()(batch)


def normalized(text: str, **parameters) -> str:
    return outcome_of(text, **parameters).batch["text"][0].as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafÃ© au lait", "café au lait"),
        ("l\u00e2\u20ac\u2122humanitÃ©", "l’humanité"),
        ("schÃ¶n\nund gut", "schön\nund gut"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
        ("Ärger in Ålesund, naïve café", "Ärger in Ålesund, naïve café"),
        ("“quotes” &amp; ﬁ are left", "“quotes” &amp; ﬁ are left"),
        ("plain", "plain"),
    ],
)
def test_mojibake(text, expected):
    assert normalized(text, **{**KEEP, "mojibake": "repair"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\u00a0b\u3000c\u2009d", "a b c d"),
        ("a  \t\nb \n", "a\nb\n"),
        ("a\n \n\t\n\n\nb", "a\n\nb"),
        ("    indented  code", "    indented  code"),
        ("\n\n\n\na", "\n\na"),
    ],
)
def test_tidy_white_space(text, expected):
    assert normalized(text, **{**KEEP, "whitespace": "tidy"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a \t b  \n  c\n\n\n d \n", "a b\nc\n\nd"),
        ("    indented  code", "indented code"),
        (" \n ", ""),
        ("\u3000全角", "全角"),
    ],
)
def test_collapsed_white_space(text, expected):
    assert normalized(text, **{**KEEP, "whitespace": "collapse"}) == expected


def test_what_shows_nothing_leaves_and_what_spells_words_stays():
    only = {**KEEP, "invisible": "remove"}
    assert normalized("a\x00b\x1bc\x7fd\x80e\u00adf\ufeffg\uffffh\ufdd0i", **only) == "abcdefghi"
    assert normalized("a\tb\nc\rd\x0be\x85f", **only) == "a\tb\nc\rd\x0be\x85f"
    joined = "می\u200cخواهم क्\u200dष 👩\u200d💻 ไทย\u200bภาษา \u200fעברית"
    assert normalized(joined, **only) == joined


def test_unicode_forms():
    text = "e\u0301 ﬁ ２ ℃ Å"
    assert normalized(text, **{**KEEP, "unicode": "NFC"}) == unicodedata.normalize("NFC", text)
    assert normalized(text, **{**KEEP, "unicode": "NFKC"}) == unicodedata.normalize("NFKC", text)


def test_what_nfkc_makes_a_space_is_tidied_too():
    assert normalized("a\u2003\nb", unicode="NFKC") == "a\nb"


def test_each_pass_counts_the_texts_that_it_changed_and_others_are_not_copied():
    outcome = outcome_of("cafÃ© ", "plain", None, "", "x\r\ny\x00", "e\u0301")
    assert outcome.batch["text"].to_pylist() == ["café", "plain", None, "", "x\ny", "é"]
    assert outcome.cleaned == {"mojibake": 1, "line ends": 1, "invisible": 1, "unicode": 1, "whitespace": 1}
    assert not outcome.removed
    assert not outcome.quarantined
    batch = pa.record_batch({"text": pa.array(["as it should be", None])})
    untouched = NormalizeStep().start()(batch)
    assert untouched.batch is batch
    assert untouched.cleaned == {}


def test_batches_slices_and_32_bit_offsets_give_the_same():
    texts = ["cafÃ©", None, "a \nb", "", "x\u00ady"] * 3
    whole = outcome_of(*texts).batch["text"].to_pylist()
    for kind in (pa.string(), pa.large_string()):
        batch = pa.record_batch({"text": pa.array(["é ", *texts], kind)}).slice(1)
        run = NormalizeStep().start()
        assert run(batch).batch["text"].to_pylist() == whole
        assert [run(batch.slice(row, 1)).batch["text"][0].as_py() for row in range(len(texts))] == whole
        assert run(batch.slice(0, 0)).batch.num_rows == 0


_KNOWN = st.characters(exclude_categories=("Cs", "Cn"))
_TEXT = st.text(st.one_of(st.sampled_from(" \t\n\r\x0b\x85\u00a0\u3000\u00ad\ufeff\x00\u0301eﬁ\u2028ﹰ"), _KNOWN), max_size=40)


@given(_TEXT, st.sampled_from(["NFC", "NFKC"]), st.sampled_from(["tidy", "collapse"]))
@settings(max_examples=300, deadline=None)
def test_a_second_time_changes_nothing(text, form, whitespace):
    parameters = {"mojibake": "keep", "unicode": form, "whitespace": whitespace}
    once = normalized(text, **parameters)
    assert normalized(once, **parameters) == once
    assert "\r" not in once
    assert "\n\n\n" not in once
    assert unicodedata.is_normalized(form, once)


def test_a_step_that_would_do_nothing_is_refused():
    with pytest.raises(ValidationError, match="everything is 'keep'"):
        NormalizeStep.model_validate(KEEP)
    with pytest.raises(ValidationError, match="NFC"):
        NormalizeStep.model_validate({"unicode": "NFD"})


def test_what_is_not_composed_is_looked_at():
    """Every character that NFC changes, and every one that it may compose with what is before it."""
    known = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    not_alone = [char for char in known if unicodedata.normalize("NFC", char) != char]
    after = [char for char in known if unicodedata.combining(char)]
    jamo = [chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))]
    wanted = pa.array([*not_alone, *after, *jamo])
    assert pc.all(pc.match_substring_regex(wanted, NOT_NFC)).as_py()
    assert not pc.match_substring_regex(pa.array(["aé¿Ωж中ひ한 \u3000“"]), NOT_NFC)[0].as_py()


@given(
    st.lists(st.sampled_from(["naïve", "“x”", "Привет", "日本", "£5", "Å b", "à la", "œuvre", "ﬁ", "…", "\xa0", "x\ny", " "]))
)
@settings(max_examples=200, deadline=None)
def test_texts_that_are_not_looked_at_are_those_that_ftfy_leaves(pieces):
    text = "".join(pieces)
    for charset in ("cp1252", "latin-1", "cp1251", "mac_roman", "cp437"):
        garbled = text.encode().decode(charset, "replace")
        [found] = mojibake.repaired(pa.array([garbled])).to_pylist()
        assert found == mojibake._repair(garbled)


def test_the_native_look_is_used_at_all():
    assert mojibake.suspicious()
    assert mojibake.repaired(pa.array(["cafÃ©", None, "", "é"])).to_pylist() == ["café", None, "", "é"]

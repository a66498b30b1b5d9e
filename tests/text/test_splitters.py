"""What a word is can be chosen, and every signal over words follows; the ways agree with their definitions."""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
import unicode_sources
from break_oracle import words as words_by_rules
from fuzz_cases import cases
from hypothesis import example, given
from hypothesis import strategies as st

from corpus_forge.errors import CorpusForgeError, RequestError
from corpus_forge.rules import apply_rules, load_rules
from corpus_forge.steps.filter import FilterStep, filtered
from corpus_forge.text import unicode_ranges
from corpus_forge.text.classes import code_points
from corpus_forge.text.columns import text_column
from corpus_forge.text.measure import segment
from corpus_forge.text.signals import signals
from corpus_forge.text.splitters import WHITESPACE, splitter_number
from corpus_forge.text.tables import english_tables
from corpus_forge.text.word_break_ranges import WORD_BREAKS

PARTS = [
    *"aZéאבש5٣カーﾞ_‿:·'.,;\"’\u0301\u00ad\u200d🇩🇪🇫😀👩❤東京はไทยລខက်한글-#…",
    " ",
    " ",
    "\n",
    "\u3000",
    "word,",
    "can't",
    "3,5",
    "a.b",
]
texts = st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=2)), max_size=16).map("".join)


def found(text: str, words: str) -> list[str]:
    data = text_column([text]).data
    return [bytes(data[a:b]).decode() for a, b in segment(data, 0, len(data), english_tables(words))]


@cases(100)
@given(texts)
@example("🇩🇪🇫🇩 a\u0301'b 5.\u030151 א\"ב א' 'a")
@example("🇩\u0308🇩🇩 \u0308🇩🇩🇩")
def test_words_by_unicode_are_those_of_the_rules(text):
    assert found(text, "uax29") == words_by_rules(text)


@cases(100)
@given(texts)
def test_words_between_white_space_are_those_of_split(text):
    assert found(text, "whitespace") == text.split()


@cases(100)
@given(texts)
def test_counts_over_words_follow_the_splitter(text):
    for name, cut in (("whitespace", str.split), ("uax29", words_by_rules)):
        row = signals([text], ["alphabetic_word_share", "stop_word_count", "top_2_gram_char_share"], words=name).to_pylist()[0]
        pieces = cut(text)
        with_letters = [piece for piece in pieces if any(map(letter, piece))]
        assert row["alphabetic_word_share"] == (len(with_letters) / len(pieces) if pieces else 0)
        assert (row["top_2_gram_char_share"] > 0) == (len(pieces) > 1)


def letter(char: str) -> bool:
    return ord(char) in LETTER_POINTS


DECLARATION = """All human beings are born free and equal in dignity and rights.
人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。
すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。
모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.
มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ
ມະນຸດທຸກຄົນເກີດມາມີສິດເສລີພາບ ແລະ ສະເໝີໜ້າກັນໃນທາງກຽດຕິສັກ ແລະ ສິດ
មនុស្សទាំងអស់ កើតមកមានសេរីភាព និងសមភាព ក្នុងផ្នែកសេចក្ដីថ្លៃថ្នូរនិងសិទ្ធិ។
လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း၊ တူညီလွတ်လပ်သော အခွင့်အရေးများဖြင့် လည်းကောင်း၊ မွေးဖွားလာသူများ ဖြစ်သည်။
يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق.
כל בני אדם נולדו בני חורין ושווים בערכם ובזכויותיהם.
सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।
"""
"""Article 1 of the Universal Declaration of Human Rights, in the scripts that are decided on."""


def test_words_of_real_text_are_those_of_regex():
    """A second opinion on the rules, by another's code."""
    boundaries = pytest.importorskip("regex").compile(r"(?wV1)\b")
    expected = [[part for part in boundaries.split(stretch) if part] for stretch in DECLARATION.split()]
    assert found(DECLARATION, "uax29") == [word for words in expected for word in words]


@pytest.mark.parametrize("words", ["default", "whitespace"])
def test_scripts_without_spaces_are_cut_at_spaces(words):
    lines = DECLARATION.splitlines()
    counts = {line: [piece for piece in found(line, words) if any(map(str.isalpha, piece))] for line in lines}
    assert [len(counts[line]) for line in lines[4:5]] == [1]
    assert [len(counts[line]) for line in lines] == [len(line.split()) for line in lines]


LETTER_POINTS = set(code_points(unicode_ranges.LETTERS))


@pytest.mark.parametrize(
    ("text", "by_unicode", "by_default"),
    [
        ("Can't pay 3.50, e.g. now!", ["Can't", "pay", "3.50", ",", "e.g", ".", "now", "!"], 8),
        ("東京は夜の七時。", ["東", "京", "は", "夜", "の", "七", "時", "。"], 2),
        ("カタカナとひらがな", ["カタカナ", "と", "ひ", "ら", "が", "な"], 1),
        ("人人生而自由,在尊严", ["人", "人", "生", "而", "自", "由", ",", "在", "尊", "严"], None),
        ("한국어 글", ["한국어", "글"], 2),
        ("ภาษาไทย", ["ภ", "า", "ษ", "า", "ไ", "ท", "ย"], 1),
        ("ພາສາລາວ", ["ພ", "າ", "ສ", "າ", "ລ", "າ", "ວ"], 1),
        ("ភាសាខ្មែរ", ["ភា", "សា", "ខ្", "មែ", "រ"], 1),
        ("မြန်မာ", ["မြ", "န်", "မာ"], 1),
        ("שָׁלוֹם עולם", ["שָׁלוֹם", "עולם"], 2),
    ],
)
def test_scripts_with_and_without_spaces(text, by_unicode, by_default):
    assert found(text, "uax29") == by_unicode
    assert found(text, "whitespace") == text.split()
    if by_default is not None:
        assert len(found(text, "default")) == by_default


def test_a_rule_set_and_a_step_name_their_words():
    text = "東京は夜の七時" * 20
    own = load_rules("gopher_quality@datatrove").model_copy(update={"words": "uax29"})
    assert apply_rules([text], "gopher_quality@datatrove")["rule"].to_pylist() == ["gopher_quality.word_count"]
    assert apply_rules([text], own)["rule"].to_pylist() == ["gopher_quality.mean_word_length"]
    step = FilterStep(rules="gopher_quality@datatrove", words="uax29")
    outcome = filtered(pa.RecordBatch.from_pydict({"text": [text]}), step.rule_set())
    assert [removal.rule for removal in outcome.removed.values()] == ["gopher_quality.mean_word_length"]
    assert step.identity() != FilterStep(rules="gopher_quality@datatrove").identity()
    unchanged = FilterStep(rules="gopher_quality@datatrove", words="default")
    assert unchanged.identity() == FilterStep(rules="gopher_quality").identity()


def test_other_names_are_refused():
    with pytest.raises(RequestError, match=r"no way to cut words is named 'uax'\. Did you mean 'uax29'"):
        signals(["a"], ["word_count"], words="uax")
    with pytest.raises((CorpusForgeError, ValueError), match="whitespace"):
        FilterStep(rules="gopher_quality", words="spaces")
    assert splitter_number("whitespace") == WHITESPACE


def test_tables_agree_with_unicodedata():
    """Of the version of Unicode that they were generated from; a later one only knows more."""
    for written, name in ((unicode_ranges.LETTERS, "L"), (unicode_ranges.PUNCTUATION, "P"), (unicode_ranges.DIGITS, "Nd")):
        mine, theirs = set(code_points(written)), unicode_sources.of_category(name)
        assert mine == theirs if unicodedata.unidata_version == unicode_sources.VERSION else mine <= theirs
    assert set(code_points(WORD_BREAKS["Numeric"])) >= set(code_points(unicode_ranges.DIGITS))


def test_kinds_of_word_breaks_do_not_overlap():
    *kinds, _ = WORD_BREAKS.values()
    counts = np.bincount(np.concatenate([code_points(ranges) for ranges in kinds]))
    assert counts.max() == 1


def test_word_breaks_are_those_of_regex():
    pytest.importorskip("regex")
    if unicodedata.unidata_version != unicode_sources.VERSION:
        pytest.skip("the tables are of another version of Unicode")
    for name, written in WORD_BREAKS.items():
        query = name if name == "Extended_Pictographic" else f"Word_Break={name}"
        assert set(code_points(written)) == unicode_sources.of_property(query)

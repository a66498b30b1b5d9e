"""The first rule that fails decides; nothing passes that is no number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from corpus_forge.errors import ConfigError, RequestError
from corpus_forge.rules import RuleSet, apply_rules
from corpus_forge.rules.holding import holds
from corpus_forge.rules.judge import NO_RULE, judge


def rule_set(*rules: dict) -> RuleSet:
    return RuleSet.model_validate({"family": "mine", "title": "Mine", "source": "me", "rules": rules})


SHORT = {"signal": "word_count", "keep": [2, 4]}
PLAIN = {"signal": "hash_to_word_ratio", "keep": [None, 0.25]}


def test_the_table_of_a_few_texts():
    table = apply_rules(["one", "one two #", "one two", "a b c d e", None], rule_set(SHORT, PLAIN))
    assert table.schema == pa.schema(
        [
            ("keep", pa.bool_()),
            ("rule", pa.string()),
            ("value", pa.float64()),
            ("text", pa.large_string()),
            ("flags", pa.list_(pa.string())),
        ]
    )
    assert table.to_pydict() == {
        "keep": [False, False, True, False, False],
        "rule": ["mine.word_count", "mine.hash_to_word_ratio", None, "mine.word_count", "mine.word_count"],
        "value": [1.0, 1 / 3, None, 5.0, 0.0],
        "text": ["one", "one two #", "one two", "a b c d e", ""],
        "flags": [[]] * 5,
    }


def test_order_decides_between_two_that_fail():
    assert apply_rules(["#"], rule_set(SHORT, PLAIN))["rule"].to_pylist() == ["mine.word_count"]
    assert apply_rules(["#"], rule_set(PLAIN, SHORT))["rule"].to_pylist() == ["mine.hash_to_word_ratio"]


def test_a_flag_keeps_and_gives_way_to_a_removal():
    rules = rule_set({**PLAIN, "action": "flag"}, SHORT)
    table = apply_rules(["one two #", "#", "one two"], rules)
    assert table["keep"].to_pylist() == [True, False, True]
    assert table["rule"].to_pylist() == ["mine.hash_to_word_ratio", "mine.word_count", None]
    assert table["flags"].to_pylist() == [["hash_to_word_ratio"], ["hash_to_word_ratio"], []]


@pytest.mark.parametrize("keep", [(0.0, 1.0), (0.0, None), (None, 1.0)])
def test_nan_lies_in_no_interval(keep):
    assert holds(np.array([np.nan, 0.5]), keep).tolist() == [False, True]


def test_a_document_with_nan_is_removed():
    verdicts = judge({"word_count": np.array([np.nan, 3.0])}, rule_set(SHORT))
    assert verdicts.keep.tolist() == [False, True]
    assert verdicts.rule.tolist() == [0, NO_RULE]
    assert np.isnan(verdicts.value).tolist() == [True, True]


@pytest.mark.parametrize(("value", "inside"), [(2, True), (np.nextafter(2, 0), False), (4, True), (np.nextafter(4, 5), False)])
def test_intervals_are_closed(value, inside):
    assert holds(np.array([value], float), (2, 4)).tolist() == [inside]


def test_no_texts():
    assert apply_rules([], "gopher_quality").num_rows == 0


def test_other_intervals():
    rules = rule_set(SHORT, PLAIN).with_intervals({"word_count": (1, None)})
    assert apply_rules(["one", ""], rules)["keep"].to_pylist() == [True, False]
    with pytest.raises(ConfigError, match=r"set.word_cont: mine@own has no rule on 'word_cont'. Did you mean 'word_count'"):
        rules.with_intervals({"word_cont": (1, None)})


def test_an_unknown_rule_set():
    with pytest.raises(RequestError, match=r"no rule set is named 'gopher'. Did you mean 'gopher_quality'"):
        apply_rules(["a"], "gopher")


@pytest.mark.data
def test_datatrove_says_the_same_of_real_texts(test_data):
    """Verdict and rule, over a sample of the named corpora."""
    filters = pytest.importorskip("datatrove.pipeline.filters", reason="datatrove is in the extra `interop`")
    pytest.importorskip("spacy")
    from datatrove.data import Document

    texts = [text[i : i + 3000] for text in sample(test_data) for i in range(0, min(len(text), 9000), 3000)]
    mine = apply_rules(texts, "gopher_quality@datatrove")["keep"].to_pylist()
    theirs = filters.GopherQualityFilter()
    same = sum((theirs.filter(Document(text=text, id="")) is True) == keep for text, keep in zip(texts, mine, strict=True))
    assert same >= 0.995 * len(texts)


def sample(folder) -> list[str]:
    return [path.read_text("utf-8", "replace") for path in sorted((folder / "books").rglob("*.txt"))]

"""The step `datatrove`: the class's own verdicts, and what `check` says of a request that cannot be met."""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pytest

from corpus_forge.config.columns import check_columns
from corpus_forge.document import Removal
from corpus_forge.errors import ConfigError
from corpus_forge.pipeline import Pipeline
from corpus_forge.steps.datatrove import DatatroveStep

datatrove = pytest.importorskip("datatrove", reason="needs the extra interop")

LONG = "\n".join(["a line of two hundred and more characters, or so it says " * 5] * 3)


def step_of(**given) -> DatatroveStep:
    return DatatroveStep.model_validate(given)


def outcome_of(*texts: str | None, **given):
    columns = {"text": pa.array(texts, pa.large_string()), "url": pa.array([None] * len(texts), pa.string())}
    return step_of(**given).start()(pa.record_batch(columns))


def test_the_class_decides_and_its_reason_is_kept():
    outcome = outcome_of(LONG, "short", None, filter="C4ParagraphFilter")
    reason = Removal("datatrove.C4ParagraphFilter", detail="< 3 paragraphs")
    assert outcome.removed == {1: reason, 2: reason}
    assert outcome.batch["text"].to_pylist() == [LONG, "short", None]
    assert outcome.cleaned == {}


def test_parameters_reach_the_class():
    outcome = outcome_of("has spam", "has none", filter="RegexFilter", regex_exp="sp[ae]m")
    assert outcome.removed == {0: Removal("datatrove.RegexFilter")}


def test_reasons_that_are_names_are_counted_apart_texts_are_kept_and_exceptions_are_faults(monkeypatch):
    from datatrove.pipeline import filters

    class Odd(filters.RegexFilter):
        def filter(self, doc):
            if doc.text == "bad":
                raise KeyError("x")
            if doc.text == "long":
                return False, "too_long"
            assert doc.metadata["url"] is None
            doc.text = doc.text.upper()
            return True

    monkeypatch.setattr(filters, "Odd", Odd, raising=False)
    outcome = outcome_of("keep", "bad", "long", "KEPT", filter="Odd", regex_exp="x")
    assert outcome.removed == {2: Removal("datatrove.Odd.too_long")}
    assert outcome.quarantined[1].reason == "exception:KeyError"
    assert outcome.batch["text"].to_pylist() == ["KEEP", "bad", "long", "KEPT"]
    assert outcome.cleaned == {"texts": 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"filter": "GopherQualtyFilter"}, "has no filter 'GopherQualtyFilter'. Did you mean 'GopherQualityFilter'"),
        ({"filter": "os.system"}, "has no filter 'os.system'"),
        ({"filter": "base_filter"}, "has no filter 'base_filter'"),
        ({"filter": "BaseFilter"}, "is no filter"),
        ({"filter": "LambdaFilter", "filter_function": "eval"}, "takes a Python function"),
        ({"filter": "SamplerFilter", "rate": 0.5}, "depend on the workers"),
        ({"filter": "RegexFilter"}, "needs 'regex_exp'"),
        ({"filter": "RegexFilter", "regex_exp": "("}, "RegexFilter cannot be made: error"),
        ({"filter": "RegexFilter", "regex_exp": "x", "exclusion_writer": "y"}, "has no parameter 'exclusion_writer'"),
        ({"filter": "GopherQualityFilter", "min_doc_word": 5}, "Did you mean 'min_doc_words'"),
        ({"filter": "GopherQualityFilter", "min_doc_words": "fifty"}, "GopherQualityFilter.min_doc_words: 'fifty'"),
    ],
)  # fmt: skip
def test_check_says_what_is_wrong(given, said):
    step = step_of(**given)
    [problem] = step.problems()
    assert said in problem
    with pytest.raises(ConfigError):
        step.start()


def test_plain_values_are_taken_as_python_would_take_them():
    assert step_of(filter="GopherQualityFilter", min_doc_words=None, max_symbol_word_ratio=1).problems() == []
    assert step_of(filter="GopherRepetitionFilter", top_n_grams=[[2, 0.2]]).problems() == []


def test_check_says_that_the_extra_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "datatrove.pipeline.filters", None)
    monkeypatch.setitem(sys.modules, "datatrove.pipeline", None)
    source = {"name": "s", "format": "jsonl", "paths": ["x.jsonl"]}
    config = Pipeline.from_dict({"name": "x", "sources": [source], "steps": [{"datatrove": "C4ParagraphFilter"}]}).config
    [problem] = check_columns(config)
    assert "pip install 'corpus-forge[interop]'" in str(problem)


def test_identity_has_parameters_and_versions():
    first = step_of(filter="RegexFilter", regex_exp="a").identity()
    assert first["versions"]["datatrove"]
    assert first != step_of(filter="RegexFilter", regex_exp="b").identity()
    json.dumps(first)


def test_a_run_counts_what_the_filter_removed(tmp_path):
    rows = [{"text": text} for text in (LONG, "short", LONG + "!")]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    source = {"name": "s", "format": "jsonl", "paths": [str(tmp_path / "a.jsonl")]}
    pipeline = Pipeline.from_dict({"name": "x", "sources": [source], "steps": [{"datatrove": "C4ParagraphFilter"}]})
    run = pipeline.run(tmp_path / "run", executor="inline")
    assert run.documents().num_rows == 2
    assert run.removed()["rule"].to_pylist() == ["datatrove.C4ParagraphFilter"]


def test_a_rule_set_named_after_datatrove_says_the_same():
    pytest.importorskip("spacy", reason="datatrove splits words with spaCy")
    import corpus_forge as cf

    texts = [
        "",
        "Two words.",
        "the stone that we have is of the same kind as that of the others, and it is old. " * 10,
        "# " * 200,
    ]
    ours = cf.apply_rules(texts, "gopher_quality@datatrove")["keep"].to_pylist()
    removed = outcome_of(*texts, filter="GopherQualityFilter").removed
    assert ours == [row not in removed for row in range(len(texts))]

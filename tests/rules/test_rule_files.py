"""Shipped rule sets do what their golden texts say; a wrong file is refused with place, value and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corpus_forge.errors import ConfigError, InputError, RequestError
from corpus_forge.rules import apply_rules, files, load_rules, shipped
from corpus_forge.rules.listing import markdown, marked_name, with_tables
from corpus_forge.rules.rule import interval
from corpus_forge.text.signals import signals

README = Path(__file__).parents[2] / "filters" / "README.md"
MINE = {"family": "mine", "title": "Mine", "source": "me", "rules": [{"signal": "word_count", "keep": [2, None]}]}


def write(folder: Path, **changes) -> Path:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**MINE, **changes}))
    return path


@pytest.mark.parametrize("name", shipped())
def test_golden_texts(name):
    rules = load_rules(name)
    texts = [golden.full_text() for golden in rules.golden]
    given = {name: [getattr(golden, name) for golden in rules.golden] for name in ("language", "source")}
    table = apply_rules(texts, rules, **given)
    expected = [golden.removed_by and f"{rules.family}.{golden.removed_by}" for golden in rules.golden]
    flagged = [golden.flagged and f"{rules.family}.{golden.flagged[0]}" for golden in rules.golden]
    decided = [name or flag or None for name, flag in zip(expected, flagged, strict=True)]
    assert table["rule"].to_pylist() == decided
    assert table["value"].to_pylist() == [golden.value and pytest.approx(golden.value, abs=1e-9) for golden in rules.golden]
    assert table["keep"].to_pylist() == [name is None for name in expected]
    left = [golden.full_text() if golden.cleaned is None else golden.cleaned for golden in rules.golden]
    assert table["text"].to_pylist() == left
    assert table["flags"].to_pylist() == [list(golden.flagged) for golden in rules.golden]


def test_golden_values_of_signals():
    """Values that a definition gives, worked out by hand."""
    found = 0
    for name in shipped():
        for golden in load_rules(name).golden:
            measured = signals([golden.full_text()], list(golden.signals)).to_pylist()[0] if golden.signals else {}
            found += len(measured)
            for signal, value in golden.signals.items():
                assert measured[signal] == (value if value is None else pytest.approx(value, abs=1e-9)), (name, signal)
    assert found or not any(load_rules(name).measure for name in shipped())


@pytest.mark.parametrize("name", shipped())
def test_each_rule_has_a_golden_text_that_it_removes_and_the_file_is_named_as_the_set(name):
    rules = load_rules(name)
    removing = {rule.key for rule in rules.rules if rule.action == "remove"}
    assert removing == {golden.removed_by for golden in rules.golden} - {None}
    flagging = {rule.key for rule in rules.rules if rule.action == "flag"}
    assert flagging == {name for golden in rules.golden for name in golden.flagged}
    assert not rules.cleans or any(golden.cleaned is not None for golden in rules.golden)
    assert rules.name == name == shipped()[name].stem


def test_golden_texts_stand_on_the_edges():
    """Where a rule keeps its bound, some kept golden text has exactly that value."""
    rules = load_rules("gopher_quality")
    kept = [golden.full_text() for golden in rules.golden if golden.removed_by is None]
    values = signals(kept, [rule.signal for rule in rules.rules])
    for rule in rules.rules:
        assert {bound for bound in rule.keep if bound is not None} <= set(values[rule.signal].to_pylist()), rule.signal


def test_datatrove_says_the_same_of_the_golden_texts():
    filters = pytest.importorskip("datatrove.pipeline.filters", reason="datatrove is in the extra `interop`")
    pytest.importorskip("spacy")
    from datatrove.data import Document

    theirs = filters.GopherQualityFilter()
    for golden in load_rules("gopher_quality@datatrove").golden:
        assert (theirs.filter(Document(text=golden.full_text(), id="")) is True) == (golden.removed_by is None)


def test_the_readme_has_the_tables():
    readme = README.read_text("utf-8")
    assert readme == with_tables(readme), "filters/README.md says how to write them"
    assert "| word_count | words | 50 to 100000 | remove |" in markdown()


def test_the_template_in_the_readme_is_a_rule_set_that_holds(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(README.read_text("utf-8").split("```yaml\n")[1].split("```")[0])
    rules = load_rules(str(path))
    table = apply_rules([golden.full_text() for golden in rules.golden], rules)
    assert table["rule"].to_pylist() == [None, "my_rules.word_count"]


def test_names_and_default_readings(monkeypatch, tmp_path):
    for name in ("a@dolma", "a@datatrove", "a@paper", "b@paper", "b@x", "c@only", "d@x", "d@y"):
        (tmp_path / f"{name}.yaml").touch()
    monkeypatch.setattr(files, "shipped", lambda: {path.stem: path for path in tmp_path.iterdir()})
    assert [files.default_reading(family) for family in "abc"] == ["a@datatrove", "b@paper", "c@only"]
    with pytest.raises(RequestError, match="several readings and no default: d@x, d@y"):
        files.default_reading("d")


def test_the_list_marks_the_default():
    assert marked_name("gopher_quality@datatrove") == "gopher_quality@datatrove *"
    assert marked_name("gopher_quality@paper") == "gopher_quality@paper"
    assert marked_name("nobody@knows") == "nobody@knows"


@pytest.mark.parametrize("name", ["gopher_qualty", "gopher_quality@datatrov", "gopher_quality@paperx"])
def test_an_unknown_name_is_answered_with_the_nearest(name):
    with pytest.raises(
        RequestError, match=rf"no rule set is named '{name}'. Did you mean 'gopher_quality(@datatrove|@paper)?'"
    ):
        load_rules(name)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"rules": [{"signal": "word_cont", "keep": [1, 2]}]},
            r"rules\[0\].signal: no signal is named 'word_cont'. Did you mean 'word_count'",
        ),
        ({"rules": [{"signal": "word_count", "keep": [3, 2]}]}, r"rules\[0\].keep: no number is at least 3 and at most 2"),
        ({"rules": [{"signal": "word_count", "keep": [None, None]}]}, r"rules\[0\].keep: \[null, null\] keeps everything"),
        ({"rules": [{"signal": "word_count", "keep": [float("nan"), 2]}]}, r"rules\[0\].keep: bounds are finite"),
        ({"rules": [{"signal": "word_count", "keep": [1]}]}, r"rules\[0\].keep\[1\]: Field required"),
        (
            {"rules": [{"signal": "word_count", "kep": [1, 2]}]},
            r"rules\[0\].kep: no key is named 'kep' here. Did you mean 'keep'|Field required",
        ),
        ({"rules": []}, "rules: Tuple should have at least 1 item"),
        ({"rules": [MINE["rules"][0]] * 2}, "two rules look at 'word_count'"),
        ({"famly": "x"}, "famly: no key is named 'famly' here. Did you mean 'family'"),
        ({"family": "My Rules"}, "family: String should match pattern"),
        (
            {"golden": [{"text": "", "removed_by": "word_cont"}]},
            "golden text expects 'word_cont', which no rule looks at. Did you mean",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path, changes, message):
    path = write(tmp_path, **changes)
    with pytest.raises(ConfigError, match=message) as caught:
        load_rules(str(path))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"{", InputError, "is not YAML"),
        (b"\xff\xfe\x00", InputError, "is not YAML"),
        (b"- a", ConfigError, "must be a mapping with family"),
        (b"", ConfigError, "must be a mapping with family"),
        (b"a: !!python/object/apply:os.getcwd []", InputError, "is not YAML"),
        (b"# " + b"x" * (1 << 20), InputError, "this is no rule set"),
    ],
)
def test_a_file_that_is_no_rule_set(tmp_path, content, error, message):
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    with pytest.raises(error, match=message):
        load_rules(str(path))


def test_a_missing_file_is_named():
    with pytest.raises(InputError, match=r"no/such.yaml: cannot be read: No such file"):
        load_rules("no/such.yaml")


@pytest.mark.parametrize(
    ("keep", "words"), [((1, 2.5), "1 to 2.5"), ((None, 0.1), "at most 0.1"), ((100000, None), "at least 100000")]
)
def test_intervals_in_words(keep, words):
    assert interval(keep) == words

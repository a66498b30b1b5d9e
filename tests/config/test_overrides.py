"""`--set` reaches any value of a pipeline, by key, index, step or source, and says so when it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from corpus_forge.config.build import pipeline_from_dict
from corpus_forge.config.overrides import apply_overrides
from corpus_forge.errors import ConfigError


@pytest.mark.parametrize(
    ("override", "reach"),
    [
        ("name=other", lambda c: c.name == "other"),
        ("seed=7", lambda c: c.seed == 7),
        ("tokenize.seq_len=512", lambda c: c.tokenize.seq_len == 512),
        ("tokenize.train.vocab_size=2000", lambda c: c.tokenize.train.vocab_size == 2000),
        ("tokenize=null", lambda c: c.tokenize is None),
        ("tokenize=", lambda c: c.tokenize is None),
        ("extract.engine=precise", lambda c: c.steps[0].engine == "precise"),
        ("steps[0].extract.engine=precise", lambda c: c.steps[0].engine == "precise"),
        ("keep.set.words=[80,100000]", lambda c: c.steps[2].set == {"words": (80, 100000)} and c.steps[2].rules == "gopher"),
        ("keep.set.words=[80, null]", lambda c: c.steps[2].set == {"words": (80, None)}),
        ("steps[2].keep.rules=c4", lambda c: c.steps[2].rules == "c4"),
        ("steps[2]=score", lambda c: c.steps[2].name == "score"),
        ("steps[2]={keep: c4}", lambda c: c.steps[2].rules == "c4"),
        ("keep=c4", lambda c: c.steps[2].rules == "c4"),
        ("sources[0].paths=[b, c]", lambda c: c.sources[0].paths == ["b", "c"]),
        ("web.paths=[b, c]", lambda c: c.sources[0].paths == ["b", "c"]),
        ("web.paths[0]=z=1", lambda c: c.sources[0].paths == ["z=1"]),
        ("score.languages=[en, de]", lambda c: c.steps[1].languages == ["en", "de"]),
    ],
)
def test_values_are_set(pipeline: dict[str, Any], override: str, reach: Any) -> None:
    changed = pipeline_from_dict(apply_overrides(pipeline, [override]))
    assert reach(changed)
    assert not reach(pipeline_from_dict(pipeline)), "the test shows nothing"


def test_overrides_apply_in_order_and_leave_the_input_alone(pipeline: dict[str, Any]) -> None:
    changed = apply_overrides(pipeline, ["steps[2]={keep: c4}", "keep.set.a=[1, 2]", "seed=1", "seed=2"])
    assert changed["steps"][2] == {"keep": {"rules": "c4", "set": {"a": [1, 2]}}}
    assert (changed["seed"], pipeline.get("seed"), pipeline["steps"][2]) == (2, None, {"keep": "gopher"})


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("extrakt.engine=x", "--set extrakt.engine: no key, step or source is named 'extrakt'. Did you mean 'extract'?"),
        ("tokenise.seq_len=5", "--set tokenise.seq_len: no key, step or source is named 'tokenise'. Did you mean 'tokenize'?"),
        ("steps[9].keep=x", "--set steps[9].keep: steps has 4 entries, counted from [0]; there is no [9]."),
        ("steps[9]=x", "--set steps[9]: steps has 4 entries, counted from [0]; there is no [9]."),
        ("steps[0].keep.rules=x", "--set steps[0].keep.rules: steps[0] is the step 'extract', not 'keep'."),
        ("steps[0].keep=x", "--set steps[0].keep: steps[0] is the step 'extract', not 'keep'."),
        ("name.first=x", "--set name.first: name is \"tiny\", which has no 'first'."),
        ("name[0]=x", '--set name[0]: name is "tiny", not a list.'),
        ("seq_len", "--set seq_len: has no 'path=value'. For example --set tokenize.seq_len=1024."),
        ("=5", "--set =5: has no 'path=value'."),
        ("a..b=5", "--set a..b: '' is not a name with optional [indices]."),
        ("steps[-1]=5", "--set steps[-1]: 'steps[-1]' is not a name with optional [indices]."),
        ("seed=[1", "--set seed: line 1, column 3: expected ',' or ']'"),
    ],
)
def test_paths_that_lead_nowhere(pipeline: dict[str, Any], override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        apply_overrides(pipeline, [override])
    assert str(caught.value).startswith(message)


def test_a_name_that_stands_for_two_places_is_refused(pipeline: dict[str, Any]) -> None:
    pipeline["steps"].append({"keep": "c4"})
    with pytest.raises(
        ConfigError, match=r"'keep' stands for more than one place. Say which: steps\[2\].keep, steps\[4\].keep."
    ):
        apply_overrides(pipeline, ["keep.rules=x"])


def test_an_unknown_leaf_is_for_the_models_to_name(pipeline: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"steps\[0\].extract.engin: unknown key, value \"x\". Did you mean 'engine'\?"):
        pipeline_from_dict(apply_overrides(pipeline, ["extract.engin=x"]))

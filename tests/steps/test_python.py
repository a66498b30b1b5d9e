"""Own steps: what a function may answer, how it gets parameters, and what is said of mistakes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.document import Fault, Outcome, Removal
from corpus_forge.errors import RequestError, RunError
from corpus_forge.plugins import load_plugins
from corpus_forge.registry import Registry, steps
from corpus_forge.steps.python import PythonStep, batch_step, document_step

PLUGIN = """
from corpus_forge.document import Removal
from corpus_forge.steps.python import document_step

@document_step("shout", gives=("score",), version=3)
def shout(document: dict, *, loud: bool = False, least: int = 0):
    '''Write it in capitals.'''
    if len(document["text"]) < least:
        return Removal("shout.least", len(document["text"]))
    return {**document, "text": document["text"].upper(), "score": loud}
"""


@pytest.fixture
def plugin(tmp_path) -> Path:
    path = tmp_path / "shout.py"
    path.write_text(PLUGIN)
    load_plugins([str(path)])
    return path


def batch(*texts: str | None) -> pa.RecordBatch:
    return pa.record_batch(
        {"record": pa.array(range(len(texts)), pa.uint32()), "text": pa.array(texts, pa.large_string())},
    )


def run(name: str, *texts: str | None, **parameters) -> Outcome:
    return steps.get(name).model_validate(parameters).start()(batch(*texts))


def test_answers_keep_remove_change_and_fail_one_document_each():
    @document_step("answers", gives=("score",))
    def answers(document):
        answer = {
            "none": None,
            "true": True,
            "false": False,
            "reason": "too dull",
            "removal": Removal("answers.rule", 2.5, "x"),
            "dict": {"text": "DICT", "score": 1},
            "same": document,
        }
        return answer[document["text"]]

    texts = ["none", "true", "false", "reason", "removal", "dict", "same", "absent"]
    outcome = run("answers", *texts)
    assert outcome.removed == {
        2: Removal("answers"),
        3: Removal("answers", detail="too dull"),
        4: Removal("answers.rule", 2.5, "x"),
    }
    assert outcome.quarantined == {7: Fault("exception:KeyError", "'absent'")}
    assert outcome.batch["text"].to_pylist() == [*texts[:5], "DICT", *texts[6:]]
    assert outcome.batch["score"].to_pylist() == [None] * 5 + [1.0, None, None]
    assert outcome.batch["score"].type == pa.float64()
    assert outcome.batch["record"].to_pylist() == list(range(8))


def test_the_function_stays_a_function_and_what_it_does_to_its_dict_is_not_taken():
    @document_step("mutates")
    def mutates(document):
        document["text"] = "changed"

    assert mutates({"text": "x"}) is None
    assert run("mutates", "x").batch["text"].to_pylist() == ["x"]


def test_a_document_changed_in_place_and_returned_is_taken():
    @document_step("returns")
    def returns(document):
        document["text"] += "!"
        return document

    assert run("returns", "x").batch["text"].to_pylist() == ["x!"]


def test_a_value_that_does_not_fit_the_column_quarantines_its_document_only():
    @document_step("unfit", gives={"score": pa.int8(), "label": pa.string()})
    def unfit(document):
        return {"score": len(document["text"]) * 100, "label": document["text"]}

    outcome = run("unfit", "a", "bbb", "")
    assert outcome.batch["score"].to_pylist() == [100, None, 0]
    assert outcome.batch.schema.field("label").type == pa.string()
    assert list(outcome.quarantined) == [1]
    assert outcome.quarantined[1].reason == "exception:ArrowInvalid"
    assert outcome.quarantined[1].detail.startswith("column 'score' of type int8: ")


def test_surrogates_that_utf8_cannot_hold_quarantine_their_document():
    @document_step("surrogates")
    def surrogates(document):
        return {"text": "\ud800"}

    assert run("surrogates", "a").quarantined[0].reason == "exception:UnicodeEncodeError"


def test_declared_columns_are_there_though_nothing_was_given():
    @document_step("silent", gives=("score", "language"))
    def silent(document):
        return None

    outcome = run("silent", "a", "b")
    assert outcome.batch["score"].to_pylist() == [None, None]
    assert (outcome.batch["score"].type, outcome.batch["language"].type) == (pa.float64(), pa.string())
    assert run("silent").batch.num_rows == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (3, "document step 'wrong' returned int. Return None or True"),
        ({"other": 1}, r"returned the column 'other'. Declare it: document_step\(…, gives=\('other',\)\)"),
        ({"record": 7}, "changed 'record', which says where a document is from"),
    ],
)
def test_answers_that_no_document_can_have_stop_the_run(answer, said):
    @document_step("wrong")
    def wrong(document):
        return answer

    with pytest.raises(RunError, match=said):
        run("wrong", "a")


def test_batches_come_back_as_batch_or_outcome():
    @batch_step("length", gives=("score",), needs=("text",), costly=True)
    def length(rows, *, factor: float = 1.0):
        return rows.append_column("score", pa.array([len(text) * factor for text in rows["text"].to_pylist()], pa.float64()))

    @batch_step("odd")
    def odd(rows):
        return Outcome(rows, removed={0: Removal("odd")})

    assert run("length", "a", "bb", factor=0.5).batch["score"].to_pylist() == [0.5, 1.0]
    assert run("odd", "a", "b").removed == {0: Removal("odd")}
    assert (steps.get("length").gives, steps.get("length").needs, steps.get("length").costly) == (("score",), ("text",), True)


def test_a_column_of_nothing_but_none_gets_its_type():
    @batch_step("nothing", gives=("score",))
    def nothing(rows):
        return rows.append_column("score", pa.nulls(rows.num_rows))

    assert run("nothing", "a").batch["score"].type == pa.float64()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda rows: rows.slice(1), "returned 1 rows for a batch of 2"),
        (lambda rows: rows.to_pylist(), "returned list. Return a RecordBatch or an Outcome"),
        (lambda rows: rows.drop_columns(["text"]), "without the column 'text'"),
        (lambda rows: rows, "without the column 'score'"),
    ],
)
def test_batches_of_another_shape_stop_the_run(answer, said):
    batch_step("shape", gives=("score",))(answer)
    with pytest.raises(RunError, match=f"batch step 'shape' returned .*{said.removeprefix('returned ')}"):
        run("shape", "a", "b")


def test_keyword_arguments_are_typed_parameters(plugin):
    step = steps.get("shout")
    assert step.model_validate({"loud": "true"}).parameters() == {"loud": True, "least": 0}
    assert step.__doc__ == "Write it in capitals."
    with pytest.raises(ValidationError, match="lod"):
        step.model_validate({"lod": True})
    with pytest.raises(ValidationError, match="least"):
        step.model_validate({"least": "many"})
    outcome = run("shout", "a", "bcd", least=2, loud=True)
    assert outcome.removed == {0: Removal("shout.least", 1)}
    assert outcome.batch["text"].to_pylist() == ["a", "BCD"]
    assert outcome.batch["score"].to_pylist() == [None, 1.0]


def test_a_parameter_without_default_is_required():
    @document_step("needy")
    def needy(document, *, k: int):
        return None

    with pytest.raises(ValidationError, match="k\n  Field required"):
        steps.get("needy").model_validate({})


def test_identity_has_the_digest_of_the_plugin_as_it_was_loaded(plugin):
    digest = hashlib.sha256(PLUGIN.encode()).hexdigest()
    step = steps.get("shout")()
    assert step.identity() == {"step": "shout", "version": 3, "loud": False, "least": 0, "sha256": digest}
    changed = PLUGIN + "# changed\n"
    plugin.write_text(changed)
    assert step.identity()["sha256"] == digest
    load_plugins([str(plugin)])
    assert steps.get("shout")().identity()["sha256"] == hashlib.sha256(changed.encode()).hexdigest()


def test_the_python_step_is_another_spelling_of_the_same(plugin):
    step = PythonStep.model_validate({"function": "shout", "loud": True})
    own = steps.get("shout")(loud=True)
    assert (step.needs, step.gives, step.takes, step.costly) == (("text",), ("score",), (), False)
    assert step.start()(batch("a")).batch == own.start()(batch("a")).batch
    assert step.identity() == {**own.identity(), "step": "python", "function": "shout"}
    assert PythonStep.model_validate(step.model_dump(mode="json")) == step
    assert (PythonStep.needs, PythonStep.gives) == ((), ())


def test_the_python_step_refuses_what_the_function_refuses(plugin):
    with pytest.raises(ValidationError, match=r"no Python function is registered as 'shoot'\. Did you mean 'shout'"):
        PythonStep(function="shoot")
    with pytest.raises(ValidationError, match="no Python function is registered as 'python'"):
        PythonStep(function="python")
    with pytest.raises(ValidationError, match="lod"):
        PythonStep.model_validate({"function": "shout", "lod": 1})


def no_document(*, k: int = 1):
    return None


def two_positional(document, other):
    return None


def any_keywords(document, **others):
    return None


def reserved_name(document, *, version: int = 1):
    return None


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (no_document, "step 'odd': it takes no document"),
        (two_positional, r"its parameter 'other' is not behind a \*"),
        (any_keywords, r"its parameter 'others' is not behind a \*"),
        (reserved_name, "a parameter cannot be called 'version'"),
    ],
)
def test_signatures_that_cannot_be_steps_are_refused_when_registered(function, said):
    with pytest.raises(RequestError, match=said):
        document_step("odd")(function)


def test_fixed_columns_cannot_be_given_and_names_not_taken_twice():
    with pytest.raises(RequestError, match="cannot give 'record'"):
        document_step("odd", gives=("record",))(lambda document: None)
    document_step("twice")(any_document)
    with pytest.raises(RequestError, match="two steps are named 'twice'"):
        document_step("twice")(another_document)


def any_document(document):
    return None


def another_document(document):
    return None


def test_a_registry_is_what_the_fixture_replaces():
    """The fixture reaches into it: this fails with a clear name when that is no longer so."""
    assert isinstance(steps, Registry)
    assert isinstance(steps._entries, dict)


@pytest.mark.parametrize("removal", [Removal(""), Removal("odd", "x"), Removal("odd", 1, 5)])  # type: ignore[arg-type]
def test_a_removal_of_the_wrong_shape_names_the_step(removal):
    document_step("odd")(lambda document: removal)
    with pytest.raises(RunError, match="document step 'odd' returned Removal"):
        run("odd", "one")


def test_a_document_cannot_end_the_process_or_lose_its_text():
    @document_step("leave")
    def leave(document):
        if document["text"] == "exit":
            raise SystemExit(3)
        return {"text": None} if document["text"] == "none" else None

    outcome = run("leave", "exit", "none", "kept")
    assert {row: fault.reason for row, fault in outcome.quarantined.items()} == {
        0: "exception:SystemExit",
        1: "exception:TypeError",
    }
    assert outcome.kept()["text"].to_pylist() == ["kept"]


@pytest.mark.parametrize("file", ["<cell>", __file__])
def test_a_function_that_is_defined_again_has_another_identity(file):
    def identity(least: int) -> dict:
        source = f"def again(document):\n    return len(document['text']) > {least} and document['text'] in {{'a', 'b'}}\n"
        names: dict = {"__name__": "cell"}
        exec(compile(source, file, "exec"), names)
        document_step("again")(names["again"])
        return steps.get("again")().identity()

    assert identity(1) == identity(1)
    assert identity(1) != identity(2)

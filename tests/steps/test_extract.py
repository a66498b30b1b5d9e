"""The step `extract`: batches with pages in, batches with texts out, and who leaves why."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.document import Fault, Removal
from corpus_forge.extract import extract
from corpus_forge.plugins import load_plugins
from corpus_forge.registry import steps
from corpus_forge.steps.extract import Extract

POISON_PLUGIN = Path(__file__).parents[1] / "data" / "plugins" / "poison_engine.py"


@pytest.fixture(autouse=True)
def _poison_engine():
    load_plugins([str(POISON_PLUGIN)])


def batch_of(pages: list[str | None], kind: pa.DataType | None = None) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "record": pa.array(range(len(pages)), pa.uint32()),
            "url": pa.array([f"http://example.org/{i}" for i in range(len(pages))]),
            "html": pa.array(pages, kind or pa.large_string()),
            "source": pa.array(["cc"] * len(pages)),
        }
    )


@pytest.mark.parametrize("sandbox", [True, False])
def test_text_takes_the_place_of_html_and_pages_without_text_leave(sandbox):
    batch = batch_of(["<main>one</main>", "<script>x</script>", None, "", "<p>\u00a0\u3000</p>", "<main>zwölf</main>"])
    outcome = Extract(sandbox=sandbox).start()(batch)
    assert outcome.batch.schema == pa.schema(
        [("record", pa.uint32()), ("url", pa.string()), ("text", pa.large_string()), ("source", pa.string())]
    )
    assert outcome.removed == dict.fromkeys((1, 2, 3, 4), Removal("extract.empty"))
    assert outcome.quarantined == {}
    assert outcome.kept().column("text").to_pylist() == ["one", "zwölf"]
    assert outcome.kept().column("record").to_pylist() == [0, 5]


@pytest.mark.parametrize("sandbox", [True, False])
def test_faults_are_quarantined_and_the_others_stay(sandbox):
    pages = ["<p>a</p>", "<!--poison:raise-->", "<p>b</p>", "<!--poison:exit 9-->" if sandbox else "<!--poison:odd_message-->"]
    outcome = Extract(engine="poison", sandbox=sandbox).start()(batch_of(pages))
    last = Fault("exit:9", "the engine ended its process with exit code 9") if sandbox else Fault("exception:OddError")
    assert outcome.quarantined == {1: Fault("exception:ValueError", "not this page"), 3: last}
    assert outcome.removed == {}
    assert outcome.kept().column("text").to_pylist() == ["a", "b"]


@pytest.mark.parametrize("sandbox", [True, False])
def test_pages_over_the_limit_are_quarantined_and_not_parsed(sandbox):
    pages = ["<b>1234", "é" * 4, "x" * 9, "<!--poison:segfault-->"]
    outcome = Extract(engine="poison", max_html_bytes=8, sandbox=sandbox).start()(batch_of(pages))
    sizes = {2: 9, 3: 22}
    assert outcome.quarantined == {
        row: Fault("limit:html_bytes", f"the page has {size} bytes; max_html_bytes is 8") for row, size in sizes.items()
    }
    assert outcome.kept().column("text").to_pylist() == ["1234", "éééé"]


def test_batches_that_have_text_and_no_html_pass_unchanged():
    batch = pa.record_batch({"text": pa.array(["a", ""], pa.large_string())})
    outcome = Extract().start()(batch)
    assert outcome.batch is batch
    assert not outcome.removed
    assert not outcome.quarantined


def test_any_string_column_will_do_sliced_or_not_and_without_urls():
    batch = batch_of(["no", "<main>eins</main>", "<main>zwei</main>", "no"], pa.string()).drop_columns(["url"])
    outcome = Extract().start()(batch.slice(1, 2))
    assert outcome.batch.column("text").to_pylist() == ["eins", "zwei"]


def test_an_empty_batch_stays_empty():
    outcome = Extract().start()(batch_of([]))
    assert outcome.batch.schema.names == ["record", "url", "text", "source"]
    assert outcome.batch.num_rows == 0


def test_it_is_registered_with_its_contract():
    assert steps.get("extract") is Extract
    assert (Extract.shorthand, Extract.needs, Extract.gives, Extract.takes) == ("engine", ("html",), ("text",), ("html",))
    assert Extract.costly
    assert not Extract.decides


def test_an_unknown_engine_is_refused_when_the_file_is_read():
    with pytest.raises(ValidationError, match=r"no extraction engine is named 'resiliparser'\. Did you mean 'resiliparse'\?"):
        Extract(engine="resiliparser")


@pytest.mark.parametrize(
    "wrong", [{"timeout": 0}, {"memory": "1MB"}, {"max_html_bytes": 0}, {"depth": 3}, {"timeout": float("nan")}]
)
def test_senseless_values_are_refused(wrong):
    with pytest.raises(ValidationError):
        Extract(**wrong)


def test_sizes_have_units():
    step = Extract(memory="1GiB", max_html_bytes="10MB")
    assert (step.memory, step.max_html_bytes) == (1 << 30, 10_000_000)


def test_identity_has_the_parameters_and_the_version_of_the_library(monkeypatch):
    before = Extract().identity()
    assert before["engine"] == "resiliparse"
    monkeypatch.setattr("corpus_forge.extract.resiliparse.version", lambda name: f"{name} 99")
    assert Extract().identity() == {**before, "engine_version": "resiliparse 99"}
    assert Extract(engine="trafilatura").identity() != before
    assert Extract(timeout=1).identity() != before


@pytest.mark.data
@pytest.mark.parametrize("engine", ["resiliparse", "trafilatura"])
def test_hostile_pages_end_as_text_or_with_a_reason(test_data, engine):
    pages = [*_bodies(test_data / "malformed" / "nasty_html.warc.gz"), _attributes(1_000), _attributes(100_000)]
    outcome = Extract(engine=engine, timeout=1.0).start()(batch_of(pages))
    slow = {"resiliparse": {10}, "trafilatura": {1, 10}}[engine]
    assert {row: fault.reason for row, fault in outcome.quarantined.items()} == dict.fromkeys(slow, "timeout")
    texts = outcome.batch.column("text").to_pylist()
    assert texts[2].startswith("bad")
    assert texts[9] == {"resiliparse": "text of it", "trafilatura": ""}[engine]


@pytest.mark.data
def test_real_pages_come_out_as_they_do_without_a_sandbox(test_data):
    pages = _bodies(test_data / "warc" / "FORGE-A-20261120-00000.warc.gz")[:60]
    outcome = Extract().start()(batch_of(pages))
    assert outcome.quarantined == {}
    assert outcome.batch.column("text").to_pylist() == [extract(page) for page in pages]


def _bodies(path: Path) -> list[str]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    from corpus_forge.text.charset import decode_html

    with path.open("rb") as file:
        records = ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True)
        return [
            decode_html(r.reader.read(), None).text for r in records if "html" in (r.http_headers.get("Content-Type") or "")
        ]


def _attributes(count: int) -> str:
    return "<p " + " ".join(f'a{i}="v"' for i in range(count)) + ">text of it</p>"

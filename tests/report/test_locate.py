"""Documents by URL, domain or id in a run that was made, and takedowns from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from small_corpus import make_text

from corpus_forge.cli import main
from corpus_forge.errors import InputError, RequestError
from corpus_forge.pipeline import Pipeline, Run
from corpus_forge.report.locate import Wanted, read_ids
from corpus_forge.tokens.dataset import TokenDataset
from corpus_forge.tokens.verify import verify_tokens

URLS = [
    "https://example.org/a",
    "https://www.example.org/b",
    "https://example.org.evil.net/c",
    "https://notexample.org/d",
    "http://EXAMPLE.org:8080/e?x=1",
    "https://ex%61mple.org/f",
    "https://bücher.example/g",
    "https://xn--bcher-kva.example/h",
    "https://user@example.org/i",
    "https://other.net/?u=example.org",
    None,
]


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    import random

    folder = tmp_path_factory.mktemp("takedown")
    rng = random.Random(4)
    lines = [{"text": make_text(rng, 150 + 40 * n), **({"url": url} if url else {})} for n, url in enumerate(URLS)]
    (folder / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    source = {"name": "web", "format": "jsonl", "paths": [str(folder / "in.jsonl")]}
    tokenize = {"train": {"vocab_size": 400}, "seq_len": 128}
    config = {"name": "small", "sources": [source], "tokenize": tokenize}
    return Pipeline.from_dict(config).run(folder / "RUN", executor="inline")


def which(run: Run, **wanted) -> list[int]:
    """Which of URLS, by their place."""
    return sorted(set(run.locate(**wanted).column("id").to_pylist()))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"urls": ["https://example.org/a"]}, [0]),
        ({"urls": "https://example.org/a"}, [0]),
        ({"urls": ["https://example.org/"]}, []),
        ({"domains": ["example.org"]}, [0, 1, 4, 5, 8]),
        ({"domains": ["*.Example.org"]}, [0, 1, 4, 5, 8]),
        ({"domains": ["www.example.org"]}, [1]),
        ({"domains": ["bücher.example"]}, [6, 7]),
        ({"domains": ["xn--bcher-kva.example", "notexample.org"]}, [3, 6, 7]),
        ({"ids": [10, 2, 77]}, [2, 10]),
        ({"ids": [10], "urls": ["https://example.org/a"]}, [0, 10]),
    ],
)
def test_documents_are_found_by_what_is_known_of_them(run, wanted, found) -> None:
    assert which(run, **wanted) == found


def test_spans_hold_all_tokens_of_the_document_as_explain_tells_them(run) -> None:
    spans = run.locate(domains=["example.org"]).to_pylist()
    dataset = run.tokens()
    names = {entry.path: number for number, entry in enumerate(dataset.shards)}
    texts = dict(zip(*(run.documents().column(name).to_pylist() for name in ("id", "text")), strict=True))
    from corpus_forge.tokens.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(run.root / "tokens")
    for uid in {span["id"] for span in spans}:
        mine = [span for span in spans if span["id"] == uid]
        pieces = [dataset.shard(names[s["shard"]]).tokens[s["row"], s["start"] : s["stop"]] for s in mine]
        assert tokenizer.decode(np.concatenate(pieces)) == texts[uid] + "<|eos|>"
        told = run.explain(id=uid)["tokens"]
        assert told == [{name: span[name] for name in ("shard", "row", "start", "stop")} for span in mine]
        assert {span["url"] for span in mine} == {URLS[uid]}


def test_a_takedown_from_the_terminal(run, tmp_path, capsys) -> None:
    def call(*arguments: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        return ended.value.code or 0, capsys.readouterr().out

    code, out = call("locate", run.root, "--domain", "example.org", "-n", 2)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 3)
    assert "shard-00000.arrow row 0 tokens 0 to " in lines[0]
    assert lines[-1].startswith("5 documents, ")
    assert "more with -n or --json" in lines[-1]
    code, out = call("locate", run.root, "--url", URLS[3], "--json")
    spans = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {(span["id"], span["url"]) for span in spans} == {(3, URLS[3])}
    (tmp_path / "ids.txt").write_text("# court order 5\n2\n\n10  # no URL\n")
    code, out = call(
        "redact-tokens", run.root, "--domain", "example.org", "--ids", tmp_path / "ids.txt", "-o", tmp_path / "new"
    )
    assert code == 0
    assert "without 7 documents" in out
    assert "still holds them" in out
    assert verify_tokens(tmp_path / "new") == []
    with TokenDataset(tmp_path / "new") as dataset:
        assert np.unique(dataset.shard(0).doc_uid).tolist() == [3, 6, 7, 9]
    record = json.loads((tmp_path / "new" / "redaction.json").read_text())[-1]
    assert record["asked"] == {"urls": [], "domains": ["example.org"], "ids": 2}
    assert call("locate", tmp_path / "new", "--ids", tmp_path / "ids.txt")[1] == "0 documents, 0 tokens in 0 spans\n"


def test_wrong_requests_are_named(run, tmp_path) -> None:
    for wanted, message in (
        ({}, "say which documents: URLs, domains or ids"),
        ({"domains": ["a b"]}, "is not a domain"),
        ({"ids": [-1]}, "-1 is no document's id"),
        ({"ids": [1 << 64]}, "is no document's id"),
        ({"ids": [True]}, "is no document's id"),
    ):
        with pytest.raises(RequestError, match=message):
            run.locate(**wanted)
    with pytest.raises(RequestError, match="no kept document is meant by that"):
        run.redact_tokens(tmp_path / "x", urls=["https://nobody.example/"])
    from corpus_forge.report.locate import locate

    with pytest.raises(InputError, match=r"no documents/ in it, so URLs and domains are unknown"):
        locate(run.root / "tokens", Wanted.of(["u"], (), ()))
    (tmp_path / "ids").write_text("1\ntwo\n")
    with pytest.raises(InputError, match=r"ids:2: 'two' is no document's id"):
        read_ids(tmp_path / "ids")
    with pytest.raises(InputError, match="cannot be read"):
        read_ids(tmp_path / "gone")


def test_sliced_and_empty_batches_and_urls_that_are_null() -> None:
    table = pa.table({"id": pa.array([1, 2, 3], pa.uint64()), "url": [None, "http://a.b", "http://c.a.b"]})
    batch = table.to_batches()[0]
    wanted = Wanted.of((), ["a.b"], ())
    assert wanted.matching(batch).to_pylist() in ([False, True, True], [None, True, True])
    assert wanted.matching(batch.slice(1)).to_pylist() == [True, True]
    assert wanted.matching(batch.slice(0, 0)).to_pylist() == []


def test_a_run_that_is_whole_is_exported(run, tmp_path: Path) -> None:
    out = run.export("megatron", tmp_path / "m")
    assert (out / "web-train.idx").is_file()
    unfinished = Run(run.root, {**run.record, "status": "failed"})
    with pytest.raises(RequestError, match="the run is failed"):
        unfinished.export("megatron", tmp_path / "n")

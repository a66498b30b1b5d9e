"""`url_filter`: hosts as the DNS sees them, and the rule and entry that each document leaves by."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus_forge.document import Removal
from corpus_forge.errors import ConfigError, InputError
from corpus_forge.steps.url_filter import UrlFilterStep
from corpus_forge.steps.url_lists import host_of, load_list, parents, words_of


def removal(url: str | None, **parameters) -> Removal | None:
    batch = pa.record_batch({"url": pa.array(["http://0/", url], pa.string())})
    outcome = UrlFilterStep.model_validate(parameters).start()(batch)
    assert outcome.batch is batch
    assert set(outcome.removed) <= {1}
    return outcome.removed.get(1)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.COM/a", "example.com"),
        ("http://example.com.:8080?x", "example.com"),
        ("http://user:p%40ss@example.com:80/", "example.com"),
        ("http://evil.test#@example.com/", "evil.test"),
        ("http://evil.test\\@example.com/", "evil.test"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("http://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("http://ＥＸＡＭＰＬＥ。com/", "example.com"),
        ("http://ex%41mple.com/", "example.com"),
        ("http://[2001:DB8::1]:443/", "2001:db8::1"),
        ("//example.com/x", "example.com"),
        ("example.com/x", "example.com"),
        ("  http://example.com", "example.com"),
        ("", ""),
        ("http://", ""),
        ("http://..", ""),
        ("http://a..ü/", "a..ü"),
    ],
)
def test_host_of(url, host):
    assert host_of(url) == host


@given(st.text(max_size=60))
def test_every_text_has_a_host_words_and_parents(text):
    host = host_of(text)
    assert list(parents(host))[:1] == ([host] if host else [])
    assert all(word == word.lower() for word in words_of(text))


def test_a_host_of_a_megabyte_is_cut_to_what_the_dns_allows():
    assert len(host_of("http://" + "a." * 500_000 + "com/")) <= 253


@pytest.mark.parametrize(
    ("url", "blocked"),
    [
        ("http://example.com/", "example.com"),
        ("http://deep.sub.example.com/", "example.com"),
        ("http://www.example.com.:8080/", "example.com"),
        ("http://u:p@EXAMPLE.com/", "example.com"),
        ("http://bücher.test/", "xn--bcher-kva.test"),
        ("http://notexample.com/", None),
        ("http://example.com.evil.test/", None),
        ("http://test/example.com", None),
    ],
)
def test_domains_block_themselves_and_what_is_below(url, blocked):
    found = removal(url, domains=["*.Example.com.", "Bücher.test"])
    assert found == (blocked and Removal("url_filter.domain", detail=blocked))


def test_words_are_whole_and_compared_in_lower_case_after_percent_decoding():
    assert removal("http://x.test/Online-CASINO_2", words=["casino"]) == Removal("url_filter.word", detail="casino")
    assert removal("http://x.test/c%61sino", words=["casino"]) == Removal("url_filter.word", detail="casino")
    assert removal("http://x.test/casinos", words=["casino"]) is None


def test_soft_words_need_the_threshold_of_different_words():
    soft = {"soft_words": ["poker", "bet", "win"]}
    assert removal("http://poker.test/poker", **soft) is None
    assert removal("http://poker.test/bet", **soft) == Removal("url_filter.soft_words", 2.0, "bet, poker")
    assert removal("http://poker.test/bet", soft_word_threshold=3, **soft) is None


def test_subwords_are_found_across_punctuation():
    assert removal("http://free-p.o.r.n.test/", subwords=["free porn"]) == Removal("url_filter.subword", detail="freeporn")
    assert removal("http://free.test/", subwords=["free porn"]) is None


def test_patterns_are_re2_on_the_url_as_written_and_the_first_is_named():
    patterns = [r"\.pdf$", r"(?i)/TAG/|/page/\d+"]
    assert removal("http://x.test/a.pdf", patterns=patterns) == Removal("url_filter.pattern", detail=patterns[0])
    assert removal("http://x.test/tag/a.pdf", patterns=patterns) == Removal("url_filter.pattern", detail=patterns[0])
    assert removal("http://x.test/page/3", patterns=patterns) == Removal("url_filter.pattern", detail=patterns[1])
    assert removal("http://x.test/a.PDF", patterns=patterns) is None


def test_first_rule_in_order_decides():
    everything = {"domains": "x.test", "words": "x", "subwords": "x", "patterns": "x"}
    assert removal("http://x.test/", **everything).rule == "url_filter.domain"
    assert removal("http://y.test/x", **everything).rule == "url_filter.word"
    assert removal("http://y.test/xx", **everything).rule == "url_filter.subword"


def test_allowed_domains_and_documents_without_url_pass():
    rules = {"domains": ["x.test"], "words": ["bad"], "subwords": ["bad"], "patterns": ["test"], "allow": ["good.x.test"]}
    assert removal("http://www.good.x.test/bad", **rules) is None
    assert removal("http://x.test/bad", domains="x.test", allow="y.test").rule == "url_filter.domain"
    assert removal(None, domains="x.test", words="none", patterns="x") is None


def test_list_files_plain_and_gzip_say_the_same(tmp_path):
    text = "# made up\nExample.com\n[words]\nspam\n[patterns]\n[ab]\n\n[allow]\nok.example.com\n"
    (tmp_path / "a.txt").write_text(text)
    (tmp_path / "b.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("a.txt", "b.gz"):
        path = str(tmp_path / name)
        assert load_list(path).entries["domains"] == ("example.com",)
        assert load_list(path).entries["patterns"] == ("[ab]",)
        assert removal("http://www.example.com/", lists=[path]) == Removal("url_filter.domain", detail="example.com")
        assert removal("http://test/spam", lists=[path]) == Removal("url_filter.word", detail="spam")
        assert removal("http://ok.example.com/spam", lists=[path]) is None
    assert load_list(str(tmp_path / "a.txt")).sha256 == load_list(str(tmp_path / "b.gz")).sha256


def test_identity_has_the_content_of_lists_and_not_their_paths(tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("x.test\n")
    second.write_text("x.test\n")
    identities = [UrlFilterStep(lists=(str(path),)).identity() for path in (first, second)]
    assert identities[0] == identities[1]
    second.write_text("y.test\n")
    assert UrlFilterStep(lists=(str(second),)).identity() != identities[0]


def test_the_shipped_example_list_is_found_by_name():
    assert removal("http://adult.example/", lists="example") == Removal("url_filter.domain", detail="adult.example")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"ok.test\n[wrods]\n", r":2: unknown heading '\[wrods\]'"),
        (b"ok.test\nnot a domain\n", ":2: 'not a domain' is not a domain"),
        (b"[patterns]\n(\n", r":2: pattern '\(' is not an RE2 expression"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        (gzip.compress(b"ok.test\n" * 1000)[:-10], "the list cannot be read"),
    ],
    ids=["heading", "domain", "pattern", "not_utf8", "truncated_gzip"],
)
def test_wrong_lists_are_named_with_file_and_line(tmp_path, content, said):
    path = tmp_path / "wrong.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        load_list(str(path))
    step = UrlFilterStep(lists=(str(path),))
    assert step.problems()[0].startswith(str(path))
    with pytest.raises(ConfigError, match=r"^url_filter\.lists: "):
        step.start()


def test_absent_lists_are_problems():
    assert "Shipped: example." in UrlFilterStep(lists=("exampel",)).problems()[0]
    assert "no such file" in UrlFilterStep(lists=("./absent.txt",)).problems()[0]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, "nothing to block"),
        ({"allow": ["x.test"]}, "nothing to block"),
        ({"patterns": ["(?=x)"]}, r"pattern '\(\?=x\)' is not an RE2 expression"),
        ({"domains": ["a b"]}, "'a b' is not a domain"),
        ({"words": ["two words"]}, "'two words' is not one word"),
        ({"subwords": ["--"]}, "'--' is not one word"),
    ],
)
def test_wrong_parameters_say_which_entry(parameters, said):
    with pytest.raises(ValidationError, match=said):
        UrlFilterStep.model_validate(parameters)

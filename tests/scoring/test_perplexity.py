"""CCNet's normalisation, perplexity and buckets."""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_oracle import write_arpa

from corpus_forge.errors import InputError
from corpus_forge.scoring.arpa import load_arpa
from corpus_forge.scoring.ccnet import PUNCTUATION, normalize
from corpus_forge.scoring.language_model import KenlmModel, load_language_model, load_pieces
from corpus_forge.scoring.perplexity import buckets, perplexity

MODEL = {("<unk>",): (-2.0, None), ("<s>",): (-99.0, 0.0), ("</s>",): (-1.0, None), ("a",): (-0.5, 0.0), ("0",): (-0.25, 0.0)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Über 42 Öfen…  ", "uber 00 ofen..."),
        ("«Oui» — “non”", '"oui"  -  "non"'),
        ("数字１２，好。", "数字00,好."),
        ("ΟΔΟΣ ٣\u0301", "οδος 0"),
        ("a\x00b\tc\nd\x85e", "abcde"),
        ("İstanbul", "istanbul"),
        (" \n ", ""),
    ],
)
def test_normalisation_by_hand(text, expected):
    assert normalize(text) == expected


@given(st.text(st.characters() | st.sampled_from([*PUNCTUATION, "é", "1", "\n"])))
@settings(max_examples=300)
def test_one_table_does_what_four_passes_do(text):
    """The passes of cc_net/text_normalizer.py, one after the other."""
    line = text.strip().lower()
    line = "".join(c for c in unicodedata.normalize("NFD", line) if unicodedata.category(c) != "Mn")
    line = re.sub(r"\d", "0", line)
    line = "".join(PUNCTUATION.get(c, c) for c in line)
    assert normalize(text) == re.sub(r"[\x00-\x1f\x7f-\x9f]", "", line)


@pytest.fixture
def path(tmp_path):
    return write_arpa(tmp_path / "m.arpa", MODEL)


def test_lines_are_sentences_and_their_ends_count(path):
    values = perplexity(["A 7\na", "b", "", None, " \n"], load_arpa(path))
    # a 0 </s>: 0.5 + 0.25 + 1 of 3 tokens; a </s>: 1.5 of 2. Then b is unknown: 2 + 1 of 2.
    assert values.to_pylist() == [10 ** ((1.75 + 1.5) / 5), 10**1.5, None, None, None]


def test_with_pieces_a_text_is_one_sentence_without_its_newlines(path):
    seen = []

    def pieces(text):
        seen.append(text)
        return list(text)

    assert perplexity(["A\nA1"], load_arpa(path), pieces).to_pylist() == [10 ** ((0.5 + 0.5 + 0.25 + 1) / 4)]
    assert seen == ["aa0"]


def test_perplexities_stay_numbers(tmp_path):
    model = load_arpa(write_arpa(tmp_path / "m.arpa", {**MODEL, ("<unk>",): (-9e5, None)}))
    assert perplexity(["b b b"], model).to_pylist() == [1e300]


def test_buckets_are_ccnets():
    values = pa.array([99.9, 100.0, 199.9, 200.0, None])
    assert buckets(values, (100, 200)) == ["head", "middle", "middle", "tail", "all"]
    assert buckets(values, None) == ["all"] * 5


def test_slices_and_batches_give_the_same(path):
    texts = pa.array(["x", "a a", None, "b\nc", "7"], pa.large_string())
    whole = perplexity(texts, load_arpa(path)).to_pylist()
    assert perplexity(texts.slice(1, 3), load_arpa(path)).to_pylist() == whole[1:4]
    assert [perplexity(texts.slice(at, 1), load_arpa(path)).to_pylist()[0] for at in range(5)] == whole


def test_models_are_told_apart_by_content_and_checked(path, tmp_path, monkeypatch):
    assert load_language_model(str(path), None) is load_language_model(str(path), None)
    with pytest.raises(InputError, match="but 000"):
        load_language_model(str(path), "0" * 64)
    other = tmp_path / "x.bin"
    other.write_bytes(b"something else")
    digest = hashlib.sha256(b"something else").hexdigest()
    with pytest.raises(InputError, match=f"write sha256: {digest}"):
        load_language_model(str(other), None)
    with pytest.raises(InputError, match="neither an ARPA file nor a binary"):
        load_language_model(str(other), digest)
    content = b"mmap lm http://kheafield.com/code format version 5\n\0"
    other.write_bytes(content)
    monkeypatch.setitem(sys.modules, "kenlm", None)
    with pytest.raises(InputError, match=r"pip install 'corpus-forge\[kenlm\]'"):
        load_language_model(str(other), hashlib.sha256(content).hexdigest())
    with pytest.raises(InputError, match=r"published at https://dl\.fbaipublicfiles\.com/cc_net/lm/en\.arpa\.bin"):
        load_language_model(str(tmp_path / "en.arpa.bin"), "0" * 64)


def test_pieces_are_sentencepieces(tmp_path):
    sentencepiece = pytest.importorskip("sentencepiece")
    corpus = tmp_path / "c.txt"
    corpus.write_text("the cat sat on the mat\nthe dog sat\n" * 20)
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(tmp_path / "sp"), vocab_size=24, hard_vocab_limit=False, minloglevel=2
    )
    path = tmp_path / "sp.model"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    pieces = load_pieces(str(path), digest)("the cat")
    assert "".join(pieces) == "▁the▁cat"
    with pytest.raises(InputError, match="write tokenizer_sha256: "):
        load_pieces(str(path), None)
    corpus.write_bytes(b"no model")
    with pytest.raises(InputError, match="not a SentencePiece model"):
        load_pieces(str(corpus), hashlib.sha256(b"no model").hexdigest())


def test_kenlm_says_the_same(tmp_path):
    pytest.importorskip("kenlm")
    path = write_arpa(tmp_path / "m.arpa", {**MODEL, ("a", "a"): (-0.125, None)})
    sentences = ["a 0 b", "", "a a"]
    assert load_arpa(path).log10(sentences).tolist() == pytest.approx(KenlmModel(path).log10(sentences).tolist())

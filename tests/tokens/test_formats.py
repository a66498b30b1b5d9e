"""Files of other libraries: the ids are theirs, wherever they come from."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json

import numpy as np
import pytest

from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens.formats import SPM_FILE, read_tokenizer
from corpus_forge.tokens.from_tiktoken import PATTERNS, from_tiktoken, parse_ranks
from corpus_forge.tokens.probe import SENTENCES, probe_texts
from corpus_forge.tokens.reference import HARD_LIMIT, SentencePieceEncoder
from corpus_forge.tokens.spm_model import parse_spm
from corpus_forge.tokens.tokenizer import load_tokenizer
from corpus_forge.tokens.vocabulary import BYTE_ALPHABET

WORDS = "the quick brown fox jumps over the lazy dog; naïve façade 12 times.  And   then  it isn't there any more, is it?"
HOSTILE = ["</s> x <s>", "<unk>", "a<|endoftext|>b", "<|eos|>"]


@pytest.fixture(scope="module")
def ranks(trained) -> dict[bytes, int]:
    """The vocabulary of the small BPE in the order of its ids."""
    characters = {character: byte for byte, character in BYTE_ALPHABET.items()}
    vocab = {token: number for token, number in json.loads(trained)["model"]["vocab"].items() if not token.startswith("<|")}
    return {bytes(characters[c] for c in token): rank for rank, token in enumerate(sorted(vocab, key=vocab.get))}


@pytest.fixture(scope="module")
def rank_file(ranks) -> bytes:
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in ranks.items())


def spm(kind: str, **options) -> bytes:
    sentencepiece = pytest.importorskip("sentencepiece")
    model = io.BytesIO()
    lines = [WORDS, *(line for text in SENTENCES for line in text.split("\n") if line and "\0" not in line)] * 3
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, model_type=kind, vocab_size=760, minloglevel=2, num_threads=1,
        character_coverage=0.98, hard_vocab_limit=False, **options,
    )  # fmt: skip
    return model.getvalue()


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_ids_of_tiktoken_ranks_are_those_of_tiktoken(ranks, rank_file, pattern) -> None:
    tiktoken = pytest.importorskip("tiktoken")
    special = {"<|endoftext|>": len(ranks)}
    own = tiktoken.Encoding("own", pat_str=PATTERNS[pattern], mergeable_ranks=ranks, special_tokens=special)
    loaded = load_tokenizer(from_tiktoken(rank_file, pattern, special))
    texts = [*probe_texts(), *HOSTILE, WORDS * 30]
    encoded = loaded.encode(texts)
    assert [ids.tolist() for ids in np.split(encoded.ids, encoded.offsets[1:-1])] == [own.encode_ordinary(t) for t in texts]
    assert loaded.eos_id == len(ranks)
    assert loaded.token_bytes()[: len(ranks)].tolist() == [len(token) for token in ranks]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace(b"YQ==", b"Y?=="), r"line \d+ is not `base64 rank`"),
        (lambda text: b"\n".join(text.split(b"\n")[1:]), "1 of 256 bytes have no rank, the first is 0x"),
        (lambda text: text + b"YWFhYWFhYWFh 3\n", "two tokens have the same rank"),
    ],
)
def test_ranks_that_are_none_are_refused_by_line(rank_file, change, says) -> None:
    with pytest.raises(RequestError, match=says):
        parse_ranks(change(rank_file))


def test_ranks_need_a_pattern_and_special_tokens_of_their_own(rank_file, ranks, tmp_path) -> None:
    (tmp_path / "a.tiktoken").write_bytes(rank_file)
    with pytest.raises(InputError, match=r"a\.tiktoken: tiktoken ranks come without the pattern .* Say `pattern`"):
        read_tokenizer(tmp_path)
    with pytest.raises(RequestError, match=r"pattern: 'cl100' is no known encoding\. Did you mean 'cl100k'"):
        from_tiktoken(rank_file, "cl100", {"<|endoftext|>": len(ranks)})
    with pytest.raises(RequestError, match="special_tokens: 'x': 3 is the id of another token"):
        from_tiktoken(rank_file, "gpt2", {"x": 3})


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("unigram", {}),
        ("unigram", {"byte_fallback": True, "normalization_rule_name": "identity", "remove_extra_whitespaces": False}),
        ("bpe", {"byte_fallback": True, "normalization_rule_name": "identity", "remove_extra_whitespaces": False}),
        ("bpe", {"user_defined_symbols": ["<think>", "qq"]}),
    ],
)
def test_ids_of_a_sentencepiece_model_are_those_of_sentencepiece(kind, options, tmp_path) -> None:
    from sentencepiece import SentencePieceProcessor
    from tokenizers import Tokenizer

    content = spm(kind, **options)
    own = SentencePieceProcessor(model_proto=content)
    (tmp_path / "tokenizer.model").write_bytes(content)
    loaded = load_tokenizer(tmp_path)
    assert (loaded.engine, loaded.vocab_size, loaded.eos_id, loaded.bos_id) == ("sentencepiece", own.vocab_size(), 2, 1)
    texts = [*probe_texts(), *HOSTILE, WORDS * 30]
    encoded = loaded.encode(texts)
    assert [ids.tolist() for ids in np.split(encoded.ids, encoded.offsets[1:-1])] == [own.encode(text) for text in texts]
    assert loaded.decode(own.encode(WORDS)) == own.decode(own.encode(WORDS))
    converted = Tokenizer.from_buffer(loaded.content)
    converted.encode_special_tokens = True
    same = [converted.encode(text, add_special_tokens=False).ids == own.encode(text) for text in texts]
    assert np.mean(same) > (0.9 if options.get("normalization_rule_name") != "identity" else 0.995)


def test_the_model_beside_a_converted_tokenizer_goes_on_encoding(tmp_path) -> None:
    content = spm("unigram")
    (tmp_path / "some.model").write_bytes(content)
    files = read_tokenizer(tmp_path / "some.model")
    (tmp_path / "tokenizer.json").write_bytes(files.content)
    assert load_tokenizer(tmp_path).engine == "tokenizers"
    (tmp_path / SPM_FILE).write_bytes(content)
    assert load_tokenizer(tmp_path).engine == "sentencepiece"


def test_a_file_that_is_no_tokenizer_says_so(tmp_path, trained) -> None:
    for wrong in (b"", b"\xff\xfe", gzip.compress(trained), b"\x0a\x03abc", b"plain words\n"):
        (tmp_path / "x.model").write_bytes(wrong)
        with pytest.raises(
            InputError, match=r"x\.model: neither a tokenizer\.json nor tiktoken ranks, and not a SentencePiece"
        ):
            read_tokenizer(tmp_path / "x.model")


def test_a_cut_sentencepiece_model_never_gives_a_bare_error() -> None:
    content = spm("unigram")
    whole = len(parse_spm(content).pieces)
    for size in range(0, len(content), 211):
        with contextlib.suppress(RequestError):
            assert len(parse_spm(content[:size]).pieces) <= whole


def test_a_folder_names_its_special_tokens(trained, tmp_path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(trained)
    config = {"eos_token": {"content": "<|sentinel_7|>"}, "pad_token": "<|mask|>", "bos_token": None}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    assert load_tokenizer(tmp_path).packing_ids() == (10, 2)
    assert load_tokenizer(tmp_path, specials={"eos": "<|eos|>"}).packing_ids() == (0, 2)


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_a_long_document_is_encoded_in_parts_with_the_same_ids(kind, monkeypatch) -> None:
    from corpus_forge.tokens import reference

    own = SentencePieceEncoder(spm(kind), probe_texts())
    text = (WORDS + " ") * 60
    whole = own.encode_one(text).tolist()
    monkeypatch.setattr(reference, "LONG_TEXT", 500)
    assert own.encode_one(text).tolist() == whole
    assert own.forced_cuts == 0
    assert len(list(own._pieces(text, 500, own.cut))) > 10


def test_a_text_without_a_place_to_cut_is_cut_all_the_same_and_counted(trained, monkeypatch) -> None:
    from corpus_forge.tokens import reference

    assert HARD_LIMIT >= 1 << 20
    own = load_tokenizer(trained)._reference
    monkeypatch.setattr(reference, "LONG_TEXT", 100)
    monkeypatch.setattr(reference, "HARD_LIMIT", 400)
    pieces = list(own._pieces("x" * 1700, 100, own.cut))
    assert ("".join(pieces), max(map(len, pieces)), own.forced_cuts) == ("x" * 1700, 400, 4)

"""Any tokenizer.json: the same ids as `tokenizers`, lossless for byte-level BPE, and no page can plant a special token."""

from __future__ import annotations

import gzip
import json
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from corpus_forge.errors import InputError, RequestError
from corpus_forge.tokens import encoders
from corpus_forge.tokens import reference as reference_module
from corpus_forge.tokens import tokenizer as module
from corpus_forge.tokens.encoders import Encoded, GigatokenEncoder
from corpus_forge.tokens.probe import SENTENCES, probe_texts
from corpus_forge.tokens.tokenizer import load_tokenizer

HOSTILE = ["<|eos|>", "a<|eos|>b", " <|pad|><|mask|>\n<|sentinel_42|>", "</s> x </s>", "[SEP] [PAD]", "<|eos|" + ">" * 3]


def reference(content: bytes, text: str) -> list[int]:
    """Ids by `tokenizers` itself, special tokens taken for text."""
    own = Tokenizer.from_buffer(content)
    own.encode_special_tokens = True
    return own.encode(text, add_special_tokens=False).ids


def split(encoded: Encoded) -> list[list[int]]:
    return [ids.tolist() for ids in np.split(encoded.ids, encoded.offsets[1:-1])]


def as_bytes(own: Tokenizer, **changes: object) -> bytes:
    return json.dumps({**json.loads(own.to_str()), **changes}).encode()


def word_level(words: list[str], specials: list[str], **unknown: str) -> bytes:
    own = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, **unknown))
    own.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    own.add_special_tokens([AddedToken(name, special=True) for name in specials])
    return as_bytes(own)


def word_piece() -> bytes:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##able", "##s", "the", ".", "[", "]", "sep"]
    own = Tokenizer(models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    own.normalizer, own.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    own.decoder = decoders.WordPiece()
    own.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return as_bytes(own)


def unigram() -> bytes:
    pieces = [
        ("<unk>", 0.0),
        ("</s>", 0.0),
        ("<pad>", 0.0),
        ("▁", -2.0),
        ("▁the", -3.0),
        ("▁dog", -3.5),
        ("s", -4.0),
        ("<", -6.0),
    ]
    pieces += [(letter, -8.0) for letter in "abcdefghijklmnopqrtuvwxyz/>."]
    own = Tokenizer(models.Unigram(pieces, unk_id=0))
    own.pre_tokenizer, own.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    own.add_special_tokens(["</s>", "<pad>", "<unk>"])
    return as_bytes(own)


def prepending() -> bytes:
    """As Llama 2: no pre-tokenizer, and a normalizer that puts a space before every text."""
    merges = [("▁", "t"), ("▁t", "h"), ("▁th", "e"), ("o", "g")]
    pieces = ["<unk>", "</s>", "▁", *"abcdefghijklmnopqrstuvwxyz.9\nżółABC", *("".join(pair) for pair in merges)]
    own = Tokenizer(models.BPE({piece: number for number, piece in enumerate(pieces)}, merges, unk_token="<unk>"))
    own.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    own.decoder = decoders.Metaspace()
    own.add_special_tokens(["<unk>", "</s>"])
    return as_bytes(own)


def test_gigatoken_encodes_a_trained_tokenizer_with_the_ids_of_tokenizers(trained, tokenizer) -> None:
    assert (tokenizer.engine, tokenizer.reason) == ("gigatoken", "")
    texts = [*SENTENCES, *HOSTILE, *probe_texts(mixtures=50)]
    assert split(tokenizer.encode(texts)) == [reference(trained, text) for text in texts]
    assert tokenizer.first_difference(texts) is None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=6))
def test_any_text_survives_encoding_and_decoding_unchanged(tokenizer, texts) -> None:
    encoded = tokenizer.encode(texts)
    assert [tokenizer.decode(ids) for ids in split(encoded)][: len(texts)] == texts[: len(split(encoded))]
    assert len(encoded.offsets) == len(texts) + 1
    assert not set(encoded.ids.tolist()) & set(range(103))
    sums = np.concatenate([[0], np.cumsum(tokenizer.token_bytes()[encoded.ids], dtype=np.int64)])[encoded.offsets]
    assert np.diff(sums).tolist() == [len(text.encode()) for text in texts]


def test_arrow_arrays_of_every_kind_are_the_same_texts(tokenizer) -> None:
    texts = ["the dog", "", None, "żółw 😀", "\ud7ff"]
    expected = split(tokenizer.encode([text or "" for text in texts]))
    large = pa.array(["cut off", *texts, "cut off"], pa.large_string()).slice(1, 5)
    chunked = pa.chunked_array([pa.array(texts[:2]), pa.array([], pa.string()), pa.array(texts[2:], pa.string())])
    for given_ in (texts, pa.array(texts, pa.string()), large, chunked):
        encoded = tokenizer.encode(given_)
        assert split(encoded) == expected
        assert (encoded.ids.dtype, encoded.offsets.dtype, int(encoded.offsets[0])) == (np.uint32, np.int64, 0)
    for none in ([], pa.array([], pa.large_string()), pa.chunked_array([], pa.string())):
        assert (len(tokenizer.encode(none).ids), tokenizer.encode(none).offsets.tolist()) == (0, [0])
    assert tokenizer.encode(["", ""]).offsets.tolist() == [0, 0, 0]


@pytest.mark.parametrize("engine", ["gigatoken", "tokenizers"])
def test_names_of_special_tokens_in_a_page_stay_text(trained, monkeypatch, engine) -> None:
    if engine == "tokenizers":
        monkeypatch.setattr(module, "GigatokenEncoder", Refusing)
    loaded = load_tokenizer(trained)
    assert loaded.engine == engine
    encoded = loaded.encode(HOSTILE)
    assert min(encoded.ids.tolist()) >= 103
    assert [loaded.decode(ids) for ids in split(encoded)] == HOSTILE


class Refusing:
    def __init__(self, definition, reserved) -> None:
        raise NotImplementedError("no such model")


class Wrong(GigatokenEncoder):
    def encode(self, texts) -> Encoded:
        encoded = super().encode(texts)
        return encoded._replace(ids=np.where(encoded.ids == 200, 201, encoded.ids).astype(np.uint32))


def test_tokenizers_takes_over_when_gigatoken_cannot_and_says_why(trained, tokenizer, monkeypatch) -> None:
    monkeypatch.setattr(module, "GigatokenEncoder", Refusing)
    loaded = load_tokenizer(trained)
    assert (loaded.engine, loaded.reason) == (
        "tokenizers",
        "gigatoken cannot load or run it: NotImplementedError: no such model",
    )
    assert split(loaded.encode(SENTENCES)) == split(tokenizer.encode(SENTENCES))


def test_tokenizers_takes_over_when_gigatoken_differs_on_the_probe_or_the_sample(trained, tokenizer, monkeypatch) -> None:
    monkeypatch.setattr(module, "GigatokenEncoder", Wrong)
    assert 200 in tokenizer.encode(SENTENCES).ids
    loaded = load_tokenizer(trained)
    assert loaded.engine == "tokenizers"
    assert loaded.reason.startswith("gigatoken gives other ids for '")
    monkeypatch.setattr(module, "probe_texts", lambda names: ["the dog"])
    assert load_tokenizer(trained).engine == "gigatoken"
    assert load_tokenizer(trained, sample=SENTENCES).engine == "tokenizers"


def test_a_special_word_among_ordinary_words_is_not_planted_either() -> None:
    loaded = load_tokenizer(word_level(["<unk>", "</s>", "the", "dog", "<", "/s>"], ["</s>", "<unk>"], unk_token="<unk>"))
    assert (loaded.engine, loaded.eos_id, loaded.pad_id, loaded.vocab_size) == ("tokenizers", 1, None, 6)
    assert split(loaded.encode(["the dog", "the </s> dog", "</s>", "cat <unk>"])) == [[2, 3], [2, 4, 5, 3], [4, 5], [0, 0]]


def test_a_special_name_of_one_character_leaves_nothing_behind() -> None:
    loaded = load_tokenizer(word_level(["$", "a"], ["$"], unk_token="a"), specials={"eos": "$"})
    assert split(loaded.encode(["a $ a"])) == [[1, 1]]


def test_unigram_pieces_cannot_be_planted() -> None:
    loaded = load_tokenizer(unigram())
    assert (loaded.engine, loaded.eos_id, loaded.pad_id) == ("tokenizers", 1, 2)
    first, second = split(loaded.encode(["the dog", "the</s>dogs <pad>"]))
    assert [loaded.decode([token]) for token in first] == ["the", "dog"]
    assert not {1, 2} & set(second)


def test_ignore_merges_cannot_plant_a_token_either(trained) -> None:
    definition = json.loads(trained)
    definition["model"]["ignore_merges"] = True
    definition["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    loaded = load_tokenizer(json.dumps(definition).encode())
    for text in HOSTILE:
        ids = loaded.encode([text]).ids.tolist()
        assert not set(ids) & set(range(103))
        assert loaded.decode(ids) == text


def test_an_eos_that_is_not_flagged_special_is_protected_and_other_added_tokens_work(trained) -> None:
    definition = json.loads(trained)
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    definition["added_tokens"][0]["special"] = False
    definition["added_tokens"].append({"id": 900, "content": "<think>", **plain})
    loaded = load_tokenizer(json.dumps(definition).encode())
    (ids,) = split(loaded.encode(["a<|eos|><think>"]))
    assert loaded.engine == "gigatoken" or loaded.reason
    assert ids[-1] == loaded.vocabulary._ids["<think>"]
    assert 0 not in ids


def test_dropout_truncation_and_padding_of_the_definition_do_not_apply(trained, tokenizer) -> None:
    definition = json.loads(trained)
    definition["model"]["dropout"] = 0.5
    definition["truncation"] = {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0}
    definition["padding"] = {
        "strategy": {"Fixed": 64},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 1,
        "pad_type_id": 0,
        "pad_token": "<|pad|>",
    }
    loaded = load_tokenizer(json.dumps(definition).encode())
    assert split(loaded.encode(SENTENCES)) == split(tokenizer.encode(SENTENCES))
    assert split(loaded._reference.encode(pa.array(SENTENCES, pa.large_string()))) == split(tokenizer.encode(SENTENCES))


def test_a_vocabulary_above_65536_has_uint32_ids() -> None:
    loaded = load_tokenizer(word_level([f"w{number}" for number in range(70_000)] + ["</s>"], ["</s>"], unk_token="w0"))
    assert (loaded.vocab_size, loaded.dtype, loaded.eos_id) == (70_001, np.uint32, 70_000)
    assert split(loaded.encode(["w69999 w1"])) == [[69_999, 1]]


def test_word_pieces_are_encoded_and_named() -> None:
    loaded = load_tokenizer(word_piece())
    assert (loaded.eos_id, loaded.pad_id, loaded.mask_id, loaded.bos_id, loaded.sentinel0_id) == (3, 0, 4, 2, None)
    assert split(loaded.encode(["Unables the. [SEP]"])) == [[5, 6, 7, 8, 9, 10, 12, 11]]
    assert loaded.decode([5, 6, 7, 8]) == "unables the"


@pytest.mark.parametrize("kind", ["trained", "word_piece", "unigram", "prepending"])
def test_a_long_text_gives_the_same_ids_in_pieces(kind, trained, monkeypatch) -> None:
    content = {"trained": trained, "word_piece": word_piece(), "unigram": unigram(), "prepending": prepending()}[kind]
    own = load_tokenizer(content)._reference
    assert own.cut == ("drop" if kind == "prepending" else "keep")
    words = random.Random(4).choices(["the", "dogs", "unable", ".", "\n", "", "żółw", "9", "the the"], k=4000)
    text = " ".join(words)
    whole = own.encode_one(text).tolist()
    monkeypatch.setattr(reference_module, "LONG_TEXT", 100)
    assert own.encode_one(text).tolist() == whole
    assert len(list(own._pieces(text, 100, own.cut))) > 20


def test_words_that_gigatoken_remembers_are_dropped_now_and_then(trained, tokenizer, monkeypatch) -> None:
    monkeypatch.setattr(encoders, "CACHE_BYTES", 1000)
    loaded = load_tokenizer(trained)
    first = loaded._chosen.encoder._tokenizer
    assert split(loaded.encode(["the dog " * 200])) == split(tokenizer.encode(["the dog " * 200]))
    assert loaded._chosen.encoder._tokenizer is not first
    assert split(loaded.encode(["the dog"])) == split(tokenizer.encode(["the dog"]))


def test_a_tokenizer_is_found_by_file_or_folder_and_known_by_its_digest(trained, tokenizer, tmp_path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(trained)
    for source in (tmp_path, tmp_path / "tokenizer.json", str(tmp_path)):
        assert load_tokenizer(source).sha256 == tokenizer.sha256
    assert tokenizer.packing_ids() == (0, 1)
    assert (tokenizer.mask_id, tokenizer.sentinel0_id, tokenizer.bos_id) == (2, 3, None)


def test_what_cannot_be_a_tokenizer_is_refused_by_name(tmp_path, trained) -> None:
    with pytest.raises(InputError, match=r"none\.json: No such file.*Give a tokenizer\.json or the folder"):
        load_tokenizer(tmp_path / "none.json")
    with pytest.raises(InputError, match="No such file"):
        load_tokenizer(tmp_path)
    for wrong in (
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        gzip.compress(trained),
        trained[:-30],
        b'{"model": {"vocab": {}}}',
        b'{"model": 3}',
    ):
        (tmp_path / "tokenizer.json").write_bytes(wrong)
        with pytest.raises(InputError, match=r"tokenizer\.json: not a tokenizer\.json that `tokenizers` can load"):
            load_tokenizer(tmp_path)
    with pytest.raises(InputError, match=r"no token '<\|eso\|>' \(wanted as eos\). Did you mean '<\|eos\|>'"):
        load_tokenizer(trained, specials={"eos": "<|eso|>"})


def test_packing_needs_an_end_of_document_and_pads_with_it_when_it_must() -> None:
    with pytest.raises(RequestError, match=r"the tokenizer has no token that ends a document\. Name it"):
        load_tokenizer(word_level(["a"], [], unk_token="a")).packing_ids()
    assert load_tokenizer(word_level(["a", "</s>"], ["</s>"], unk_token="a")).packing_ids() == (1, 1)


@pytest.mark.data
def test_real_pages_in_many_scripts_survive_and_match(test_data, trained) -> None:
    path = test_data / "sources/c4/c4-train.00000-of-01024.json.gz"
    with gzip.open(path) as lines:
        texts = [json.loads(line)["text"] for line in lines]
    loaded = load_tokenizer(trained)
    encoded = loaded.encode(texts)
    assert [loaded.decode(ids) for ids in split(encoded)] == texts
    assert loaded.first_difference(texts[:40]) is None

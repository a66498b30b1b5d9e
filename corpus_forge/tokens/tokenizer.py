"""Any tokenizer as one object: text in, ids out, and what the ids mean.

gigatoken encodes where it gives the ids that `tokenizers` gives, which is tried on fixed probe texts when a tokenizer is
loaded; else `tokenizers` does, and `reason` says why. The choice depends on the tokenizer alone: every worker makes the same.
`encode_checked` tries documents of the shard at hand too. A SentencePiece model is encoded by `sentencepiece`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from corpus_forge.errors import InputError, RequestError
from corpus_forge.text.columns import Texts, large_text_array
from corpus_forge.tokens.encoders import Encoded, Encoder, GigatokenEncoder, join_ids
from corpus_forge.tokens.formats import TokenizerFiles, read_tokenizer
from corpus_forge.tokens.probe import probe_texts
from corpus_forge.tokens.reference import ReferenceEncoder, SentencePieceEncoder
from corpus_forge.tokens.schema import ShardMetadata, token_dtype
from corpus_forge.tokens.vocabulary import Vocabulary


def load_tokenizer(
    source: str | Path | bytes | TokenizerFiles, *, specials: Mapping[str, str] | None = None, sample: Sequence[str] = ()
) -> TextTokenizer:
    """A tokenizer from a file or folder of any kind that `formats` knows, or from the bytes of a tokenizer.json.

    `specials` names tokens by role (`eos`, `pad`, `mask`, `bos`, `sentinel0`) where neither folder nor usual names tell.
    `sample` are further texts on which gigatoken must agree with `tokenizers`; give the same ones everywhere. InputError when
    it cannot be read.
    """
    files = TokenizerFiles(source) if isinstance(source, bytes) else source
    files = files if isinstance(files, TokenizerFiles) else read_tokenizer(files)
    try:
        return TextTokenizer(files, specials, sample)
    except RequestError as error:
        raise InputError(f"{files.name}: {error}") from error
    except Exception as error:  # tokenizers raises bare Exception for every mistake in a definition
        raise InputError(
            f"{files.name}: not a tokenizer.json that `tokenizers` can load: {type(error).__name__}: {error}"
        ) from error


class Checked(NamedTuple):
    """Who encodes a shard: the encoder, and why it is not the fast one (empty when it is, or there is none)."""

    encoder: Encoder
    reason: str


class TextTokenizer:
    """Use `load_tokenizer`.

    `vocab_size` is one more than the largest id; `sha256` that of the file; `dtype` uint16 or uint32. `eos_id`, `pad_id`,
    `mask_id`, `bos_id`, `sentinel0_id` are None where the tokenizer has none. `engine` is `gigatoken`, `tokenizers`
    or `sentencepiece`, and `reason` says why not the first.
    """

    def __init__(self, files: TokenizerFiles, specials: Mapping[str, str] | None, sample: Sequence[str]) -> None:
        definition = files.definition()
        vocabulary = Vocabulary(definition, {**files.specials, **(specials or {})})
        self.content, self.vocabulary = files.content, vocabulary
        self.sha256 = hashlib.sha256(files.content).hexdigest()
        self.vocab_size, self.dtype = vocabulary.size, token_dtype(vocabulary.size)
        self.eos_id, self.pad_id, self.mask_id, self.bos_id, self.sentinel0_id = vocabulary.special_ids.values()
        self._reserved = np.zeros(self.vocab_size, bool)
        self._reserved[list(vocabulary.reserved)] = True
        names = [vocabulary.tokens[number] for number in sorted(vocabulary.reserved)]
        self._names = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or "(?!)")
        self._decoder: Any = None
        probe = [*probe_texts(names[:8]), *sample]
        definition = _as_encoded(definition)
        self._reference: ReferenceEncoder
        if files.sentencepiece is not None:
            self._reference = SentencePieceEncoder(files.sentencepiece, probe)
            self._chosen = Checked(self._reference, "a SentencePiece model is encoded by sentencepiece")
        else:
            self._reference = ReferenceEncoder(definition, vocabulary.reserved, probe)
            self._chosen = self._choose(definition, pa.array(probe, pa.large_string()))
        self.engine, self.reason = self._chosen.encoder.name, self._chosen.reason

    def encode(self, texts: Texts, by: Checked | None = None) -> Encoded:
        """Ids of each text, no special tokens added; null counts as empty. Names of special tokens in a text stay text.

        `by` is an answer of `checked`; the default is what was found good when the tokenizer was loaded.
        """
        array = large_text_array(texts)
        if not len(array):
            return join_ids([])
        encoded = (by or self._chosen).encoder.encode(array)
        planted = self._reserved[encoded.ids]
        return self._without_planted(array, encoded, planted) if planted.any() else encoded

    def decode(self, ids: np.ndarray | Sequence[int], skip_special: bool = False) -> str:
        """Text of the ids; bytes that are no UTF-8 become U+FFFD. Special tokens are shown by name, or left out."""
        if self._decoder is None:
            from tokenizers import Tokenizer

            self._decoder = Tokenizer.from_buffer(self.content)
        return self._decoder.decode(np.asarray(ids).tolist(), skip_special_tokens=skip_special)

    def token_bytes(self) -> np.ndarray:
        """uint16|uint32[vocab_size]: UTF-8 bytes of text that each id stands for; exact for byte-level BPE."""
        return self.vocabulary.token_bytes()

    def word_start(self) -> np.ndarray:
        """bool[vocab_size]: the id begins a word; special tokens count as words."""
        return self.vocabulary.word_start()

    def packing_ids(self) -> tuple[int, int]:
        """Ids of EOS and of padding, which is EOS where there is no pad token: it is never scored. RequestError without EOS."""
        if self.eos_id is None:
            fix = "Name it (eos), or use a tokenizer that has one of `<|eos|>`, `<|endoftext|>`, `</s>`, `[SEP]`."
            raise RequestError(f"the tokenizer has no token that ends a document. {fix}")
        return self.eos_id, self.eos_id if self.pad_id is None else self.pad_id

    def shard_metadata(self, name: str, seq_len: int, packing: str, source: str, split: str, run: str = "") -> ShardMetadata:
        """What a shard of its tokens says of itself; `name` is what people call the tokenizer. RequestError without EOS."""
        eos, pad = self.packing_ids()
        return ShardMetadata(
            seq_len=seq_len,
            vocab_size=self.vocab_size,
            source=source,
            tokenizer_sha256=self.sha256,
            tokenizer_name=name,
            split=split,
            packing=packing,
            run=run,
            writer="corpus-forge",
            bos_id=self.bos_id,
            eos_id=eos,
            pad_id=pad,
            mask_id=self.mask_id,
            sentinel0_id=self.sentinel0_id,
        )

    def checked(self, sample: Texts) -> Checked:
        """Who shall encode the documents that `sample` is from: the fast encoder, unless it errs on one of the texts."""
        different = None if self._chosen.encoder is self._reference else self.first_difference(sample)
        if different is None:
            return self._chosen
        text = large_text_array(sample)[different].as_py() or ""
        return Checked(self._reference, f"{self.engine} gives other ids for {text[:60]!r}")

    @property
    def forced_cuts(self) -> int:
        """How often a text was cut where that may have changed ids: those that are longer than the encoder can hold."""
        return self._reference.forced_cuts

    def first_difference(self, texts: Texts) -> int | None:
        """Index of the first text to which `tokenizers` gives other ids than `encode`; None when all agree."""
        array = large_text_array(texts)
        mine, right = self.encode(array), self._reference.encode(array)
        return _first_difference(mine, right)

    def _choose(self, definition: dict[str, Any], probe: pa.Array) -> Checked:
        try:
            fast = GigatokenEncoder(definition, self.vocabulary.reserved)
            differs = _first_difference(fast.encode(probe), self._reference.encode(probe))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a Rust panic is a BaseException; whatever happens, the reference is there
            said = str(error).partition("\n")[0]
            return Checked(self._reference, f"gigatoken cannot load or run it: {type(error).__name__}: {said}")
        if differs is not None:
            return Checked(self._reference, f"gigatoken gives other ids for {probe[differs].as_py()[:60]!r}")
        return Checked(fast, "")

    def _without_planted(self, texts: pa.Array, encoded: Encoded, planted: np.ndarray) -> Encoded:
        """Some models have special tokens among their ordinary words: such documents are encoded again, the names broken up."""
        documents = np.split(encoded.ids, encoded.offsets[1:-1])
        hit = np.unique(np.searchsorted(encoded.offsets, np.flatnonzero(planted), "right") - 1)
        for index in hit:
            documents[index] = self._broken_up(texts[int(index)].as_py())
        return join_ids(documents)

    def _broken_up(self, text: str) -> np.ndarray:
        """Ids of the parts of a text cut after the first character of every special name; what is left of them is dropped."""
        cuts = [0, *(match.start() + 1 for match in self._names.finditer(text)), len(text)]
        parts = [self._reference.encode_one(text[a:b]) for a, b in pairwise(cuts)]
        ids = np.concatenate(parts)
        return ids[~self._reserved[ids]]


def _as_encoded(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition without what makes encoding random (BPE dropout) or lossy (truncation) or longer (padding)."""
    model = {**definition["model"]}
    if model.get("dropout"):
        model["dropout"] = None
    return {**definition, "model": model, "truncation": None, "padding": None}


def _first_difference(left: Encoded, right: Encoded) -> int | None:
    if np.array_equal(left.offsets, right.offsets) and np.array_equal(left.ids, right.ids):
        return None
    pairs = zip(np.split(left.ids, left.offsets[1:-1]), np.split(right.ids, right.offsets[1:-1]), strict=True)
    return next((index for index, (a, b) in enumerate(pairs) if not np.array_equal(a, b)), None)

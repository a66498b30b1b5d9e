"""Train a tokenizer of any kind on a corpus; train.py has byte-level BPE, the default, here are Unigram and WordPiece.

| kind | trained by | texts survive |
|---|---|---|
| `bpe` | `tokenizers` | all |
| `unigram` | `sentencepiece`, no normalisation, byte fallback | all |
| `wordpiece` | `tokenizers`, lower case without accents, as BERT | no |

All have the special tokens of train.RESERVED as their first ids (Unigram's `<unk>` and WordPiece's `[UNK]` come next), and give
the same bytes for the same texts. `tokenizers` has a Unigram trainer too, but its sums depend on the order of a hash table; and
its WordPiece numbers continuing letters in such an order, so that they are numbered here before it begins.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from corpus_forge.errors import RequestError, nearest
from corpus_forge.tokens.formats import TokenizerFiles
from corpus_forge.tokens.train import RESERVED, SMALLEST_VOCAB, all_pieces, check_vocab_size, train_bpe

Texts = Iterable[str | pa.Array | pa.ChunkedArray]
ALPHABET = 1000
"""Different letters that WordPiece knows, the most frequent; as in BERT's own vocabulary."""
LONGEST_LINE = 4000
"""Characters of a sentence to sentencepiece, which leaves out longer ones than it is told to expect."""


def train_tokenizer(texts: Texts, vocab_size: int, kind: str = "bpe") -> TokenizerFiles:
    """A tokenizer with at most `vocab_size` ids, special tokens included. RequestError when that is too few for its kind.

    Memory is that of the texts: Unigram needs some ten times as much, so that 256 MB of sample want 3 GB.
    """
    if kind not in KINDS:
        raise RequestError(f"kind: '{kind}' is no kind of tokenizer. {nearest(kind, KINDS)}")
    return KINDS[kind](texts, vocab_size)


def _bpe(texts: Texts, vocab_size: int) -> TokenizerFiles:
    return TokenizerFiles(train_bpe(texts, vocab_size))


def _unigram(texts: Texts, vocab_size: int) -> TokenizerFiles:
    check_vocab_size(vocab_size, SMALLEST_VOCAB + 1)
    try:
        from sentencepiece import SentencePieceTrainer
    except ImportError as error:
        raise RequestError("kind: unigram is trained by sentencepiece: pip install 'corpus-forge[sentencepiece]'.") from error
    from corpus_forge.tokens.from_sentencepiece import from_sentencepiece

    model = io.BytesIO()
    try:
        SentencePieceTrainer.train(
            sentence_iterator=_lines(texts),
            model_writer=model,
            model_type="unigram",
            vocab_size=vocab_size,
            hard_vocab_limit=False,
            control_symbols=list(RESERVED[2:]),
            eos_id=0,
            eos_piece=RESERVED[0],
            pad_id=1,
            pad_piece=RESERVED[1],
            unk_id=len(RESERVED),
            bos_id=-1,
            byte_fallback=True,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            max_sentence_length=4 * LONGEST_LINE,
            num_threads=1,
            minloglevel=2,
        )
    except (RuntimeError, ValueError) as error:
        raise RequestError(f"sentencepiece cannot train {vocab_size} ids on these texts: {error}") from error
    return TokenizerFiles(from_sentencepiece(model.getvalue()), model.getvalue())


def _lines(texts: Texts) -> Iterator[str]:
    """Lines of the texts in parts; NUL, which sentencepiece ends a sentence at, left out."""
    for piece in all_pieces(texts):
        for line in piece.replace("\0", "").split("\n"):
            for at in range(0, len(line), LONGEST_LINE):
                yield line[at : at + LONGEST_LINE]


def _wordpiece(texts: Texts, vocab_size: int) -> TokenizerFiles:
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece({}, unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    known = [tokenizer.normalizer.normalize_str(piece) for piece in all_pieces(texts)]
    alphabet = _alphabet(known)
    check_vocab_size(vocab_size, len(RESERVED) + 2 + 2 * len(alphabet))
    first = [*RESERVED, "[UNK]"]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size,
        special_tokens=[AddedToken(name, special=True) for name in [*first, *(f"##{letter}" for letter in alphabet)]],
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(known, trainer)
    definition = json.loads(tokenizer.to_str())
    definition["added_tokens"] = [item for item in definition["added_tokens"] if item["content"] in first]
    return TokenizerFiles((json.dumps(definition, ensure_ascii=False, indent=2) + "\n").encode())


def _alphabet(texts: list[str]) -> list[str]:
    """The most frequent letters of normalised texts, in the order of their code points."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    ranked = sorted((letter for letter in counts if not letter.isspace()), key=lambda letter: (-counts[letter], letter))
    return sorted(ranked[:ALPHABET])


KINDS: dict[str, Callable[[Texts, int], TokenizerFiles]] = {"bpe": _bpe, "unigram": _unigram, "wordpiece": _wordpiece}

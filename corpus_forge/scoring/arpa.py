"""n-gram language models in the ARPA format, and what they say of sentences: log10 probabilities with exact back-off.

The reader is for models of some million n-grams: it reads 0.5 million lines a second, and holds 32 to 64 bytes for each. Larger
ones are KenLM's binaries (language_model.py). Unknown words are `<unk>`; where a model has none, they have KenLM's -100.
Format: https://www.speech.sri.com/projects/srilm/manpages/ngram-format.5.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from corpus_forge.errors import InputError

BEGIN, END, UNKNOWN = b"<s>", b"</s>", b"<unk>"
MISSING_UNKNOWN = -100.0
"""KenLM's `unknown_missing_logprob`."""
LONGEST, LEAST_LINE = 12, 4
HEAD = b"\\data\\"


class ArpaModel:
    """An n-gram model in memory."""

    def __init__(self, order: int, numbers: dict[bytes, int], table: tuple[np.ndarray, np.ndarray]) -> None:
        self.order, self._numbers, self._table = order, numbers, table

    def log10(self, sentences: Sequence[str]) -> np.ndarray:
        """float64[n]: log10 of the probability of each sentence, words between white space, and of its end."""
        from corpus_forge.scoring.ngram_kernel import score_sentences

        unknown = self._numbers[UNKNOWN]
        words = [sentence.encode().split() for sentence in sentences]
        ids = np.array([self._numbers.get(word, unknown) for each in words for word in each], np.int32)
        ends = np.concatenate([[0], np.cumsum([len(each) for each in words], dtype=np.int64)]).astype(np.int64)
        how = (self.order, self._numbers[BEGIN], self._numbers.get(END, unknown))
        out = np.empty(len(words), np.float64)
        score_sentences(ids, ends, self._table, how, out)
        return out


def is_arpa(path: Path) -> bool:
    """Whether the file begins as ARPA does. InputError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(4096).lstrip().startswith(HEAD)
    except OSError as error:
        raise InputError(f"model {path}: cannot be read: {error.strerror}. Give the path of a language model.") from None


def load_arpa(path: Path) -> ArpaModel:
    """The model. InputError, with the line, for what is no ARPA file, breaks off or says numbers that cannot be."""
    from corpus_forge.scoring.ngram_kernel import put_ngrams

    with path.open("rb") as file:
        lines = _Lines(path, file)
        counts = lines.counts()
        slots = 1 << max(4, (2 * sum(counts) + 2).bit_length())
        table = np.zeros(slots, np.uint64), np.zeros((slots, 2), np.float32)
        numbers: dict[bytes, int] = {}
        for length, count in enumerate(counts, 1):
            grams, values = lines.section(length, count, numbers)
            if put_ngrams(grams, values, table):
                raise lines.wrong(f"an n-gram of {length} words comes twice")
        lines.end()
    if BEGIN not in numbers:
        raise InputError(f"model {path}: it has no {BEGIN.decode()}, with which sentences begin.")
    if UNKNOWN not in numbers:
        numbers[UNKNOWN] = len(numbers)
        put_ngrams(np.array([[numbers[UNKNOWN]]], np.int32), np.array([[MISSING_UNKNOWN, 0]], np.float32), table)
    return ArpaModel(len(counts), numbers, table)


class _Lines:
    """The lines of an ARPA file that hold something, and what is wrong with them."""

    def __init__(self, path: Path, file: Iterator[bytes]) -> None:
        self._path, self._file, self._number = path, file, 0

    def wrong(self, what: str) -> InputError:
        return InputError(f"model {self._path}, line {self._number}: {what}. Is it an ARPA file, and whole?")

    def next(self) -> bytes:
        for line in self._file:
            self._number += 1
            if line.strip():
                return line.strip(b" \t\r\n")
        raise self.wrong("the file ends here")

    def counts(self) -> list[int]:
        """How many n-grams of each length there are to be."""
        while self.next() != HEAD:
            pass
        counts: list[int] = []
        while not (line := self.next()).endswith(b"-grams:"):
            length, _, count = line.removeprefix(b"ngram").partition(b"=")
            if not count.strip().isdigit() or length.strip() != b"%d" % (len(counts) + 1) or len(counts) == LONGEST:
                raise self.wrong(f"`ngram {len(counts) + 1}=COUNT` or `\\1-grams:` was expected")
            counts.append(int(count))
        # What is announced is room that is asked for: a small file cannot ask for much.
        if line != b"\\1-grams:" or not counts or sum(counts) * LEAST_LINE > self._path.stat().st_size:
            raise self.wrong(f"{sum(counts):,} n-grams announced, or no section \\1-grams:")
        return counts

    def section(self, length: int, count: int, numbers: dict[bytes, int]) -> tuple[np.ndarray, np.ndarray]:
        """int32[count, length] and float32[count, 2]; unigrams get their numbers."""
        if length > 1 and self.next() != b"\\%d-grams:" % length:
            raise self.wrong(f"the section \\{length}-grams: was expected")
        grams, values = np.empty((count, length), np.int32), np.zeros((count, 2), np.float32)
        for row in range(count):
            fields = self.next().split()
            if not length + 1 <= len(fields) <= length + 2:
                raise self.wrong(f"a probability, {length} words and perhaps a back-off were expected")
            if length == 1:
                numbers.setdefault(fields[1], len(numbers))
            try:
                values[row, : len(fields) - length] = float(fields[0]), *map(float, fields[length + 1 :])
                grams[row] = [numbers[word] for word in fields[1 : length + 1]]
            except (ValueError, KeyError) as error:
                raise self.wrong(f"{error} is no number, or no word of the section \\1-grams:") from None
        if not np.isfinite(values).all() or (values[:, 0] > 0).any():
            raise self.wrong(f"a probability of the section \\{length}-grams: is no logarithm of one")
        return grams, values

    def end(self) -> None:
        """The last line."""
        if self.next() != b"\\end\\":
            raise self.wrong("more n-grams than were announced; `\\end\\` was expected")

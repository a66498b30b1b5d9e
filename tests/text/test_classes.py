"""The tables say of each character what their sources say."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest

from corpus_forge.text import classes
from corpus_forge.text.classes import character_classes
from corpus_forge.text.english import special_words, units
from corpus_forge.text.tables import MAX_SPECIAL, PACKED_LENGTH, SLOTS, english_tables, packed, slot_of


def members(flag: int) -> set[str]:
    return {chr(point) for point in np.flatnonzero(character_classes() & flag).tolist()}


def every(test) -> set[str]:
    return {c for c in map(chr, range(classes.CODE_POINTS)) if test(c)}


def test_spaces_and_breaks_are_those_of_python():
    assert members(classes.SPACE) == every(str.isspace)
    assert members(classes.BREAK) == {c for c in members(classes.SPACE) if len(f"a{c}b".splitlines()) == 2}


def test_letters_are_those_of_unicode_14():
    known, here = members(classes.LETTER), every(str.isalpha)
    assert known == here if unicodedata.unidata_version == "14.0.0" else known <= here


def test_ranges_read_as_written():
    assert classes.code_points("41 43-45 50-54:2").tolist() == [0x41, 0x43, 0x44, 0x45, 0x50, 0x52, 0x54]


def test_the_tables_are_read_only():
    assert not any(array.flags.writeable for array in english_tables()[:-1])


def test_every_special_word_and_unit_can_be_found():
    tables = english_tables()
    entries = {}
    for entry, (first, last) in enumerate(zip(tables.starts[:-1], tables.starts[1:], strict=True)):
        entries[bytes(tables.blob[first:last]).decode()] = entry
    assert set(entries) == set(special_words()) | set(units())
    for word, entry in entries.items():
        slot = slot_of(word.encode())
        while tables.slots[slot] != entry:
            assert tables.slots[slot] >= 0
            slot = (slot + 1) % SLOTS
    assert max(len(word.encode()) for word in entries) <= MAX_SPECIAL


def test_pieces_of_special_words_spell_them():
    assert all("".join(pieces) == word and len(pieces) <= 3 for word, pieces in special_words().items())


def test_packing_takes_one_to_seven_bytes():
    assert packed("be") == ord("b") + (ord("e") << 8) + (2 << PACKED_LENGTH)
    assert packed("be") != packed("be\0")
    for word in ("", "eight by"):
        with pytest.raises(ValueError, match="cannot be packed"):
            packed(word)


def test_the_words_are_those_of_spacy():
    spacy = pytest.importorskip("spacy", reason="spaCy is in the extra `interop`")
    from spacy.attrs import ORTH
    from spacy.lang import char_classes as theirs

    tokenizer = spacy.blank("en").tokenizer
    rules = {word: [piece[ORTH] for piece in pieces] for word, pieces in tokenizer.rules.items() if word.strip()}
    assert special_words() == rules
    assert set(units()) == set(theirs.LIST_UNITS)
    for flag, name in (("WORD_LETTER", "ALPHA"), ("LOWER", "ALPHA_LOWER"), ("UPPER", "ALPHA_UPPER"), ("ICON", "CONCAT_ICONS")):
        assert members(getattr(classes, flag)) == every(re.compile(f"[{getattr(theirs, name)}]").match)
    assert members(classes.PREFIX) == every(tokenizer.prefix_search) - {"+"}
    assert members(classes.SUFFIX) == every(tokenizer.suffix_search)


def test_symbols_are_those_of_datatrove():
    text = pytest.importorskip("datatrove.utils.text", reason="datatrove is in the extra `interop`")
    assert members(classes.SYMBOL) == text.PUNCTUATION_SET

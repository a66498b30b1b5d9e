"""Language identification: `detect.py` for texts, `fasttext_model.py` for models."""

from corpus_forge.language.detect import detect_language

__all__ = ["detect_language"]

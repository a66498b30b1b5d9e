"""The command `corpus-forge`: thin verbs over `corpus_forge.pipeline`, each with examples in its help."""

from corpus_forge.cli.app import main

__all__ = ["main"]

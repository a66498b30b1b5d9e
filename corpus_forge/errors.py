"""Every error that corpus-forge raises on purpose, split by what happens next.

    CorpusForgeError
    ├── RequestError        the request is wrong: exit code 2, nothing was run
    │   ├── ConfigError     a pipeline file or a --set value
    │   └── InputError      a path, a file or a format
    ├── RunError            the run could not be finished: exit code 1, resumable
    └── Interrupted         SIGINT or SIGTERM: the commit in hand was finished, resumable

A damaged record or a hostile page is none of these: it is an outcome, counted, with a reason (see document.py).
A message says what happened, where, the value, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class CorpusForgeError(Exception):
    """Base of all errors that are meant to be read by a person. `exit_code` is what the CLI returns."""

    exit_code = 1


class RequestError(CorpusForgeError):
    """The request is wrong; the message names the fix."""

    exit_code = 2


class ConfigError(RequestError):
    """A pipeline file or an override is wrong. `where` is the YAML path, such as `steps[4].filter`."""

    def __init__(self, where: str, problem: str, fix: str = "") -> None:
        self.where, self.problem, self.fix = where, problem, fix
        super().__init__(f"{where}: {problem}" + (f" {fix}" if fix else ""))


class InputError(RequestError):
    """An input path or file cannot be used at all."""


class RunError(CorpusForgeError):
    """The run stopped before it was complete; running the same command again goes on from there."""


class Interrupted(CorpusForgeError):  # noqa: N818 - not an error but a request
    """A signal asked the run to stop; what was in hand is committed."""

    exit_code = 130


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that suggests the nearest known name and lists some: `Did you mean 'c4'? Known: c4, gopher.`"""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    guess = f"Did you mean '{close[0]}'? " if close else ""
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"{guess}Known: {shown or 'none'}."

"""Arguments and options that several verbs share, each with one help text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus_forge.errors import RequestError

PipelineName = Annotated[
    str,
    typer.Argument(
        metavar="PIPELINE", help="A pipeline file, or the name of a shipped one such as quickstart.", show_default=False
    ),
]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="The directory of a run.", show_default=False)]
Output = Annotated[str | None, typer.Option("--output", "-o", metavar="RUN", help="The run's directory; runs/NAME by default.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="Change a value: tokenize.seq_len=1024, extract.engine=trafilatura. Repeatable."
    ),
]
Plugins = Annotated[
    list[str] | None,
    typer.Option("--plugin", metavar="FILE.py", help="Load steps, formats or engines of your own. Repeatable."),
]
AllowHttp = Annotated[bool, typer.Option("--allow-http", help="Let sources read http:// and https:// paths.")]


def examples(*lines: str) -> Callable[[Any], Any]:
    """Decorator: the lines end a verb's help under 'Examples:', as they are."""

    def attach(verb: Any) -> Any:
        verb.examples = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
        return verb

    return attach


def size_flag(text: str, flag: str) -> int:
    """Bytes from `256MB`; RequestError that names the flag."""
    from corpus_forge.units import parse_size

    return _parsed(parse_size, text, flag)


def count_flag(text: str, flag: str) -> int:
    """A count from `64K`; RequestError that names the flag."""
    from corpus_forge.units import parse_count

    return _parsed(parse_count, text, flag)


def _parsed(parse: Callable[[object], int], text: str, flag: str) -> int:
    try:
        return parse(text)
    except ValueError as error:
        raise RequestError(f"{flag} {text}: {error}.") from error

"""The program: its verbs, and how errors become exit codes.

    0 done · 1 failed · 2 the request is wrong (pipeline, flags, paths) · 3 done but some shards failed · 130 interrupted

Errors that are meant for people print their message and nothing else. Any other exception is a bug of ours: one line says so,
and `--debug`, anywhere on the line, shows the traceback. Verbs import what they need when they run: `--help` is fast.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from corpus_forge.cli import classifiers, documents, exchange, importance, models, names, requests, runs, takedowns, tokenizers
from corpus_forge.cli.warm_up import warmup
from corpus_forge.errors import CorpusForgeError
from corpus_forge.report.plain import plain, plain_message

INTERRUPTED = 130
_BEGIN = """
\b
Begin with:
  corpus-forge run quickstart -o demo-run     a small real WARC becomes token shards
  corpus-forge init quickstart -o my.yaml     the same pipeline as a file of your own
  corpus-forge list steps                     what a pipeline can do

\b
Exit codes: 0 done, 1 failed, 2 the request is wrong, 3 done but some shards failed, 130 interrupted.
"""

app = typer.Typer(
    name="corpus-forge", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"corpus-forge {version('corpus-forge')}")
        raise typer.Exit


@app.callback(epilog=_BEGIN)
def program(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of unexpected errors.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Turn web archives and corpora into packed token shards by one pipeline file, with every removed document explained."""


for _verb in (requests.run, requests.check, requests.plan, runs.status, runs.report, runs.verify, runs.clean):
    app.command(epilog=_verb.examples)(_verb)
for _verb in (documents.removed, documents.explain, documents.whatif, names.list_names, names.schema, names.init):
    app.command(_verb.__name__.removesuffix("_names"), epilog=_verb.examples)(_verb)

app.command(epilog=warmup.examples)(warmup)
app.add_typer(tokenizers.group, name="tokenizer")
app.add_typer(classifiers.group, name="classifier")
app.add_typer(importance.group, name="importance")
for _verb in (models.train, models.generate, models.ablate, exchange.export):
    app.command(epilog=_verb.examples)(_verb)
app.command("import", epilog=exchange.import_tokens.examples)(exchange.import_tokens)
for _verb in (takedowns.locate, takedowns.redact_tokens):
    app.command(_verb.__name__.replace("_", "-"), epilog=_verb.examples)(_verb)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        code: Any = app(args=[each for each in given if each != "--debug"], prog_name="corpus-forge")
    except CorpusForgeError as error:
        code = _told(error, debug)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on from here", err=True)
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost frame: whatever it is, people get a sentence and an exit code
        code = _unexpected(error, debug)
    sys.exit(code)


def _told(error: CorpusForgeError, debug: bool) -> int:
    if debug:
        _traceback(error)
    typer.echo(f"corpus-forge: {plain_message(error)}", err=True)
    return error.exit_code


def _unexpected(error: Exception, debug: bool) -> int:
    if debug:
        _traceback(error)
    typer.echo(f"corpus-forge: unexpected {type(error).__name__}: {plain(error, 500)}", err=True)
    if not debug:
        typer.echo("This is a bug. The same command with --debug shows where it happened.", err=True)
    return 1


def _traceback(error: BaseException) -> None:
    import traceback

    typer.echo("".join(traceback.format_exception(error)), err=True)

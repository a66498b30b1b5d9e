"""HTML to text. `extract` is the library call; the step of the same name runs the same engines inside a sandbox.

The call runs the parser in this process: quick and simple, and a page that crashes the parser takes the process with it.
The module itself can be called too, so that `corpus_forge.extract(html)` is right whether Python has bound that name to the
function or, once something imported the folder, to the folder.
"""

from __future__ import annotations

import sys
import types
from typing import Any

from corpus_forge.errors import RequestError
from corpus_forge.extract import cascade as _cascade  # noqa: F401 (registers itself)
from corpus_forge.extract import resiliparse as _resiliparse  # noqa: F401 (registers itself)
from corpus_forge.extract import trafilatura as _trafilatura  # noqa: F401 - it registers itself
from corpus_forge.extract import wikitext as _wikitext  # noqa: F401 - the same
from corpus_forge.extract.engine import Engine, extract_text, make_engine, without_surrogates
from corpus_forge.extract.forge import engine as _forge  # noqa: F401 (registers itself)

__all__ = ["Engine", "extract", "extract_text", "make_engine"]


def extract(html: bytes | str, url: str | None = None, engine: str = "resiliparse", **options: Any) -> str:
    """Text of a page: valid UTF-8, no NUL, lines end in LF; empty where there is none.

    Bytes are decoded by the charset that they declare, else by detection. `options` are the engine's, as in a pipeline's step:
    `engine="forge", format="markdown"`. RequestError for a page that is neither bytes nor str, when no engine has that name,
    and for options that it does not have; whatever the engine raises goes to the caller.
    """
    if isinstance(html, bytes | bytearray | memoryview):
        from corpus_forge.text.charset import decode_html

        html = decode_html(bytes(html), None).text
    if not isinstance(html, str):
        raise RequestError(f"html is a {type(html).__name__}, where a page as bytes or str is needed.")
    return extract_text(make_engine(engine, options), without_surrogates(html), url)


class _CallableModule(types.ModuleType):
    def __call__(self, html: bytes | str, url: str | None = None, engine: str = "resiliparse", **options: Any) -> str:
        return extract(html, url, engine, **options)


sys.modules[__name__].__class__ = _CallableModule

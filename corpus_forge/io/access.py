"""What readers may open, and what is known of a file. Apart from source.py, so that who reads tokens needs no pydantic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Access:
    """What readers may do besides opening local files and object stores."""

    allow_http: bool = False


@dataclass(frozen=True)
class InputFile:
    """One input file. `digest` names its content: BLAKE2b of a local file, etag and size in an object store."""

    uri: str
    size: int
    digest: str

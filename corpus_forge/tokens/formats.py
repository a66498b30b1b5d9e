"""Files that hold a tokenizer, told apart by what is in them: all become a tokenizer.json.

| given | taken |
|---|---|
| tokenizer.json | as it is |
| a .model of SentencePiece | converted (from_sentencepiece.py); the model itself goes along and encodes |
| a .tiktoken file of ranks | converted (from_tiktoken.py), with a pattern and special tokens |
| a folder, as of Hugging Face | the first of these that it has; tokenizer_config.json names its special tokens |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corpus_forge.errors import InputError, RequestError

SPM_FILE = "sentencepiece.model"
"""Name of a SentencePiece model that lies beside the tokenizer.json made of it."""
IN_FOLDERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", SPM_FILE)
_RANKS = re.compile(rb"\s*[A-Za-z0-9+/]+={0,2} [0-9]+\s*(\n|\Z)")
_ROLES = ("eos", "pad", "mask", "bos")


@dataclass(frozen=True)
class TokenizerFiles:
    """`content` of a tokenizer.json, the SentencePiece model behind it, if any, and names of special tokens by role."""

    content: bytes
    sentencepiece: bytes | None = None
    specials: Mapping[str, str] = field(default_factory=dict)
    name: str = "tokenizer"
    """What messages call it: the file."""

    def definition(self) -> dict[str, Any]:
        """The parsed tokenizer.json."""
        return json.loads(self.content)


def read_tokenizer(
    path: str | Path, pattern: str | None = None, special_tokens: Mapping[str, int] | None = None
) -> TokenizerFiles:
    """The tokenizer in a file or folder. `pattern` and `special_tokens` are for tiktoken ranks, which have none.

    InputError names the file and says what is wrong with it.
    """
    path = Path(path)
    file = _in_folder(path) if path.is_dir() else path
    content = read_file(file)
    try:
        return replace(_parsed(content, file, pattern, special_tokens or {}), name=str(file))
    except RequestError as error:
        raise InputError(f"{file}: {error}") from error


def read_file(file: Path) -> bytes:
    """The bytes of a file, or InputError."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(
            f"tokenizer {file}: {error.strerror or error}. Give a tokenizer.json or the folder that holds one."
        ) from error


def raw_files(path: str | Path) -> list[bytes]:
    """The bytes that decide what `read_tokenizer` gives, for a digest that needs no conversion."""
    path = Path(path)
    if not path.is_dir():
        return [read_file(path)]
    file = _in_folder(path)
    beside = [path / "tokenizer_config.json", path / SPM_FILE]
    return [read_file(file), *(each.read_bytes() for each in beside if each.is_file() and each != file)]


def _in_folder(folder: Path) -> Path:
    found = [folder / name for name in IN_FOLDERS if (folder / name).is_file()] or sorted(folder.glob("*.tiktoken"))
    return found[0] if found else folder / IN_FOLDERS[0]


def _parsed(content: bytes, file: Path, pattern: str | None, special_tokens: Mapping[str, int]) -> TokenizerFiles:
    specials = dict(_named_specials(file.parent / "tokenizer_config.json"))
    if file.suffix == ".json" or content.lstrip()[:1] == b"{":
        beside = file.parent / SPM_FILE
        return TokenizerFiles(content, beside.read_bytes() if beside.is_file() else None, specials)
    if _RANKS.match(content):
        from corpus_forge.tokens.from_tiktoken import from_tiktoken

        if pattern is None:
            fix = "Say `pattern`: gpt2, cl100k, o200k or a regular expression, and `special_tokens`, one of them EOS."
            raise RequestError(f"tiktoken ranks come without the pattern that cuts text into words. {fix}")
        return TokenizerFiles(from_tiktoken(content, pattern, special_tokens), None, specials)
    from corpus_forge.tokens.from_sentencepiece import from_sentencepiece

    try:
        return TokenizerFiles(from_sentencepiece(content), content, specials)
    except RequestError as error:
        raise RequestError(f"neither a tokenizer.json nor tiktoken ranks, and {error}") from error


def _named_specials(config: Path) -> Iterator[tuple[str, str]]:
    """Roles and tokens that a Hugging Face folder names; none where there is no such file."""
    try:
        values = json.loads(config.read_bytes())
    except (OSError, ValueError):
        return
    for role in _ROLES:
        token = values.get(f"{role}_token") if isinstance(values, dict) else None
        token = token.get("content") if isinstance(token, dict) else token
        if isinstance(token, str) and token:
            yield role, token

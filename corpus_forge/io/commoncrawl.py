"""A crawl of Common Crawl by its name: `{dump: CC-MAIN-2024-51, kind: warc, files: 100}`; the format `commoncrawl`.

The list of a crawl's files lies at a fixed place (https://commoncrawl.org/get-started); the files themselves are read by the
reader of their kind. `base` may also be a folder with the same layout: a mirror, or a test. What is read is a function of the
files' content alone, so taking more of them later runs nothing again for the first ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from corpus_forge.document import Outcome
from corpus_forge.errors import InputError
from corpus_forge.io import load_formats
from corpus_forge.io.paths import read_list
from corpus_forge.io.source import Access, InputFile, Piece, Source
from corpus_forge.registry import formats


class _Gives:
    """The payload columns of the kind; of the class, where no kind is known, those of the default one."""

    def __get__(self, source: CommonCrawlSource | None, owner: type) -> tuple[str, ...]:
        return ("text",) if source is not None and source.kind == "wet" else ("html",)


@formats.add("commoncrawl")
class CommonCrawlSource(Source):
    """The first files of a crawl, in the order of its own list."""

    format = "commoncrawl"
    gives: ClassVar[Any] = _Gives()

    dump: str = Field(pattern=r"^CC-MAIN-[0-9]{4}(-[0-9]{2,4})?$")
    """Name of the crawl, as https://index.commoncrawl.org/collinfo.json lists them."""
    kind: Literal["warc", "wet"] = "warc"
    """Pages as they came, or Common Crawl's own plain text of them."""
    files: int | None = Field(default=None, gt=0)
    """How many files, of some 90,000; all when it is left out."""
    base: str = "s3://commoncrawl"
    """Where `crawl-data` lies: also https://data.commoncrawl.org, or a folder."""
    reader: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the reader of that kind."""

    @model_validator(mode="after")
    def _reader_knows_its_parameters(self) -> Self:
        if self.reader:
            self._reader()
        return self

    def locate(self, access: Access) -> list[str]:
        """URIs of the files, sorted. InputError when the crawl has no list or fewer files than asked for."""
        listed = read_list(self._uri(f"crawl-data/{self.dump}/{self.kind}.paths.gz"), access)
        if self.files is not None and len(listed) < self.files:
            raise InputError(
                f"{self.dump}: files: {self.files} are asked for, and its list of {self.kind} files has {len(listed)}."
            )
        taken = listed[: self.files]
        for path in taken:
            if not path.startswith("crawl-data/") or ".." in path.split("/"):
                raise InputError(f"{self.dump}: its list of {self.kind} files names '{path}', which is not below crawl-data/.")
        return sorted({self._uri(path) for path in taken})

    def split(self, file: InputFile, access: Access) -> list[Piece]:
        """As the reader of the kind does."""
        return self._reader().split(file, access)

    def read(self, piece: Piece, access: Access) -> Iterator[Outcome]:
        """As the reader of the kind does."""
        return self._reader().read(piece, access)

    def identity(self) -> dict[str, Any]:
        """That of the reader: which files were chosen shows in their content."""
        return self._reader().identity()

    def _reader(self) -> Source:
        load_formats()
        return formats.get(self.kind)(name=self.name, paths=["."], **self.reader)

    def _uri(self, path: str) -> str:
        base, mark, options = self.base.partition("?")
        return f"{base.rstrip('/')}/{path}{mark}{options}"

"""Step `cc_license`: which Creative Commons licence a page declares, read from its HTML, so before `extract`.

It labels; with `keep` it also removes. A licence in the footer of a site need not hold for what others wrote on it, so it is a
reason to look, no proof: `license_where` says what kind of mark was found and `licenses` how many different ones, for rules
of `select`. Only pages with an address of creativecommons.org in them cost anything: 3% of the pages of our test data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from corpus_forge.document import Outcome, Removal, with_column
from corpus_forge.errors import nearest
from corpus_forge.extract.cc_license import KINDS, LICENSES, Mark, license_marks
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.listed import one_is_a_list

Kind = Literal["meta", "json-ld", "link", "rdf", "rel", "anchor", "image", "text"]
DECLARED: tuple[Kind, ...] = ("meta", "json-ld", "link", "rdf", "rel", "anchor")
HOLDS_ONE = r"(?i)(?:creativecommons\.org|licensebuttons\.net)\\?/(?:licenses|publicdomain|l|p)\\?/"


@steps.add("cc_license")
class CcLicenseStep(MapStep):
    """Find the Creative Commons licence that a page declares: licence, version, what kind of mark says so."""

    name: ClassVar[str] = "cc_license"
    shorthand: ClassVar[str | None] = "keep"
    needs: ClassVar[tuple[str, ...]] = ("html",)
    gives: ClassVar[tuple[str, ...]] = ("license", "license_version", "license_where", "licenses")
    leaves_text: ClassVar[bool] = True

    keep: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="Licences to keep: cc-by, cc-by-sa, cc0. By default all pages; only labelled."
    )
    marks: tuple[Kind, ...] = Field(
        default=DECLARED, min_length=1, description=f"Marks that count: {', '.join(KINDS)}. The first of these decides."
    )

    _one_is_a_list = field_validator("keep", "marks", mode="before")(one_is_a_list)

    @field_validator("keep")
    @classmethod
    def _known(cls, keep: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Sorted: the order in the file changes nothing, so it is not part of the fingerprint."""
        for name in keep or ():
            if name not in LICENSES:
                raise ValueError(f"no licence is named '{name}'. {nearest(name, LICENSES)}")
        return None if keep is None else tuple(sorted(set(keep)))

    @field_validator("marks")
    @classmethod
    def _by_worth(cls, marks: tuple[Kind, ...]) -> tuple[Kind, ...]:
        return tuple(sorted(set(marks), key=KINDS.index))

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that adds the columns, and with `keep` removes what has none of these licences."""
        return self._label

    def _label(self, batch: pa.RecordBatch) -> Outcome:
        found = self._marks(batch["html"])
        best = [marks[0] if marks else None for marks in found]
        columns = {
            "license": pa.array([mark and mark.license for mark in best], pa.string()),
            "license_version": pa.array([mark and mark.version for mark in best], pa.string()),
            "license_where": pa.array([mark and mark.kind for mark in best], pa.string()),
            "licenses": pa.array([len({mark[:2] for mark in marks}) for marks in found], pa.int32()),
        }
        for name, values in columns.items():
            batch = with_column(batch, name, values)
        names = [mark.license if mark else "no licence" for mark in best]
        removed = {row: Removal("cc_license.keep", detail=name) for row, name in enumerate(names) if not self._kept(name)}
        return Outcome(batch, removed=removed)

    def _kept(self, name: str) -> bool:
        return self.keep is None or name in self.keep

    def _marks(self, html: pa.Array) -> list[list[Mark]]:
        """By row, the marks that count."""
        worth_it = pc.fill_null(pc.match_substring_regex(html, HOLDS_ONE), False)
        found: list[list[Mark]] = [[] for _ in range(len(html))]
        for row in pc.indices_nonzero(worth_it).to_pylist():
            found[row] = [mark for mark in license_marks(html[row].as_py()) if mark.kind in self.marks]
        return found

r"""Step `normalize`: one form for characters that look alike, for white space, and for text decoded with the wrong charset.

In this order, each by a key of its own: mojibake is repaired (ftfy, its charset repairs alone: quotation marks, ligatures
and HTML entities stay); line ends become `\n`; characters that show nothing leave; Unicode is composed; spaces are tidied.
Nothing is removed, a text may become empty. A second pass changes nothing, mojibake apart.

Texts are looked through natively and only those with a find are rewritten; on one core 30 MB/s of web pages, half of that
time for mojibake. The cost of the order: what composes to a space (NFKC) counts as one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from corpus_forge.document import Outcome, with_column
from corpus_forge.registry import steps
from corpus_forge.steps.base import MapStep
from corpus_forge.steps.mojibake import repaired

Pass = Callable[[pa.Array], pa.Array]

LINE_ENDS = r"\r\n?|[\x0b\x0c\x1c-\x1e\x{85}\x{2028}\x{2029}]"
"""What `str.splitlines` takes for the end of a line, besides the line feed."""
INVISIBLE = r"[\x00-\x08\x0e-\x1f\x7f-\x{84}\x{86}-\x{9f}\x{ad}\x{feff}\x{fdd0}-\x{fdef}\x{fffe}\x{ffff}]"
"""Control characters that are no white space, soft hyphens, byte order marks, noncharacters of the first plane.

Joiners and direction marks stay: Persian, the scripts of India and emoji are spelt with them; so does the zero-width space,
which parts words in Thai and Khmer.
"""
NOT_NFC = (
    r"[\p{M}\x{374}\x{37e}\x{387}\x{958}-\x{95f}\x{9dc}-\x{9df}\x{a33}-\x{a5e}\x{b5c}\x{b5d}\x{f43}-\x{fb9}\x{1100}-\x{11ff}"
    r"\x{1f71}-\x{2001}\x{2126}-\x{212b}\x{2329}\x{232a}\x{2adc}\x{f900}-\x{fb4e}\x{1d15e}-\x{1d1c0}\x{2f800}-\x{2fa1f}]"
)
"""A text without one of these is in NFC (UAX #15, NFC_Quick_Check, rounded up to ranges)."""
_ODD_SPACE = r"[\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]"
_TIDY = ((_ODD_SPACE, " "), (r"[ \t]+(\n|$)", r"\1"), (r"\n{3,}", "\n\n"))
_COLLAPSE = ((_ODD_SPACE, " "), (r"[ \t]+", " "), (r" ?\n ?", "\n"), (r"\n{3,}", "\n\n"), (r"^[ \n]+|[ \n]+$", ""))


@steps.add("normalize")
class NormalizeStep(MapStep):
    """Bring texts into one form: Unicode, white space, control characters, and mojibake repaired."""

    name: ClassVar[str] = "normalize"
    shorthand: ClassVar[str | None] = "unicode"
    gives: ClassVar[tuple[str, ...]] = ("text",)

    unicode: Literal["NFC", "NFKC", "keep"] = Field(
        default="NFC", description="NFC composes accents; NFKC also makes ﬁ, ２ and ℃ plain; keep leaves characters."
    )
    whitespace: Literal["tidy", "collapse", "keep"] = Field(
        default="tidy",
        description="tidy: \\n ends lines, odd spaces are spaces, none at line ends, one blank line in a row. collapse: also"
        " one space between words, so that indents go. keep leaves all.",
    )
    invisible: Literal["remove", "keep"] = Field(
        default="remove",
        description="Control characters, soft hyphens and byte order marks; joiners and marks of direction stay.",
    )
    mojibake: Literal["repair", "keep"] = Field(
        default="repair", description="Repair text that was decoded with the wrong charset, such as cafÃ©."
    )

    @model_validator(mode="after")
    def _not_idle(self) -> NormalizeStep:
        if not self._passes():
            raise ValueError("everything is 'keep', so nothing would be done. Drop the step, or one of the keys.")
        return self

    def start(self) -> Callable[[pa.RecordBatch], Outcome]:
        """A function that rewrites `text` and counts by pass the texts that it changed."""
        passes = self._passes()

        def normalize(batch: pa.RecordBatch) -> Outcome:
            texts: pa.Array = batch["text"]
            cleaned: dict[str, int] = {}
            for name, run in passes:
                done = run(texts)
                changed = pc.sum(pc.not_equal(texts, done)).as_py() or 0
                if changed:
                    texts, cleaned[name] = done, cleaned.get(name, 0) + changed
            return Outcome(with_column(batch, "text", texts) if cleaned else batch, cleaned=cleaned)

        return normalize

    def _passes(self) -> list[tuple[str, Pass]]:
        """(what is counted, the pass), first to last."""
        passes: list[tuple[str, Pass]] = [("mojibake", repaired)] if self.mojibake == "repair" else []
        if self.whitespace != "keep":
            passes.append(("line ends", lambda texts: _rewritten(texts, LINE_ENDS, "\n")))
        if self.invisible == "remove":
            passes.append(("invisible", lambda texts: _rewritten(texts, INVISIBLE, "")))
        if self.unicode != "keep":
            passes.append(("unicode", lambda texts: composed(texts, self.unicode)))
        if self.whitespace != "keep":
            rewrites = _TIDY if self.whitespace == "tidy" else _COLLAPSE
            passes.append(("whitespace", lambda texts: _all_rewritten(texts, rewrites)))
        return passes


def composed(texts: pa.Array, form: str) -> pa.Array:
    """The texts in NFC or NFKC."""
    odd = pc.match_substring_regex(texts, NOT_NFC) if form == "NFC" else pc.invert(pc.string_is_ascii(texts))
    return _placed(texts, pc.fill_null(odd, False), lambda rows: pc.utf8_normalize(rows, form=form))


def _all_rewritten(texts: pa.Array, rewrites: tuple[tuple[str, str], ...]) -> pa.Array:
    for pattern, replacement in rewrites:
        texts = _rewritten(texts, pattern, replacement)
    return texts


def _rewritten(texts: pa.Array, pattern: str, replacement: str) -> pa.Array:
    """The texts with each match replaced; only texts with one are copied."""
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    return _placed(texts, found, lambda rows: pc.replace_substring_regex(rows, pattern, replacement))


def _placed(texts: pa.Array, chosen: pa.Array, run: Pass) -> pa.Array:
    """The texts, those chosen as `run` makes them."""
    return pc.replace_with_mask(texts, chosen, run(texts.filter(chosen))) if pc.any(chosen).as_py() else texts

"""What the second look sees of a page, in plain Python: every sum taken anew for every block, as its definition says."""

from __future__ import annotations

from dataclasses import dataclass

FAR, NONE = 2000, -1.0
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True)
class Page:
    """A page of n blocks. elements: (parent, path) of each; tags: of each block's element; better: scores' steps."""

    elements: list[tuple[int, int]]
    of: list[int]
    """Element of each block."""
    tags: list[str]
    words: list[int]
    chances: list[float]
    steps: list[int]

    def above(self, e: int) -> list[int]:
        """The element and its ancestors, the page last."""
        way = [e]
        while way[-1] != 0:
            way.append(self.elements[way[-1]][0])
        return way

    def up(self, e: int, levels: int) -> int:
        """So many levels up, the page at most."""
        way = self.above(e)
        return way[min(levels, len(way) - 1)]

    def inside(self, e: int) -> list[int]:
        """Blocks in the subtree."""
        return [b for b, of in enumerate(self.of) if e in self.above(of)]

    def mean(self, blocks: list[int]) -> float:
        """Mean chance of the words in these blocks."""
        words = sum(self.words[b] for b in blocks)
        return self.expected(blocks) / words if words else NONE

    def expected(self, blocks: list[int]) -> float:
        """Expected words in these blocks."""
        return sum(self.words[b] * self.chances[b] for b in blocks)

    def alike(self, e: int) -> list[int]:
        """Blocks in the subtrees of one path, as often as they are in one."""
        return [b for other, (_, path) in enumerate(self.elements) if path == self.elements[e][1] for b in self.inside(other)]

    def sections(self) -> list[list[int]]:
        """Blocks between headings; each heading begins one and is not in it."""
        found: list[list[int]] = [[]]
        for b, tag in enumerate(self.tags):
            if tag in HEADINGS:
                found.append([])
            else:
                found[-1].append(b)
        return found

    def deepest(self, share: float) -> int:
        """The last element with more than this share of the expected words."""
        least = share * self.expected(list(range(len(self.of))))
        return max([0, *(e for e in range(1, len(self.elements)) if self.expected(self.inside(e)) > least)])


def distance(page: Page, order: list[int]) -> float:
    """Words in blocks of this order before the first likely one."""
    words = 0
    for b in order:
        if page.chances[b] > 0.5:
            return min(FAR, words)
        words += page.words[b]
    return FAR


def average(page: Page, order: list[int], span: int) -> float:
    """Mean chance of blocks of this order, the later the more."""
    mean = 0.0
    for b in order:
        mean = (mean * span + page.chances[b] * page.words[b]) / (span + page.words[b])
    return mean


def climb(page: Page, e: int, other: int) -> int:
    """Levels from e up to an element that holds both."""
    shared = set(page.above(other))
    return next(level for level, each in enumerate(page.above(e)) if each in shared)


def look(page: Page, b: int) -> dict[str, float]:
    """Features of one block, but those that are made of raw scores."""
    e, everything = page.of[b], list(range(len(page.of)))
    total = page.expected(everything)
    core, wide = page.deepest(0.5), page.deepest(0.8)
    sections = page.sections()
    own = sum(tag in HEADINGS for tag in page.tags[: b + 1])
    near = {offset: b + offset for offset in (-3, -2, -1, 1, 2, 3)}
    values = {f"chance_at{offset:+d}": page.chances[c] if c in everything else NONE for offset, c in near.items()}
    for level in range(5):
        values[f"chance_up{level}"] = page.mean(page.inside(page.up(e, level)))
    for level in range(3):
        within = page.inside(page.up(e, level))
        values[f"chance_beside{level}"] = page.mean([c for c in page.inside(page.up(e, level + 1)) if c not in within])
        values[f"chance_alike{level}"] = page.mean(page.alike(page.up(e, level)))
    values["chance_alike_others"] = page.mean([c for c in page.alike(e) if c != b])
    for name, number in (("_before", own - 1), ("", own), ("_behind", own + 1)):
        values[f"chance_section{name}"] = page.mean(sections[number]) if 0 <= number < len(sections) else NONE
    values["expected_share"], values["expected_words"] = page.mean(everything), total
    better = sum(page.words[c] for c in everything if page.steps[c] > page.steps[b])
    values["better_share"] = better / max(1, sum(page.words))
    values["expected_before"] = page.expected(everything[:b]) / max(1.0, total)
    before, behind = everything[:b], everything[:b:-1]
    values["words_since_likely"], values["words_to_likely"] = distance(page, before[::-1]), distance(page, behind[::-1])
    for name, order in (("before", before), ("behind", behind)):
        values[f"chance_short_{name}"], values[f"chance_long_{name}"] = average(page, order, 20), average(page, order, 200)
    values["expected_core_climb"], values["expected_wide_climb"] = climb(page, core, e), climb(page, wide, e)
    values["expected_core_share"] = page.expected(page.inside(core)) / max(1.0, total)
    values["chance_core"], values["chance_wide"] = page.mean(page.inside(core)), page.mean(page.inside(wide))
    return values

"""The features of a block, by name and in order: what a model's trees ask about. Plain data.

Numbers come first, then what the second look sees, then single bits, of which the kernel writes only those that a model uses.
Numbers are raw counts and
shares: trees care for order alone, so that there is no logarithm whose last digit could differ between machines.
"""

from __future__ import annotations

from corpus_forge.extract.forge.lexicon import GROUPS
from corpus_forge.extract.forge.tags import MARKS

VERSION = 3
"""Raised when a feature changes its meaning: a model says which it was trained for."""
LEVELS = 6
"""Ancestors that are looked at, the block's own element being the first."""
NEIGHBOURS = (-3, -2, -1, 1, 2, 3)

OWN = [
    "words",
    "link_share",
    "links",
    "word_bytes",
    "commas",
    "stops",
    "capitalised",
    "numbers",
    "upper_words",
    "last_class",
    "first_class",
    "title_words",
    "separators",
    "formats",
    "images",
    "breaks",
    "links_in_page",
    "high_share",
    "copyrights",
    "chars",
    "pre",
    "controls",
]
PLACE = [
    "tag",
    "parent_tag",
    "grandparent_tag",
    "depth",
    "block_at",
    "word_at",
    "byte_at",
    "copies",
    "is_first_copy",
    "group_blocks",
    "group_words",
    "group_links",
    "group_stops",
    "repeats",
    "parent_repeats",
    "grandparent_repeats",
    "h1_before",
    "h1s",
    "heading_distance",
    "heading_level",
    "words_since_text",
    "words_to_text",
    "hidden",
    "words_since_h1",
]
ANCESTORS = [f"up{level}_{what}" for level in range(LEVELS) for what in ("share", "links", "text", "blocks", "repeats")]
AROUND = [f"at{offset:+d}_{what}" for offset in NEIGHBOURS for what in ("words", "links", "stops", "tag", "distance")]
LEARNED = [
    "word_mean",
    "word_sum",
    "word_min",
    "word_first",
    "known_words",
    "names_own",
    "names_parent",
    "names_near",
    "names_all",
    "names_min",
    "names_max",
    "word_mean_before",
    "word_mean_after",
    "word_mean_up2",
    "word_mean_up4",
]
PAGE = [
    "page_words",
    "page_link_share",
    "page_blocks",
    "page_text_share",
    "og_type",
    "ld_types",
    "has_article",
    "has_main",
    "page_elements",
    "hidden_share",
    "noscript_share",
    "page_word_mean",
]
CORE = [
    "core_gap",
    "core_climb",
    "wide_core_gap",
    "wide_core_climb",
    "group_text",
    "parent_group_text",
    "group_word_mean",
    "heading_words",
    "heading_links",
    "heading_word_mean",
    "heading_title_words",
    "core_share",
    "core_links",
    "wide_core_share",
]
NUMBERS = [*OWN, *PLACE, *ANCESTORS, *AROUND, *LEARNED, *PAGE, *CORE]

LOOK = [
    "score",
    *(f"chance_at{offset:+d}" for offset in NEIGHBOURS),
    *(f"chance_up{level}" for level in range(5)),
    *(f"chance_beside{level}" for level in range(3)),
    *(f"chance_alike{level}" for level in range(3)),
    "chance_alike_others",
    "chance_section_before",
    "chance_section",
    "chance_section_behind",
    "expected_share",
    "expected_words",
    "expected_f1",
    "score_over_threshold",
    "better_share",
    "expected_before",
    "words_since_likely",
    "words_to_likely",
    "chance_short_before",
    "chance_long_before",
    "chance_short_behind",
    "chance_long_behind",
    "expected_core_climb",
    "expected_wide_climb",
    "expected_core_share",
    "chance_core",
    "chance_wide",
]
"""What the second look sees beside: what the first made of the page."""

MARKS_ALL, MARKS_NEAR, LEXICON_ALL, LEXICON_NEAR, LEXICON_OWN, LEXICON_BODY = range(6)
"""Words of bits of a block, by number."""
BITS = [
    *((MARKS_ALL, bit, f"in_{name}") for bit, name in enumerate(MARKS)),
    *((MARKS_NEAR, bit, f"near_{name}") for bit, name in enumerate(MARKS)),
    *((LEXICON_ALL, bit, f"class_{name}") for bit, name in enumerate(GROUPS)),
    *((LEXICON_NEAR, bit, f"near_class_{name}") for bit, name in enumerate(GROUPS)),
    *((LEXICON_OWN, bit, f"own_class_{name}") for bit, name in enumerate(GROUPS)),
    *((LEXICON_BODY, bit, f"page_class_{name}") for bit, name in enumerate(GROUPS)),
]
"""(word, bit, name)"""
NAMES = [*NUMBERS, *LOOK, *(name for _, _, name in BITS)]


def offset_of(section: list[str]) -> int:
    """Column at which a section of numbers begins."""
    return NUMBERS.index(section[0])

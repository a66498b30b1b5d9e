"""Signals of bare lines, as DCLM's baselines look at them: RefinedWeb's corrections and C4's rules.

What DCLM writes as regular expressions of Python is here RE2's, with the same classes of characters written out.
"""

from __future__ import annotations

import numpy as np

from corpus_forge.text.bare_counts import MOST_WORDS, BareCount
from corpus_forge.text.signal import Counts, Signal, line_signal, phrase_signal, ratio, registry

MODIFIERS = "as in DCLM, https://github.com/mlfoundations/dclm/blob/15af3ce53ba1dd9464d38fd27803e56045bd085d/baselines/mappers/modifiers.py"
REFINEDWEB = f"Penedo et al. 2023 (RefinedWeb), section G.2, https://arxiv.org/abs/2306.01116, {MODIFIERS}"
C4 = f"Raffel et al. 2020 (T5, C4), section 2.2, {MODIFIERS}"
BARE = "a line between newlines"
SPACE, WORD = r"[\s\p{Z}\x{1c}-\x{1f}\x{85}]", r"[\p{L}\p{N}_]"
COUNTED = (
    "likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|views|followers"  # codespell:ignore
)
NOT_WORD = WORD.replace("[", "[^", 1)
COUNTER = rf"(?i)^{NOT_WORD}*\p{{Nd}}(?:,|\.|\p{{Nd}})*[kmb]?{SPACE}+(?:{COUNTED}){NOT_WORD}*$"
ANY_LENGTH = 1 << 62

for name, count, unit, definition in (
    ("line_word_count_dclm", BareCount.WORDS, "words", f"Words of {BARE} that white space parts."),
    ("line_longest_word_dclm", BareCount.LONGEST_WORD, "characters", f"Characters of the longest word of {BARE}."),
    (
        "line_ends_sentence_dclm",
        BareCount.ENDED_STRICTLY,
        "0 or 1",
        f"""Whether {BARE} ends in `.`, `?`, `!` or `"`, white space aside, but not in `...`.""",
    ),
    ("line_lorem_ipsum_dclm", BareCount.LOREM_IPSUM, "0 or 1", f"Whether {BARE} holds `lorem ipsum`, in any case."),
    ("line_javascript_dclm", BareCount.JAVASCRIPT, "0 or 1", f"Whether {BARE} holds `javascript`, in any case."),
    ("line_braces_dclm", BareCount.BRACES, "marks", f"Opening curly brackets of {BARE}."),
    (
        "line_policy_phrases_dclm",
        BareCount.POLICY,
        "phrases",
        f"How often {BARE} holds one of C4's six phrases on policies and cookies, in any case.",
    ),
):
    line_signal(name, unit, count, definition, C4)


def _share(name: str, part: BareCount, definition: str) -> None:
    """Register the share of a line's characters."""

    def compute(of: Counts) -> np.ndarray:
        return ratio(of(part), of(BareCount.CHARS))

    registry.add(name)(Signal(name, "share", "line", definition, REFINEDWEB, 0, (part, BareCount.CHARS), compute))


_share("line_uppercase_share_dclm", BareCount.UPPERCASE, f"Share of the characters of {BARE} that are upper case.")
_share("line_digit_share_dclm", BareCount.DIGITS, f"Share of the characters of {BARE} that are digits of any script.")

phrase_signal(
    "line_counter_dclm",
    BareCount.WORDS,
    BareCount.LIKE_COUNTER,
    COUNTER,
    ANY_LENGTH,
    f"1 where {BARE} is a number, as 3.2K, and one of {COUNTED.replace('|', ', ')}, but for marks and white space around it.",
    REFINEDWEB,
)
phrase_signal(
    "line_cart_phrases_dclm",
    BareCount.WORDS,
    BareCount.LIKE_CART,
    rf"(?i){SPACE}?items in cart",
    MOST_WORDS,
    f"How often {BARE} of at most {MOST_WORDS} words holds `items in cart`, in any case.",
    REFINEDWEB,
)
phrase_signal(
    "line_read_more_dclm",
    BareCount.WORDS,
    BareCount.LIKE_READ_MORE,
    rf"(?i){SPACE}?read more...$",
    MOST_WORDS,
    f"1 where {BARE} of at most {MOST_WORDS} words ends in `Read more` and three characters of any kind, in any case.",
    REFINEDWEB,
)
phrase_signal(
    "line_sign_in_dclm",
    BareCount.WORDS,
    BareCount.LIKE_SIGN_IN,
    rf"(?i)^sign-in{SPACE}?",
    MOST_WORDS,
    f"1 where {BARE} of at most {MOST_WORDS} words begins with `Sign-in`, in any case.",
    REFINEDWEB,
)

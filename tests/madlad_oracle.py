r"""MADLAD-400's rules the slow way, over Python strings.

After Kudugunta et al. 2023, https://arxiv.org/abs/2309.04662, section 2.3, and the data set's card, which lists the patterns;
sentences are parted where https://github.com/allenai/datamap-rs at f6c295a, src/map_fxn.rs, Madlad400SentenceAnnotator does,
and keep their marks. The pages' rules before them are those of C4 that the card names. It imports nothing of ours at once.
"""

from __future__ import annotations

import re

PATTERNS = [
    " №",
    "���",
    "\\|\\s*$",
    " nr\\.$",
    "aute irure dolor ",
    " sunt in culpa qui ",
    "orem ipsum ",
    " quis nostrud ",
    " adipisicing ",
    " dolore eu ",
    " cupidatat ",
    "autem vel eum",
    "wisi enim ad",
    " sex ",
    " porn ",
    "黄色电影",
    "mp3",
    "ownload",
    "Vol\\.",
    " Ep\\.",
    "Episode",
    " г\\.\\s*$",
    " кг\\.\\s*$",
    " шт\\.",
    "Develop",
    "Facebook",
    " crusher ",
    " xxx ",
    " ... ... ... ... ... ... ... ... ...",
    " .... .... .... .... .... .... .... .... ....",
    " [^ ] [^ ] [^ ] [^ ] [^ ] [^ ] [^ ] [^ ] [^ ]",
    ", ..,,? ..,,? ..,,? ..,,?",
]
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def sentences(text: str) -> list[str]:
    pieces = [piece.strip() for piece in re.split(r"(?<=[.!?])(?=\s)", text)]
    return [piece for piece in pieces if piece.rstrip(".!?").strip()]


def list_case(sentence: str) -> bool:
    words = sentence.split()
    return len(words) >= 12 and sum(word[0].isupper() for word in words) / len(words) > 0.5


def odd_length(sentence: str) -> bool:
    return not 20 <= len(sentence) <= 500


def technical(sentence: str) -> bool:
    return len(re.findall(r"[0-9{}+/()>]", sentence)) * 5 > len(sentence)


def cursed(sentence: str) -> bool:
    return any(re.search(pattern, sentence) for pattern in PATTERNS)


def document(text: str) -> dict[str, float]:
    """Values of the signals, by name."""
    found = sentences(text)
    rules = {"list_case": list_case, "odd_length": odd_length, "technical": technical, "cursed": cursed}
    values = {f"{name}_sentence_share_madlad": share(sum(map(rule, found)), len(found)) for name, rule in rules.items()}
    questionable = sum(any(rule(sentence) for rule in rules.values()) for sentence in found)
    return {
        "sentence_count_madlad": len(found),
        **values,
        "questionable_sentence_share_madlad": share(questionable, len(found)),
    }


def verdict(text: str) -> tuple[bool, str | None]:
    """Keep, and the text that is left; None where a page is dropped for one of its lines."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if len(line.split()) >= 3 and "javascript" not in line.lower()]
    for phrase in ("lorem ipsum", "{", *POLICIES):
        if any(phrase in line.lower() for line in lines):
            return False, None
    left = "\n".join(lines).strip()
    found = document(left)
    return found["sentence_count_madlad"] >= 5 and found["questionable_sentence_share_madlad"] <= 0.2, left

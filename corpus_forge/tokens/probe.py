"""Texts on which two encoders must agree before the faster one is trusted.

Fixed, so that which encoder runs is a function of the tokenizer alone and never of the documents a worker happened to see
first. Real sentences in many scripts, then seeded mixtures of what regex-driven pre-tokenizers disagree on: white space, marks,
digits, case, contractions, control characters, emoji sequences, unassigned code points.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

SENTENCES = (
    "",
    " ",
    "The quick brown fox doesn't jump; it's LAZY, we'LL see: 3.14159 + 2,000,000 = ?\n\n\tdef f(x):\r\n        return x_1**2\n",
    "Übergrößenträger, naïve façade, cafe\u0301, Ångström; Dvořák — Łódź… İstanbul’da ısı.",
    "Съешь ещё этих мягких французских булок, да выпей же чаю. Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία.",
    "人人生而自由，在尊严和权利上一律平等。すべての人間は、生まれながらにして自由である。모든 인간은 태어날 때부터 자유로우며",
    "يولد جميع الناس أحرارًا متساوين في الكرامة. כל בני האדם נולדו בני חורין. تمام انسان آزاد اور حقوق و عزت",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता। সমস্ত মানুষ স্বাধীনভাবে। மனிதப் பிறவியினர் சகலரும்",
    "มนุษย์ทั้งหลายเกิดมามีอิสระ မြန်မာ ភាសាខ្មែរ ລາວ አማርኛ ქართული Հայերեն ᏣᎳᎩ བོད་སྐད",
    "😀👍🏽 👩‍👩‍👧‍👦🏳️‍🌈 🇩🇪 ✈️ 1️⃣ https://example.org/a?b=c&d=%20#e  user@example.org",
    "Zeile\u2028Absatz\u2029 NBSP\u00a0 em\u2003 ideo\u3000 zero\u200bwidth\ufeff nul\x00 esc\x1b",
    "nel\x85 \ufffd \U0010ffff \ue000",
    "a" * 300 + " " * 70 + "\n" * 40 + "=" * 90 + "0123456789" * 9 + "\t" * 20 + "x",
)
_POOLS = (
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDE'sS'T'llLL'RE've'd'M ",
    "0123456789 .,٣٤५六Ⅳ½²",
    " \t\n\r\u00a0\u2003\u3000\u200b\ufeff",
    "äöüßéÄſKİıǅᾳ\u0301\u0308",
    "中文字符日本語カタカナ한국어",
    "नमस्तेहिन्दीाि ",
    "مرحبابالعالمًٌ ",
    "😀👍🏽👩‍🏳️🇩🇪",
    '!@#$%^&*()_+-=[]{}|;:,.<>/?`~"\\',
    "\x00\x01\x1b\x7f\x85\u2028\u2029\ufffd\ue000",
    "   \n ",
)


def probe_texts(special_tokens: Iterable[str] = (), mixtures: int = 400) -> list[str]:
    """The texts, always the same; the names of special tokens are put into some, as a hostile page would."""
    named = [text for token in special_tokens for text in (token, f"a{token} b {token}{token}c")]
    draws = np.random.Philox(key=20).random_raw(mixtures * 64)
    return [*SENTENCES, *named, *(_mixture(draws[place : place + 64]) for place in range(0, len(draws), 64))]


def _mixture(draws: np.ndarray) -> str:
    """Up to 60 characters from three pools."""
    pools = [_POOLS[int(draw) % len(_POOLS)] for draw in draws[:3]]
    chosen = (int(draw) for draw in draws[4 : 4 + int(draws[3]) % 61])
    return "".join(pools[draw % 3][draw // 3 % len(pools[draw % 3])] for draw in chosen)

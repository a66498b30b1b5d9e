"""docs/signals.md, made from the registry: what each signal is, its unit, its source, and which rule sets look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corpus_forge.text.signals import Signal, registry

INTRODUCTION = """# Signals

A signal is a number measured on a text, with one definition for everybody. Rules (filters/README.md) are intervals over
signals. Where tools read the same rule differently, each reading has a signal of its own. This page is made from the registry:
`python -c "from corpus_forge.rules.listing import *; write_signals('docs/signals.md')"`.

## What is a …

| unit | definition |
|---|---|
| character | a Unicode code point; the text is UTF-8 and is never decoded into another form |
| white space | what `str.isspace` says; Unicode 14.0 on every version of Python |
| word | what `words` says (below); by default a piece of spaCy's English tokenizer: marks are words |
| word between white space | what `str.split` cuts: dolma's words |
| line | what `str.splitlines` cuts, where nothing else is said; rules on repetition know newlines only, and say so |
| paragraph | what two or more newlines part |
| sentence | by spaCy's rule-based `sentencizer`, line by line |
| word of RedPajama-V2 | what white space parts in normal form: ASCII punctuation taken out, lower case, NFD |
| sentence of MADLAD-400 | ends behind a run of `.!?` that white space follows; the paper does not say what one is |

A share or a mean over nothing is 0. All is linear in the length of a text. Bounds keep memory small: n-grams are counted in the
first 2,097,152 words of a document, copies of lines and paragraphs among the first 4,194,304 different ones, and to rules that
clean, all behind line 4,194,304 is one line. Equality is decided by 61-bit hashes: among 10,000 words two different n-grams
are taken for equal with a chance of about 1e-9.

Some signals need more than the text: a model, a list, what a step before knew. Their definition says what. They are null until
a step or a source gives a column of their name; rules on them go into the step `select`, behind it.

## What a word is

`cf.signals(texts, words=…)`, `- filter: {rules: …, words: …}` and the key `words:` of a rule set say what a word is to every
signal over words or n-grams of words whose definition names no other. Words between white space and sentences (spaCy's rules
over spaCy's pieces) stay what they are.

| `words` | cut | marks |
|---|---|---|
| `default` | as spaCy's English tokenizer, with which datatrove counts; filters/README.md has the differences | words |
| `whitespace` | `str.split` | part of words |
| `uax29` | default word boundaries of Unicode 14.0, UAX #29, rules WB3c to WB999; white space is no word | words |

No dictionary and no model cuts words, so that a count depends on nothing that is not in the text. What this means where no
spaces stand between words:

| script | `default`, `whitespace` | `uax29` |
|---|---|---|
| Chinese | from space to space (`default`: less marks at the ends) | each character |
| Japanese | the same | each Kanji and each Hiragana; a run of Katakana |
| Korean | from space to space: an eojeol | the same, marks cut off |
| Thai, Lao | from space to space | each letter with what stands above and below it; vowels on the line are letters |
| Khmer, Burmese | from space to space | each letter with its signs; a subscript consonant begins anew |
| Hebrew, Arabic, Indic scripts | from space to space | the same, marks cut off; a combining mark never parts a word |

So thresholds that were chosen for words of English mean little for the first five: `uax29` makes counts of Chinese and Japanese
follow their characters; for Thai, Lao, Khmer and Burmese it counts letters, of which a word has several. Texts in them are
better judged by signals over characters and lines.
"""


def markdown(users: Mapping[str, Sequence[str]]) -> str:
    """The page. `users`: names of the rule sets that look at a signal."""
    parts = [INTRODUCTION]
    for level, title in (("document", "Of documents"), ("line", "Of lines")):
        signals = [registry.get(name) for name in registry.names() if registry.get(name).level == level]
        parts += [f"## {title}\n", "| signal | unit | type | definition | source | used by |\n|---|---|---|---|---|---|"]
        parts += [_row(family, users) for family in _families(signals)]
        parts.append("")
    return "\n".join(parts)


def _families(signals: Sequence[Signal]) -> list[list[Signal]]:
    """Signals of one definition share a row: they differ in the language that their names end in."""
    families: dict[tuple[str, ...], list[Signal]] = {}
    for signal in signals:
        families.setdefault((signal.unit, signal.described, signal.source), []).append(signal)
    return list(families.values())


def _row(family: Sequence[Signal], users: Mapping[str, Sequence[str]]) -> str:
    signal = family[0]
    used = dict.fromkeys(name for each in family for name in users.get(each.name, ()))
    names, by = (", ".join(f"`{name}`" for name in each) for each in ([one.name for one in family], used))
    return f"| {names} | {signal.unit} | {signal.type} | {signal.described} | {signal.source} | {by} |"

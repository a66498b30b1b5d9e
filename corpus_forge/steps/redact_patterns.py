r"""What an e-mail address, an IP address and a telephone number look like, as RE2 expressions for the step `redact`.

RE2 takes linear time on any input but has no lookaround, so a pattern that must not match inside something longer takes
some context on both sides, and the replacement puts it back: group 1 before the find, group 2 after it. Two finds that
share a separator need a second pass; see `redact.py`.

Choice: precision before recall. A text without its version numbers, prices and ISBNs is worth less, so what a pattern
cannot be sure of it leaves. Left on purpose:

* e-mail: quoted local parts, domains without a dot, "name at example dot org". Letters are Latin, because Chinese and
  Japanese run on into an address without a space.
* IPv4: octets above 255 or with leading zeros, and what is joined to a word or to further dotted numbers (`v1.2.3.4`,
  `nginx/1.2.3.4`, `1.2.3.4.5`). A bare version `1.2.3.4` cannot be told from an address and is replaced.
* IPv6: what does not begin as an address in use does; so `std::vector`, `dead::beef`, times and MAC addresses stay.
* phone: a number needs a `+` and 8 to 15 digits (ITU-T E.164), or the North American form with its punctuation, or a
  label such as `Tel.:` before it. Bare national numbers stay, they cannot be told from other numbers; so do `+1.234567`
  and `+1 234 567`. A number that follows at once, as in `+1 415 555 2671 2 times`, goes with it.
"""

from __future__ import annotations

from collections.abc import Collection

from corpus_forge.steps.redact_secrets import secret_patterns

KINDS = ("secret", "email", "ip", "phone")
"""In the order in which they are replaced: what is left of an address must not look like a number, nor a password like the
name of a mailbox."""

_LATIN = r"A-Za-z\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{24f}"
"""Latin letters up to Extended-B, as ranges: RE2 compiles a pattern once a batch, and `\\p{Latin}` took 2 ms of it."""
_WORD = f"0-9_{_LATIN}"
_HEX = "[0-9A-Fa-f]"


def _between(pattern: str, joined: str, before: str = "") -> str:
    """The pattern where neither a word character nor one of `joined` (a sign inside longer forms) touches it.

    Such signs may follow when a word does not: a full stop ends a sentence. `before` says otherwise what may come before.
    """
    other = rf"[^{_WORD}{joined}]"
    return rf"({before or f'^|{other}'})(?:{pattern})($|{other}|[{joined}]+(?:$|{other}))"


_LETTER = f"[0-9{_LATIN}]"
_LABEL = f"{_LETTER}(?:[0-9{_LATIN}-]*{_LETTER})?"
_EMAIL = rf"(){_LETTER}[0-9{_LATIN}._%+'-]*@(?:{_LABEL}\.)+(?:[Xx][Nn]--[A-Za-z0-9-]+|[{_LATIN}]{{2,}})()"
"""RFC 5321 dot-atoms without the rarer punctuation. The groups are empty: nothing longer contains an address."""


def _octet(numbers: Collection[int]) -> str:
    """One of the numbers, without leading zeros. All that share their last digits are one form: {10…29} is `(?:1|2)[0-9]`."""
    forms: dict[str, list[str]] = {}
    for tens in range(26):
        last = "".join(str(digit) for digit in range(10) if tens * 10 + digit in numbers)
        if last:
            forms.setdefault(last, []).append(str(tens or ""))
    return "(?:" + "|".join(f"(?:{'|'.join(leading)})[{last}]" for last, leading in forms.items()) + ")"


_OCTETS = frozenset(range(256))
_ANY = _octet(_OCTETS)
_NOT_PUBLIC = {
    "": {0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256)},
    "100.": set(range(64, 128)),
    "169.": {254},
    "172.": set(range(16, 32)),
    "192.": {0, 168},
    "192.0.": {0, 2},
    "198.": {18, 19, 51},
    "198.51.": {100},
    "203.": {0},
    "203.0.": {113},
}
"""By prefix, the next octets that lead out of public space: the IANA IPv4 special-purpose registry, and multicast.

https://www.iana.org/assignments/iana-ipv4-special-registry. An octet with a line of its own is not lost: the line refines it.
"""


def _public_ipv4() -> str:
    forms = []
    for prefix, excluded in _NOT_PUBLIC.items():
        rest = 3 - prefix.count(".")
        forms.append(prefix.replace(".", r"\.") + _octet(_OCTETS - excluded) + rf"(?:\.{_ANY}){{{rest}}}")
    return "|".join(forms)


_IPV4 = rf"{_ANY}(?:\.{_ANY}){{3}}"
_NO_PRODUCT = f"^|[^{_WORD}./]|(?:^|[^_{_LATIN}])/"
"""Before an address: no `openresty/1.9.7.1`, which is a version, but `http://1.9.7.1`."""
_GLOBAL = f"[23]{_HEX}{{3}}"
_LOCAL = f"[Ff][CcDdFf]{_HEX}{{2}}|[Ff][Ee][89ABab]{_HEX}"


def _ipv6(first: str) -> str:
    """RFC 4291 text forms by their first group: eight groups, or up to seven around one `::`; and a zone."""
    group = f":{_HEX}{{1,4}}"
    forms = [rf"(?:{group}){{7}}", rf"(?:{group}){{6}}::"]
    forms += [rf"(?:{group}){{{n}}}:(?::|(?:{group}){{1,{6 - n}}})" for n in range(6)]
    return rf"(?:{first})(?:{'|'.join(forms)})(?:%[A-Za-z0-9]+)?"


_SPACE = r"[ \x{a0}()/-]{0,2}"
_DIALLED = rf"\+[1-9](?:{_SPACE}[0-9]){{7,14}}|\+[1-9][0-9]{{0,2}}(?:\.[0-9]{{2,4}}){{3,5}}"
_AMERICAN = r"(?:1[ .-])?(?:\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ .-]|[2-9][0-9]{2}[.-][2-9][0-9]{2}[.-])[0-9]{4}"
_SURE = "tel|tél|telephone|telefon|telefono|teléfono|telefone|téléphone|fax|whatsapp|тел|телефон|電話|电话|手机"
_UNSURE = "phone|mobile|mobil|mob|cell|handy"
"""Ordinary words too (`mobile 5000000 users`): these need a full stop or a colon behind them."""
_LABELLED = r"\(?[0-9](?:[ \x{a0}().\-/]{0,2}[0-9]){5,14}"


def patterns(kind: str, public_ips_only: bool) -> list[str]:
    """RE2 expressions of one of `KINDS`, in the order to apply them; groups 1 and 2 are the context to put back."""
    if kind == "secret":
        return secret_patterns()
    if kind == "email":
        return [_EMAIL]
    if kind == "phone":
        label = rf"(?:^|[^{_WORD}.-])(?i:(?:{_SURE})[.:：]{{0,2}}|(?:{_UNSURE})[.:：]{{1,2}})\s{{0,2}}"
        return [_between(f"{_DIALLED}|{_AMERICAN}", r".+\-"), _between(_LABELLED, r".\-", label)]
    if public_ips_only:
        return [_between(_ipv6(_GLOBAL), ":."), _between(_public_ipv4(), ".", _NO_PRODUCT)]
    mapped = rf"::[Ff]{{4}}:(?:{_IPV4})|64:[Ff]{{2}}9[Bb]::(?:{_IPV4})|::1"
    return [_between(f"{_ipv6(f'{_GLOBAL}|{_LOCAL}')}|{mapped}", ":."), _between(_IPV4, ".", _NO_PRODUCT)]

"""The bytes of a web page as text: which charset, and how that was known.

The order is: byte order mark, HTTP header, `<meta>`, a check for valid UTF-8, the language that the page names, detection,
windows-1252. Labels mean what
the WHATWG Encoding Standard says (https://encoding.spec.whatwg.org/#names-and-labels): `iso-8859-1` is windows-1252,
`gb2312` is gb18030. Unlike a browser we do not believe a label against the bytes: pages that are valid UTF-8 with
non-ASCII characters are UTF-8 whatever they claim, and a claim that does not decode is dropped. The cost: a page that
was served with a wrong label comes out as its author meant it, not as browsers showed it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

META_BYTES = 4096
"""How far we look for `<meta charset>`; the standard says 1024, real pages put scripts first."""
DETECT_BYTES = 1 << 17
BAD_SHARE = 0.02
"""A declared charset stays when at most so many of the non-ASCII bytes cannot be decoded by it."""
CONVINCING_BYTES = 8
"""So many UTF-8 continuation bytes in valid places are no accident of a two-byte charset."""

_LABELS = """
utf-8: utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8
cp866: ibm866 866 cp866 csibm866
iso8859-2: iso-8859-2 iso8859-2 iso88592 iso_8859-2 latin2 l2 csisolatin2 iso-ir-101
iso8859-3: iso-8859-3 iso8859-3 iso88593 iso_8859-3 latin3 l3
iso8859-4: iso-8859-4 iso8859-4 iso88594 iso_8859-4 latin4 l4
iso8859-5: iso-8859-5 iso8859-5 iso88595 iso_8859-5 cyrillic csisolatincyrillic
iso8859-6: iso-8859-6 iso8859-6 iso88596 iso_8859-6 arabic asmo-708 ecma-114 iso-8859-6-e iso-8859-6-i
iso8859-7: iso-8859-7 iso8859-7 iso88597 iso_8859-7 greek greek8 ecma-118 elot_928 sun_eu_greek
iso8859-8: iso-8859-8 iso8859-8 iso88598 iso_8859-8 hebrew visual iso-8859-8-e iso-8859-8-i logical
iso8859-10: iso-8859-10 iso8859-10 latin6 l6
iso8859-13: iso-8859-13 iso8859-13
iso8859-14: iso-8859-14 iso8859-14
iso8859-15: iso-8859-15 iso8859-15 iso885915 iso_8859-15 latin-9 l9 csisolatin9
iso8859-16: iso-8859-16
koi8-r: koi8-r koi koi8 koi8_r cskoi8r
koi8-u: koi8-u koi8-ru
mac-roman: macintosh mac x-mac-roman csmacintosh
mac-cyrillic: x-mac-cyrillic x-mac-ukrainian
cp874: windows-874 dos-874 tis-620 iso-8859-11 iso8859-11
cp1250: windows-1250 cp1250 x-cp1250
cp1251: windows-1251 cp1251 x-cp1251 win-1251
cp1252: windows-1252 cp1252 x-cp1252 ascii us-ascii ansi_x3.4-1968
cp1252: iso-8859-1 iso8859-1 iso88591 iso_8859-1 latin1 latin-1 l1 cp819 ibm819
cp1253: windows-1253 cp1253 x-cp1253
cp1254: windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 iso88599 iso_8859-9 latin5 l5 csisolatin5
cp1255: windows-1255 cp1255 x-cp1255
cp1256: windows-1256 cp1256 x-cp1256
cp1257: windows-1257 cp1257 x-cp1257
cp1258: windows-1258 cp1258 x-cp1258
gb18030: gb18030 gbk gb2312 gb_2312 gb_2312-80 gb2312-80 x-gbk chinese csgb2312 iso-ir-58
big5hkscs: big5 big5-hkscs cn-big5 csbig5 x-x-big5
euc_jp: euc-jp euc_jp x-euc-jp cseucpkdfmtjapanese
iso2022_jp: iso-2022-jp csiso2022jp
cp932: shift_jis shift-jis sjis x-sjis ms_kanji ms932 windows-31j csshiftjis cp932
cp949: euc-kr euc_kr cseuckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean windows-949 uhc cp949
utf-16-le: utf-16 utf-16le unicode ucs-2 iso-10646-ucs-2 csunicode unicodefeff
utf-16-be: utf-16be unicodefffe
"""
_CODECS = {
    label: codec for codec, _, labels in (line.partition(": ") for line in _LABELS.split("\n")) for label in labels.split()
}
_DETECTED = {"gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs", "mac_cyrillic": "mac-cyrillic"}
_BY_LANGUAGE = {
    **dict.fromkeys(("ar", "fa"), "cp1256"),
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "ru", "sr", "tt", "uk"), "cp1251"),
    **dict.fromkeys(("cs", "hu", "pl", "sk", "sl"), "cp1250"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    "el": "iso8859-7",
    "he": "cp1255",
    "ja": "cp932",
    "ko": "cp949",
    "th": "cp874",
    "tr": "cp1254",
    "vi": "cp1258",
    "zh": "gb18030",
    "zh-tw": "big5hkscs",
    "zh-hk": "big5hkscs",
    "zh-hant": "big5hkscs",
}
"""What a browser in that language falls back to: https://html.spec.whatwg.org/#determining-the-character-encoding."""
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

# The patterns only ever see META_BYTES bytes, and their repeats are bounded.
_META = re.compile(rb"<meta[^>]{0,400}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"\s{0,99}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_LANG = re.compile(rb"<html[^>]{0,400}?\slang\s{0,9}=\s{0,9}[\"']?([A-Za-z-]{2,20})", re.IGNORECASE)


class Decoded(NamedTuple):
    """A page as text without NULs and lone surrogates, the Python codec, and how it was known.

    `how` is `bom`, `header`, `meta`, `valid` (it is valid UTF-8), `language`, `detected` or `fallback`.
    """

    text: str
    charset: str
    how: str


def decode_html(body: bytes, header_charset: str | None = None) -> Decoded:
    """Text of a page from its bytes and the charset of its HTTP header, if any. Never fails.

    What cannot be decoded becomes U+FFFD; NULs are dropped, as HTML parsers do.
    """
    decoded = _decode(body, header_charset)
    return decoded._replace(text=decoded.text.replace("\0", "")) if b"\0" in body else decoded


def _decode(body: bytes, header_charset: str | None) -> Decoded:
    for bom, codec in _BOMS:
        if body.startswith(bom):
            return Decoded(body[len(bom) :].decode(codec, "replace"), codec, "bom")
    utf8 = _strictly(body, "utf-8")
    claims = _claims(body, header_charset)
    for codec, how in claims:
        if codec == "utf-8" and utf8 is not None:
            return Decoded(utf8, codec, how)
        if codec != "utf-8" and not _is_utf8_after_all(body, utf8, codec) and (text := _strictly(body, codec)) is not None:
            return Decoded(text, codec, how)
    if utf8 is not None:
        return _detect_utf16(body) or Decoded(utf8, "utf-8", "valid")
    return _with_few_errors(body, claims) or _detect_utf16(body) or _with_few_errors(body, _by_language(body)) or _detect(body)


def html_utf8(body: bytes, header_charset: str | None = None) -> str | bytes:
    """The text of `decode_html`, or the very bytes where they are its UTF-8 already: most pages are never encoded again."""
    decoded = decode_html(body, header_charset)
    same = decoded.charset == "utf-8" and decoded.how in ("header", "meta", "valid") and b"\0" not in body
    # A declared UTF-8 with a few errors was decoded with replacements.
    return body if same and (len(decoded.text) == len(body) or "\ufffd" not in decoded.text) else decoded.text


def codec_of(label: str | None) -> str | None:
    """The Python codec that a label stands for on the web: `latin-1` is cp1252; None when nobody knows it."""
    return _CODECS.get(label.strip(" \t\r\n\"'").lower()) if label else None


def _claims(body: bytes, header_charset: str | None) -> list[tuple[str, str]]:
    """(codec, how) of the header and the page itself, in that order, without unknown labels."""
    claims = []
    if codec := codec_of(header_charset):
        claims.append((codec, "header"))
    start = body[:META_BYTES]
    if match := _META.search(start) or _XML.match(start):
        codec = codec_of(match[1].decode("ascii"))
        # A <meta> that could be read byte by byte is not in UTF-16.
        codec = "utf-8" if codec in ("utf-16-le", "utf-16-be") else codec
        if codec:
            claims.append((codec, "meta"))
    return claims


def _by_language(body: bytes) -> list[tuple[str, str]]:
    match = _LANG.search(body[:META_BYTES])
    language = match[1].decode("ascii").lower() if match else ""
    codec = _BY_LANGUAGE.get(language) or _BY_LANGUAGE.get(language.partition("-")[0])
    return [(codec, "language")] if codec else []


def _strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _is_utf8_after_all(body: bytes, utf8: str | None, codec: str) -> bool:
    """True when valid UTF-8 speaks against the claim. Pure ASCII never does, nor ISO-2022-JP, which is made of ASCII."""
    if utf8 is None or codec == "iso2022_jp" or (codec.startswith("utf-16") and b"\0" in body[:META_BYTES]):
        return False
    continuation_bytes = len(body) - len(utf8)
    two_byte = codec in ("gb18030", "big5hkscs", "euc_jp", "cp932", "cp949")
    return codec.startswith("utf-16") or continuation_bytes >= (CONVINCING_BYTES if two_byte else 1)


def _with_few_errors(body: bytes, claims: list[tuple[str, str]]) -> Decoded | None:
    """The first claim by which nearly all decodes: a page cut in the middle of a character, a stray byte in a long page."""
    if not claims:
        return None
    high = len(body) - len(body.translate(None, _HIGH))
    for codec, how in claims:
        text = body.decode(codec, "replace")
        if text.count("\ufffd") <= BAD_SHARE * high:
            return Decoded(text, codec, how)
    return None


_HIGH = bytes(range(0x80, 0x100))


def _detect(body: bytes) -> Decoded:
    from resiliparse.parse.encoding import detect_encoding

    name = detect_encoding(body[:DETECT_BYTES])
    codec = _DETECTED.get(name, codec_of(name) or codec_of(name.replace("_", "-"))) if name else None
    text = body.decode(codec or "cp1252", "replace")
    if codec in ("utf-8", "ascii") and text.count("\ufffd") * 10 > len(text):
        codec, text = None, body.decode("cp1252", "replace")
    return Decoded(text, codec or "cp1252", "detected" if codec else "fallback")


def _detect_utf16(body: bytes) -> Decoded | None:
    """UTF-16 without a mark: markup has a NUL in every second byte."""
    start = body[:512]
    if start.count(0) * 3 < len(start) or len(start) < 4:
        return None
    codec = "utf-16-be" if start[::2].count(0) > start[1::2].count(0) else "utf-16-le"
    return Decoded(body.decode(codec, "replace"), codec, "detected")

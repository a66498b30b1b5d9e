"""`redact`: what is replaced, what is left on purpose, what is counted."""

from __future__ import annotations

import ipaddress
import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpus_forge.steps.redact import RedactStep


def outcome_of(*texts: str | None, **parameters):
    batch = pa.record_batch({"text": pa.array(texts, pa.large_string())})
    return RedactStep.model_validate(parameters).start()(batch)


def redacted(text: str, *kinds: str, **parameters) -> str:
    return outcome_of(text, kinds=list(kinds), **parameters).batch["text"][0].as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to foo@bar.com.", "Write to <EMAIL>."),
        ("<a.b+c@d-e.co.uk>, x_y@z.org", "<<EMAIL>>, <EMAIL>"),
        ("foo@bar.com,baz@qux.net", "<EMAIL>,<EMAIL>"),
        ("请联系foo@bar.com谢谢", "请联系<EMAIL>谢谢"),
        ("josé@exämple.fr", "<EMAIL>"),
        ("a@b.xn--p1ai!", "<EMAIL>!"),
        ("'o'brien@mail.example.org'", "'<EMAIL>'"),
        ("mailto:me@sub.example.com?subject=x", "mailto:<EMAIL>?subject=x"),
        ("user@host and @handle and a@b.c", "user@host and @handle and a@b.c"),
        ("foo at bar dot com", "foo at bar dot com"),
        ("pkg@1.2.3", "pkg@1.2.3"),
    ],
)
def test_email(text, expected):
    assert redacted(text, "email") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.8.8.8", "<IP>"),
        ("1.2.3.4 5.6.7.8 9.10.11.12.", "<IP> <IP> <IP>."),
        ("1.2.3.4\n5.6.7.8,9.9.9.9;0.0.0.0", "<IP>\n<IP>,<IP>;<IP>"),
        ("(127.0.0.1) 10.0.0.1:8080 8.8.8.8/24 1.2.3.4...", "(<IP>) <IP>:8080 <IP>/24 <IP>..."),
        ("访问8.8.4.4谢谢", "访问<IP>谢谢"),
        ("v1.2.3.4 1.2.3.4.5 1.2.3.4.5.6.7.8 1.2.3.4b", "v1.2.3.4 1.2.3.4.5 1.2.3.4.5.6.7.8 1.2.3.4b"),
        ("256.1.1.1 01.2.3.4 1.2.3 1.2.3.400", "256.1.1.1 01.2.3.4 1.2.3 1.2.3.400"),
        ("255.255.255.255", "<IP>"),
        ("openresty/1.9.7.1 http://1.9.7.1/x 1.2.3.4/5.6.7.8 /1.2.3.4", "openresty/1.9.7.1 http://<IP>/x <IP>/<IP> /<IP>"),
    ],
)
def test_ipv4(text, expected):
    assert redacted(text, "ip") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2001:db8::1 fe80::1%eth0", "<IP> <IP>"),
        ("[2001:4860:4860::8888]:443", "[<IP>]:443"),
        ("at 2001:db8:0:0:0:0:0:1.", "at <IP>."),
        ("from 2a00:1450:4001:81b::200e: ok", "from <IP>: ok"),
        ("::1 and ::ffff:1.2.3.4", "<IP> and <IP>"),
        ("2001:: fd12:3456:789a:1::/64", "<IP> <IP>/64"),
        ("std::vector dead::beef a::b ::", "std::vector dead::beef a::b ::"),
        ("12:30:45 00:1a:2b:3c:4d:5e 1:2:3:4:5:6:7:8", "12:30:45 00:1a:2b:3c:4d:5e 1:2:3:4:5:6:7:8"),
        ("2001:db8:1:2:3:4:5:6:7", "2001:db8:1:2:3:4:5:6:7"),
    ],
)
def test_ipv6(text, expected):
    assert redacted(text, "ip") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+44 20 7946 0958, +1 (415) 555-2671; +4915112345678.", "<PHONE>, <PHONE>; <PHONE>."),
        ("+44 (0)20 7946 0958", "<PHONE>"),
        ("+1.415.555.2671", "<PHONE>"),
        ("(415) 555-2671 or 415-555-2671 or 415.555.2671", "<PHONE> or <PHONE> or <PHONE>"),
        ("1-800-555-0199", "<PHONE>"),
        ("Tel.: 030 1234567, Fax 089/123456", "Tel.: <PHONE>, Fax <PHONE>"),
        ("Tél. 01 23 45 67 89", "Tél. <PHONE>"),
        ("电话：010-12345678", "电话：<PHONE>"),
        ("Mobile: 07700 900123", "Mobile: <PHONE>"),
        ("mobile 5000000 users, hotel 1234567", "mobile 5000000 users, hotel 1234567"),
        ("2024-11-20 978-3-16-148410-0 12345678901", "2024-11-20 978-3-16-148410-0 12345678901"),
        ("+1.2345678% and +1 234 567", "+1.2345678% and +1 234 567"),
        ("415-555-2671-99 x415-555-2671", "415-555-2671-99 x415-555-2671"),
        ("+12345678901234567890", "+12345678901234567890"),
    ],
)
def test_phone(text, expected):
    assert redacted(text, "phone") == expected


_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ORACLE = re.compile(rf"(?<![\w.])(?<![A-Za-z_]/){_OCTET}(?:\.{_OCTET}){{3}}(?=\Z|[^\w.]|\.+(?:\Z|[^\w.]))", re.ASCII)
_PIECES = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.sampled_from(["1.2.3.4", "1", "256", "v1", "a", "1.2.3", "9.9.9.9.9"]),
    st.sampled_from([" ", ".", "..", ",", "\n", "/", ":", ". ", "x"]),
)


@given(st.lists(_PIECES, max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_two_passes_with_context_equal_one_with_lookaround_in_text_and_count(text):
    expected, count = _ORACLE.subn("<IP>", text)
    outcome = outcome_of(text, kinds="ip")
    assert outcome.batch["text"][0].as_py() == expected
    assert outcome.cleaned == ({"ip": count} if count else {})


@given(st.ip_addresses(v=4))
@settings(max_examples=200, deadline=None)
def test_public_ips_only_agrees_with_the_registry_of_the_standard_library(address):
    if address in ipaddress.ip_network("192.0.0.0/24"):
        return  # Releases of Python differ on the two anycast addresses in it.
    public = address.is_global and not address.is_multicast
    assert (redacted(f"at {address}.", "ip", public_ips_only=True) == "at <IP>.") == public


@given(st.ip_addresses(v=6, network="2000::/3"), st.booleans())
@settings(max_examples=100, deadline=None)
def test_every_global_ipv6_address_is_found_however_it_is_written(address, exploded):
    written = address.exploded if exploded else str(address)
    for public in (False, True):
        assert redacted(f"({written})", "ip", public_ips_only=public) == "(<IP>)"


def test_public_ips_only_leaves_local_ipv6():
    assert redacted("fe80::1 ::1 2001:4860::1", "ip", public_ips_only=True) == "fe80::1 ::1 <IP>"


def test_counts_by_kind_over_the_batch_and_rows_without_a_find_are_untouched():
    outcome = outcome_of(
        "a@b.co 1.2.3.4 1.2.3.4", None, "nothing", "+44 20 7946 0958 c@d.org", "", kinds=["phone", "ip", "email"]
    )
    assert outcome.batch["text"].to_pylist() == ["<EMAIL> <IP> <IP>", None, "nothing", "<PHONE> <EMAIL>", ""]
    assert outcome.cleaned == {"email": 2, "ip": 2, "phone": 1}
    assert not outcome.removed
    assert outcome.batch.schema.field("text").type == pa.large_string()


def test_only_the_kinds_asked_for_are_replaced():
    assert redacted("a@b.co 1.2.3.4", "ip") == "a@b.co <IP>"


def test_replacement_is_taken_as_written():
    assert redacted("a@b.co", "email", replacement={"email": r"\1\\0$1"}) == r"\1\\0$1"


def test_order_of_kinds_and_default_tokens_do_not_change_the_identity():
    plain = RedactStep.model_validate({"kinds": ["email", "ip"]}).identity()
    assert RedactStep.model_validate({"kinds": ["ip", "email", "ip"], "replacement": {"ip": "<IP>"}}).identity() == plain
    assert RedactStep.model_validate({"kinds": ["ip", "email"], "replacement": {"ip": "X"}}).identity() != plain


def test_unknown_kind_and_idle_replacement_are_refused():
    with pytest.raises(ValidationError, match="kinds"):
        RedactStep.model_validate({"kinds": ["iban"]})
    with pytest.raises(ValidationError, match=r"nothing to replace\. Give at least one of secret, email, ip, phone"):
        RedactStep.model_validate({"kinds": []})
    with pytest.raises(ValidationError, match="replacement for 'phone', which is not in kinds"):
        RedactStep.model_validate({"kinds": ["ip"], "replacement": {"phone": "x"}})


MEGABYTE = 1 << 20


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a@",
        "a.",
        "a@b.",
        "a@b.c-",
        "1.",
        "1.2.3.4.",
        "1.2.3.4 ",
        "1:",
        "2001:",
        "2001::",
        "+1 2",
        "+1-",
        "tel ",
        "(2",
        "0 ",
    ],
)
def test_a_hostile_megabyte_takes_linear_time(unit):
    """Quadratic work on it would take hours; the timeout is the assertion."""
    text = unit * (MEGABYTE // len(unit))
    outcome = outcome_of(text, kinds=["email", "ip", "phone"])
    assert len(outcome.batch) == 1

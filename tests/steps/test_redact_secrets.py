"""`redact: secret`: every form on both sides of its edge, key files, what stays, and columns with counts.

The secrets are made up; they are put together here so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import pyarrow as pa
import pytest

from corpus_forge.config.columns import check_columns
from corpus_forge.pipeline import Pipeline
from corpus_forge.steps.redact import RedactStep
from corpus_forge.steps.redact_secrets import TOKENS

LETTERS = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8" * 5
UPPER = "ABCDEFGHIJKLMNOP234567QRSTUV"
HEX = "0123456789abcdef" * 4
EXAMPLES = {
    "AWS access key id": ["AKIA" + UPPER[:16], "ASIA" + UPPER[-16:]],
    "GitHub token": ["ghp_" + LETTERS[:36], "ghs_" + LETTERS[:40]],
    "GitHub fine-grained token": ["github_pat_" + LETTERS[:22] + "_" + LETTERS[:59]],
    "GitLab token": ["glpat-" + LETTERS[:20], "glpat-" + LETTERS[:27] + ".01." + LETTERS[:9]],
    "Slack token": ["xoxb-" + "1234567890-1234567890-" + LETTERS[:24], "xapp-1-" + UPPER[:11] + "-123456-" + HEX],
    "Slack webhook": ["https://hooks.slack.com/" + f"services/T{UPPER[:8]}/B{UPPER[:8]}/{LETTERS[:24]}"],
    "Google key": ["AIza" + LETTERS[:34] + "-", "GOCSPX-" + LETTERS[:28]],
    "Stripe key": ["sk_live_" + LETTERS[:24], "rk_test_" + LETTERS[:16], "whsec_" + LETTERS[:32]],
    "Twilio, SendGrid or Mailgun key": ["SK" + HEX[:32], f"SG.{LETTERS[:22]}.{LETTERS[:43]}", "key-" + HEX[:32]],
    "npm or PyPI token": ["npm_" + LETTERS[:36], "pypi-AgEIcHlwaS5vcmc" + LETTERS[:60]],
    "Hugging Face, OpenAI or Anthropic key": [
        "hf_" + "abcdefghijklmnopqrstuvwxyzABCDEFGH", f"sk-{LETTERS[:20]}T3BlbkFJ{LETTERS[:20]}",
        f"sk-proj-{LETTERS[:40]}T3BlbkFJ{LETTERS[:40]}", f"sk-ant-api03-{LETTERS[:93]}AA",
    ],
    "Telegram bot token": ["123456789:AA" + LETTERS[:33]],
    "JSON Web Token": [f"eyJ{LETTERS[:20]}.eyJ{LETTERS[:30]}.{LETTERS[:43]}"],
}  # fmt: skip
BODY = "\n".join(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"] * 3) + "\nMzEfYyjiWA4=\n"


def armour(kind: str) -> tuple[str, str]:
    return f"-----BEGIN {kind}-----\n", f"-----END {kind}-----"


def outcome_of(*texts: str | None, **parameters):
    batch = pa.record_batch({"text": pa.array(texts, pa.large_string())})
    return RedactStep.model_validate({"kinds": "secret", **parameters}).start()(batch)


def redacted(text: str, **parameters) -> str:
    return outcome_of(text, **parameters).batch["text"][0].as_py()


def test_every_form_has_an_example():
    assert EXAMPLES.keys() == TOKENS.keys()


@pytest.mark.parametrize("secret", [example for examples in EXAMPLES.values() for example in examples])
def test_tokens_are_replaced_wherever_they_stand_alone_and_nowhere_else(secret):
    assert redacted(f"key={secret}") == "key=<SECRET>"
    assert redacted(f'"{secret}", {secret};') == '"<SECRET>", <SECRET>;'
    outcome = outcome_of(f"{secret} {secret}\n{secret}")
    assert outcome.batch["text"][0].as_py() == "<SECRET> <SECRET>\n<SECRET>"
    assert outcome.cleaned == {"secret": 3}
    if not secret.startswith("https"):
        assert redacted(f"x{secret}") == f"x{secret}"
    short = secret[: -max(len(secret) // 2, 1)]
    assert redacted(short) == short


@pytest.mark.parametrize(
    "kind",
    [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ],
)
def test_key_files(kind):
    begin, end = armour(kind)
    assert redacted(f"before\n{begin}{BODY}{end}\nafter") == "before\n<SECRET>\nafter"
    headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011223344\n\n"
    assert redacted(f"{begin}{headers}{BODY}{end}") == "<SECRET>"
    assert redacted((f'k = "{begin}{BODY}{end}\n"').replace("\n", "\\n")) == 'k = "<SECRET>\\n"'
    assert redacted(f"{begin}{BODY}").strip() == "<SECRET>"


def test_two_key_files_are_two_and_what_lies_between_stays():
    begin, end = armour("PRIVATE KEY")
    outcome = outcome_of(f"{begin}{BODY}{end}\nis not\n{begin}{BODY}{end}")
    assert outcome.batch["text"][0].as_py() == "<SECRET>\nis not\n<SECRET>"
    assert outcome.cleaned == {"secret": 2}


def test_public_keys_and_talk_of_private_ones_stay():
    begin, end = armour("PUBLIC KEY")
    first, last = (line.strip() for line in armour("PRIVATE KEY"))
    for text in (
        f"{begin}{BODY}{end}",
        f"A file begins with `{first}`, it says. Then comes text.\nAnd `{last}`.",
    ):
        assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws_secret_access_key = " + LETTERS[:40], "aws_secret_access_key = <SECRET>"),
        (f'"SecretAccessKey": "{LETTERS[:40]}"', '"SecretAccessKey": "<SECRET>"'),
        (f"AWS_SECRET_KEY={LETTERS[:38]}/+\n", "AWS_SECRET_KEY=<SECRET>\n"),
        (LETTERS[:40], LETTERS[:40]),
        ("aws_secret_access_key = " + LETTERS[:41], "aws_secret_access_key = " + LETTERS[:41]),
        ("postgres://me:s3cr%40t@db.example.org:5432/x", "postgres://me:<SECRET>@db.example.org:5432/x"),
        ("https://:tok@h and redis://u:p@h/0", "https://:<SECRET>@h and redis://u:<SECRET>@h/0"),
        (
            "http://host:8080/a@b and mailto:a@b.org, ssh://git@github.com",
            "http://host:8080/a@b and mailto:a@b.org, ssh://git@github.com",
        ),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("key-value-store sk-learn npm_config xoxo- eyJ.eyJ.x", "key-value-store sk-learn npm_config xoxo- eyJ.eyJ.x"),
    ],
)
def test_labels_urls_and_what_stays(text, expected):
    assert redacted(text) == expected


def test_a_password_goes_before_it_looks_like_a_mailbox():
    assert redacted("https://me:pass@mail.example.org/", kinds=["email", "secret"]) == "https://me:<SECRET>@mail.example.org/"


def test_counts_are_columns_of_every_batch():
    key = EXAMPLES["GitHub token"][0]
    outcome = outcome_of(f"{key} a@b.org", None, "nothing", f"{key} {key}", kinds=["email", "secret"], counts=True)
    assert outcome.batch["redacted_secret"].to_pylist() == [1, 0, 0, 2]
    assert outcome.batch["redacted_email"].to_pylist() == [1, 0, 0, 0]
    assert outcome.cleaned == {"secret": 3, "email": 1}
    assert outcome_of(counts=True).batch.schema.names == ["text", "redacted_secret"]
    assert outcome_of("a@b.org", kinds="email").batch.schema.names == ["text"]


def test_a_rule_over_counts_needs_them():
    steps = [{"redact": {"kinds": ["secret"], "counts": True}}, {"select": {"columns": {"redacted_secret": [None, 5]}}}]
    pipeline = {"name": "x", "sources": [{"name": "s", "format": "jsonl", "paths": ["x.jsonl"]}], "steps": steps}
    assert not check_columns(Pipeline.from_dict(pipeline).config)
    steps[0]["redact"]["counts"] = False
    [problem] = check_columns(Pipeline.from_dict(pipeline).config)
    assert "redacted_secret" in str(problem)

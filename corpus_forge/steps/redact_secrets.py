r"""What private keys, access tokens and passwords in URLs look like, as RE2 expressions for the step `redact`.

Precision before recall, as in redact_patterns.py: a secret is known by the prefix that its issuer gives it, by the armour of
a key file, or by the label that it needs. Entropy is not measured, because hashes, ids and data in base64 have as much of it;
so a bare AWS secret key or a password in a sentence stays. Forms are those of the issuers' documents where they publish them,
else of gitleaks (https://github.com/gitleaks/gitleaks, config/gitleaks.toml, MIT), written anew for RE2 without lookaround.
Counted repetitions have no upper end where the form allows: RE2 unrolls them, and a token is over where its letters are.
"""

from __future__ import annotations

_WORD = "0-9A-Za-z_"

TOKENS = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids (base32)
    "AWS access key id": "(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    # https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
    "GitHub token": "gh[pousr]_[0-9A-Za-z]{36,}",
    "GitHub fine-grained token": "github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}",
    # https://docs.gitlab.com/security/tokens/#token-prefixes
    "GitLab token": "gl(?:pat|dt|rt|cbt|ptt|soat|ft|imt|agent)-[0-9A-Za-z_-]{20,}(?:\\.[0-9A-Za-z_.-]{9,})?",
    # https://docs.slack.dev/authentication/tokens
    "Slack token": "xox[abeoprs](?:\\.xox[bp])?-[0-9]+-[0-9A-Za-z-]{16,}|xapp-[0-9]-[0-9A-Z]+-[0-9]+-[0-9a-f]{32,}",
    "Slack webhook": "https://hooks\\.slack\\.com/(?:services|workflows|triggers)/[0-9A-Z]{8,}/[0-9A-Z]{8,}/[0-9A-Za-z]{16,}",
    # gitleaks: gcp-api-key; https://developers.google.com/identity/protocols/oauth2 (client secret)
    "Google key": "AIza[0-9A-Za-z_-]{35}|GOCSPX-[0-9A-Za-z_-]{28}",
    # https://docs.stripe.com/keys
    "Stripe key": "(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z]{32,}",
    # https://www.twilio.com/docs/glossary/what-is-an-api-key; gitleaks: sendgrid-api-token, mailgun-private-api-token
    "Twilio, SendGrid or Mailgun key": "SK[0-9a-f]{32}|SG\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z_-]{43}|key-[0-9a-f]{32}",
    # https://github.blog/2021-09-23-announcing-npms-new-access-token-format/; gitleaks: pypi-upload-token
    "npm or PyPI token": "npm_[0-9A-Za-z]{36}|pypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{50,}",
    # https://huggingface.co/docs/hub/security-tokens; gitleaks: openai-api-key, anthropic-api-key
    "Hugging Face, OpenAI or Anthropic key": "hf_[A-Za-z]{34}|sk-[0-9A-Za-z_-]{20,}T3BlbkFJ[0-9A-Za-z_-]{20,}"
    "|sk-ant-(?:api|admin|oat)[0-9]{2}-[0-9A-Za-z_-]{80,}",
    # https://core.telegram.org/bots/api#authorizing-your-bot; gitleaks: telegram-bot-api-token
    "Telegram bot token": "[0-9]{8,10}:AA[0-9A-Za-z_-]{33}",
    # RFC 7519, RFC 7515: two JSON objects in base64url, which begin with {", and a signature
    "JSON Web Token": "eyJ[0-9A-Za-z_-]{10,}\\.eyJ[0-9A-Za-z_-]{10,}\\.[0-9A-Za-z_-]{10,}",
}
"""By what it is, the form; a token stands alone between signs that no token has."""

_END = r"-----END[A-Z0-9 ]{1,40}KEY(?: BLOCK)?-----"
_BASE64 = r"(?:[0-9A-Za-z+/=\s]|\\[nr])"
_KEY_FILE = (
    r"()-----BEGIN[A-Z0-9 ]{0,40} PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])*(?:[A-Za-z-]{1,40}: [^\n]*\n)*"
    rf"(?:{_BASE64}*{_END}|[0-9A-Za-z+/=]{{40}}{_BASE64}*)()"
)
"""RFC 7468 and RFC 4880 armour, also as one line with `\\n` in it; where the end is missing, what base64 follows."""
_LABEL = r"(?i:aws_?secret_?(?:access_?)?key|secretaccesskey)[\"']?\s{0,3}(?:[:=]|=>)\s{0,3}[\"']?"
_LABELLED = rf"({_LABEL})[0-9A-Za-z+/]{{40}}($|[^0-9A-Za-z+/=])"
_IN_URL = r"([A-Za-z][0-9A-Za-z+.-]*://[^\s/:@?#<>\"']*:)[^\s/:@?#<>\"']+(@)"
"""RFC 3986, 3.2.1: `scheme://user:password@host`; the password alone is replaced."""


def secret_patterns() -> list[str]:
    """RE2 expressions in the order to apply them; groups 1 and 2 are the context to put back."""
    token = "|".join(TOKENS.values())
    return [_KEY_FILE, rf"(^|[^{_WORD}])(?:{token})($|[^{_WORD}-])", _LABELLED, _IN_URL]

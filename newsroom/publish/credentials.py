"""Secrets that programs write: keys and tokens that can be told by their form.

A short list of those with a form of their own, from gitleaks' rules (github.com/gitleaks/gitleaks) and the services'
own pages; a pattern that also fits other things would stop releases for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What is told, what such a secret begins with or holds, its whole form.
_FORMS: tuple[tuple[str, tuple[bytes, ...], re.Pattern[bytes]], ...] = tuple(
    (told, held, re.compile(form))
    for told, held, form in (
        # RFC 7468; OpenSSH's PROTOCOL.key; RFC 9580 for OpenPGP
        ("a private key", (b"PRIVATE KEY",), rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"),
        # jedisct1.github.io/minisign: "Ed", the kind of its lock, "B2", in Base64
        ("a minisign secret key", (b"RWRTY0Iy", b"RWQAAEIy"), rb"\bRW(?:RTY0|QAAE)Iy[A-Za-z0-9+/]{60}"),
        # github.com/FiloSottile/age
        ("an age secret key", (b"AGE-SECRET-KEY-1",), rb"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
        # docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        ("an AWS access key", (b"AKIA", b"ASIA", b"ABIA", b"ACCA"), rb"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
        # github.blog/2021-04-05-behind-githubs-new-authentication-token-formats
        ("a GitHub token", (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"), rb"\bgh[pousr]_[0-9A-Za-z]{36}\b"),
        ("a GitHub token", (b"github_pat_",), rb"\bgithub_pat_\w{82}\b"),
        # docs.gitlab.com/security/tokens
        ("a GitLab token", (b"glpat-", b"gldt-", b"glrt-"), rb"\bgl(?:pat|dt|rt)-[\w-]{20}"),
        # api.slack.com/authentication/token-types
        ("a Slack token", (b"xox",), rb"\bxox[abeprs]-[0-9A-Za-z-]{20,}"),
        ("a Slack webhook", (b"hooks.slack.com",), rb"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{40,}"),
        # cloud.google.com/docs/authentication/api-keys
        ("a Google API key", (b"AIza",), rb"\bAIza[\w-]{35}\b"),
        ("a Google secret", (b"GOCSPX-",), rb"\bGOCSPX-[\w-]{28}\b"),
        # docs.stripe.com/keys
        ("a Stripe key", (b"k_live_",), rb"\b[rs]k_live_[0-9A-Za-z]{20,}"),
        # core.telegram.org/bots/api
        ("a Telegram bot's token", (b":AA",), rb"\b[0-9]{8,10}:AA[\w-]{33}\b"),
        # docs.npmjs.com/about-access-tokens; pypi.org/help; docs.netlify.com
        ("an npm token", (b"npm_",), rb"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a PyPI token", (b"pypi-AgE",), rb"\bpypi-AgE[\w-]{50,}"),
        ("a Netlify token", (b"nfp_",), rb"\bnfp_[A-Za-z0-9]{36}\b"),
    )
)


def credentials(data: bytes) -> Iterator[tuple[str, int]]:
    """What looks like a secret, and where it begins."""
    for told, held, form in _FORMS:
        if any(each in data for each in held):
            yield from ((told, match.start()) for match in form.finditer(data))

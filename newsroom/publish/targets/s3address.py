"""Where a bucket is and whose keys open it: what `publish_to` says, and what the environment and AWS's files say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from newsroom.publish.manifest import is_inside
from newsroom.publish.targets.base import PublishFailed

if TYPE_CHECKING:
    from obstore.store import S3Config

_FORM = "write it as 's3://bucket/folder?endpoint=https://…&region=…', of which the bucket is enough"

# How obstore gets keys that lie in no file: a container's role, a cluster's, a machine's.
_ROLES = (
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_METADATA_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)


@dataclass(frozen=True)
class Address:
    """A bucket, and the folder in it; "" where the whole bucket is the site. No endpoint stands for Amazon's."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def read_address(written: str) -> Address:
    """The address that a setting holds. Raises PublishFailed."""
    try:
        parts = urlsplit(written)
        more = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        if "@" in parts.netloc:
            raise _wrong("s3://", "holds keys", "put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead")
        endpoint = urlsplit(more.get("endpoint", ""))
    except ValueError:
        raise _wrong(written, "is no address", _FORM) from None
    prefix = unquote(parts.path).strip("/")
    if parts.scheme != "s3" or not parts.netloc or parts.fragment or not (prefix == "" or is_inside(prefix)):
        raise _wrong(written, "is no address of a bucket", _FORM)
    if unknown := sorted(more.keys() - {"endpoint", "region"}):
        raise _wrong(written, f"says {unknown[0]!r}, which means nothing", _FORM)
    if endpoint.scheme == "http" and not _is_loopback(endpoint.hostname or ""):
        raise _wrong(written, "would send everything unencrypted", "write https:// before its endpoint")
    if "endpoint" in more and (endpoint.scheme not in ("http", "https") or not endpoint.hostname):
        raise _wrong(written, "has an endpoint that is no web address", _FORM)
    return Address(parts.netloc, prefix, more.get("endpoint", "").rstrip("/"), more.get("region", ""))


def _wrong(written: str, what: str, remedy: str) -> PublishFailed:
    return PublishFailed(f"publish_to {written!r} {what}; {remedy}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keys(name: str, environment: Mapping[str, str] = os.environ) -> S3Config:
    """What obstore does not find itself: the keys of the profile that AWS_PROFILE names in ~/.aws/credentials. Nothing
    where it finds some. Raises PublishFailed where nobody would."""
    if environment.get("AWS_ACCESS_KEY_ID") and environment.get("AWS_SECRET_ACCESS_KEY"):
        return {}
    profile = environment.get("AWS_PROFILE") or "default"
    if found := _profile(environment, profile):
        made: S3Config = {
            "access_key_id": found.get("aws_access_key_id", ""),
            "secret_access_key": found.get("aws_secret_access_key", ""),
        }
        if token := found.get("aws_session_token"):
            made["session_token"] = token
        return made
    if any(environment.get(role) for role in _ROLES):
        return {}
    remedy = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or keep them in ~/.aws/credentials"
    raise PublishFailed(f"{name}: no keys open it; {remedy}")


def _profile(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """A section of AWS's file of keys; nothing where there is none."""
    parser = ConfigParser(interpolation=None)
    file = Path(environment.get("HOME") or Path.home()) / ".aws" / "credentials"
    try:
        parser.read(environment.get("AWS_SHARED_CREDENTIALS_FILE") or file, encoding="utf-8")
    except (Error, UnicodeDecodeError):
        return {}
    return dict(parser[name]) if parser.has_section(name) else {}

"""What publishing asks of the other rooms: the wiring of a built site and its hosts, without Pelican."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from newsroom.config import Config, located
from newsroom.errors import BuildFailed, Problem, did_you_mean
from newsroom.files import write_atomic
from newsroom.fronts.addresses import redirect
from newsroom.publish import headers
from newsroom.publish.addresses import LEDGER, joined, read_addresses, vanished
from newsroom.publish.assemble import FOLDER, Facts
from newsroom.publish.downloads import WHOLE, months, write_zip
from newsroom.publish.keyfiles import House, load_keys, refuse_inside, sign_release
from newsroom.publish.keys import KEYS, KEYS_SIGNATURE, Keys, check_release
from newsroom.publish.manifest import MANIFEST, SIGNATURE, File, Manifest, decode
from newsroom.publish.publish import Steps, publish
from newsroom.publish.scan import scan
from newsroom.publish.servers import SERVERS, headers_file, render
from newsroom.publish.targets.base import KeepsReleases, Limits, Progress, PublishFailed, Release, Target
from newsroom.publish.targets.make import make_target
from newsroom.site import Site
from newsroom.unpublished import gone, release_rules


def publish_site(
    site: Site, output: Path, names: Iterable[str], progress: Progress, dry_run: bool, signature: Path | None
) -> int:
    """Publish these files of a built site to the places that its settings name; answers the exit status. `signature`
    is that of the release that was put together last, made elsewhere."""
    config = site.config
    if not config.newsroom.publish_to:
        print(
            f"The site is ready in {output.name}/, but NEWSROOM['publish_to'] in pelicanconf.py is empty; set it to a "
            "folder, ssh://, s3:// or git+https://, or copy the folder to your host yourself.",
            file=sys.stderr,
        )
        return 1
    built = {name: output / name for name in names}
    signer = Signer(config, signature)
    places = targets(config)
    return publish(places, built, _facts(site), _steps(site, signer, progress), signer.time, progress, dry_run)


def targets(config: Config) -> Sequence[Target]:
    """The places that the site is published to. Raises BuildFailed where a setting names none."""
    made: list[Target] = []
    problems: list[Problem] = []
    for setting in config.newsroom.publish_to:
        try:
            made.append(make_target(setting))
        except PublishFailed as failed:
            message, _, remedy = str(failed).partition("; ")
            problems.append(located(("publish_to", f"NEWSROOM: 'publish_to': {message}", remedy), os.environ))
    if problems:
        raise BuildFailed(problems, "nothing was published")
    return made


@dataclass(frozen=True)
class Signer:
    """The newsroom's signature under a release: by the key that `signing_key` names, or one that was made elsewhere, of
    the release that lies in FOLDER."""

    config: Config
    signature: Path | None

    @cached_property
    def keys(self) -> tuple[bytes, bytes, Keys] | None:
        """The list of keys and its signature; None where the newsroom has none. Raises PublishFailed."""
        root = self.config.newsroom.root_key
        return load_keys(self._house, root) if root else None

    @cached_property
    def time(self) -> int:
        """When this release is made, in seconds since 1970: that of the signed one, which is put together again."""
        if self.signature is None:
            return int(self.config.now.timestamp())
        try:
            return decode((FOLDER / MANIFEST).read_bytes()).time
        except (OSError, ValueError):
            message = f"{FOLDER / MANIFEST} is not there: {self.signature} signs nothing that can be published"
            raise PublishFailed(
                f"{message}; publish without it, and sign the {MANIFEST} that lies there then"
            ) from None

    def genuine(self, manifest: bytes, signature: bytes | None) -> str:
        """Why a release is not this newsroom's; "" where it is, or where nobody could tell."""
        if self.keys is None:
            return ""
        if signature is None:
            return f"it has no {SIGNATURE}"
        try:
            check_release(manifest, signature, self.keys[2])
        except ValueError as error:
            return str(error).partition(";")[0]
        return ""

    def sign(self, manifest: bytes) -> bytes | None:
        """The signature of a manifest; None where the newsroom has no keys. Raises PublishFailed."""
        if self.keys is None:
            return None
        signed = self._signature(manifest)
        try:
            check_release(manifest, signed, self.keys[2])
        except ValueError as error:
            raise PublishFailed(str(error)) from None
        return signed

    def _signature(self, manifest: bytes) -> bytes:
        key = self.config.newsroom.signing_key
        if self.signature is not None:
            try:
                return self.signature.read_bytes()
            except OSError as error:
                raise PublishFailed(f"{self.signature} cannot be read ({error.strerror}); name the signature") from None
        if not key:
            message = f"the release waits for its signature: run `minisign -S -l -m {MANIFEST}` where the key is, on"
            again = f"`python3 tasks.py publish --signature {SIGNATURE}`"
            raise PublishFailed(f"{message} {FOLDER / MANIFEST}; then {again}, or set NEWSROOM['signing_key']")
        refuse_inside(Path(key).expanduser(), self.config.content.parent)
        comment = f"release {decode(manifest).version} of {self.config.url}"
        return sign_release(manifest, Path(key).expanduser(), _ask("Passphrase of the release key: "), comment)

    @property
    def _house(self) -> House:
        return house(self.config)


def last_release() -> Manifest | None:
    """The release that was put together here last; None where there is none."""
    try:
        return decode((FOLDER / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None


def roll_back(config: Config, to: int | None) -> int:
    """Give readers the release before at every place that keeps releases; answers the exit status."""
    places = [place for place in targets(config) if isinstance(place, KeepsReleases)]
    if not places:
        raise PublishFailed("only a host that is reached by ssh keeps releases; restore the files, and publish again")
    status = 0
    for place in places:
        try:
            print(f"{place.name}: {place.rollback(to)}")
        except PublishFailed as failed:
            print(failed, file=sys.stderr)
            status = 1
    return status


def server_settings(site: Site, server: str, onion: bool) -> str:
    """What a web server is to be told. Raises PublishFailed for one that is not known."""
    if server not in SERVERS:
        remedy = did_you_mean(server, SERVERS, f"name one of {', '.join(SERVERS)}")
        raise PublishFailed(f"--server {server!r} is not known; {remedy}")
    redirects = {redirect(alias): entry.url for entry in site.public.values() for alias in entry.aliases}
    return render(server, _headers_facts(site.config, onion), redirects, gone(site))


def _headers_facts(config: Config, at_onion: bool) -> headers.Site:
    return headers.Site(config.url, config.newsroom.onion, at_onion, config.static)


def house(config: Config) -> House:
    """Where the newsroom's keys belong."""
    return House(config.content.parent, config.content, config.url, int(config.now.timestamp()))


def _ask(prompt: str) -> Callable[[], str]:
    def ask() -> str:
        if not sys.stdin.isatty():
            raise PublishFailed("the release key has a passphrase, and nobody is here to type it; publish by hand")
        return getpass.getpass(prompt)

    return ask


def _facts(site: Site) -> Facts:
    config, newsroom = site.config, site.config.newsroom
    return Facts(config.url, newsroom.mirrors, newsroom.release_days, config.static, frozenset(gone(site)))


def _steps(site: Site, signer: Signer, progress: Progress) -> Steps:
    content, config = site.config.content, site.config

    def look_through(release: Release, before: Manifest | None, limits: Sequence[Limits]) -> list[Problem]:
        live = before.files if before else ()
        path, ledger = f"{content.name}/{LEDGER}", read_addresses(_ledger(content))
        return [
            *scan(release.folder, release_rules(site, limits, (*ledger, *live)), progress),
            *vanished(ledger, path, live, release.manifest.files),
        ]

    def remember(manifest: Manifest) -> None:
        text = _ledger(content)
        if (new := joined(text, manifest.files)) != text:
            write_atomic(content / LEDGER, new.encode())

    def more(folder: Path, files: Mapping[str, File]) -> Iterator[tuple[str, bytes | None]]:
        if signer.keys is not None:
            yield KEYS, signer.keys[0]
            yield KEYS_SIGNATURE, signer.keys[1]
        yield "_headers", headers_file(_headers_facts(config, at_onion=False))
        if config.newsroom.downloads:
            yield from _downloads(folder, files, config.url, progress)

    return Steps(more=more, scan=look_through, genuine=signer.genuine, sign=signer.sign, remember=remember)


def _ledger(content: Path) -> str:
    """The addresses that readers know, as the newsroom keeps them."""
    try:
        return (content / LEDGER).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _downloads(
    folder: Path, files: Mapping[str, File], site: str, progress: Progress
) -> Iterator[tuple[str, bytes | None]]:
    """What readers can keep for when the site is blocked."""

    def read(name: str) -> bytes:
        return (folder / name).read_bytes()

    progress("Packing", 0, 2)
    yield from months(read, files, site)
    progress("Packing", 1, 2)
    with (folder / WHOLE).open("wb") as file:
        write_zip(file, read, files, site)
    progress("Packing", 2, 2)
    yield WHOLE, None

"""Whether a release may be believed: TUF's attacks on its proofs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom.publish import minisign
from newsroom.publish.faults import Kind
from newsroom.publish.keys import KEYS, KEYS_SIGNATURE, encode_keys
from newsroom.publish.manifest import MANIFEST, SIGNATURE
from newsroom.publish.trust import Proofs, Seen, Verdict, judge
from tests.publish.signed import DAY, NOW, SITE, Press, key

ROOT = key(1).public
Printed = Callable[..., Proofs]


@pytest.fixture
def printed(tmp_path: Path) -> Printed:
    """The proofs of a release that a press prints."""

    def give(press: Press, **options: int) -> Proofs:
        press.print(tmp_path, **options)  # type: ignore[arg-type]
        return Proofs(*((tmp_path / name).read_bytes() for name in (KEYS, KEYS_SIGNATURE, MANIFEST, SIGNATURE)))

    return give


def kinds(verdict: Verdict) -> list[Kind]:
    return [fault.kind for fault in verdict.faults]


def sentence(verdict: Verdict) -> str:
    (fault,) = verdict.faults
    return fault.sentence


def test_a_good_release_is_believed_and_remembered(printed: Printed) -> None:
    proofs = printed(Press(), version=7)
    verdict = judge(proofs, ROOT, NOW, Seen(), SITE)
    assert verdict.faults == ()
    assert verdict.manifest
    assert verdict.key == key(2).public
    assert (verdict.seen.keys, verdict.seen.version, verdict.seen.key) == (1, 7, str(key(2).public))
    assert judge(proofs, ROOT, NOW, verdict.seen, SITE).faults == ()


@pytest.mark.parametrize("missing", ["keys", "keys_signature", "manifest", "signature"])
def test_a_copy_without_a_proof_is_unsigned(printed: Printed, missing: str) -> None:
    verdict = judge(replace(printed(Press()), **{missing: None}), ROOT, NOW, Seen())
    assert kinds(verdict) == [Kind.UNSIGNED]
    assert verdict.manifest is None


def test_a_list_by_another_root_is_forged(printed: Printed) -> None:
    verdict = judge(printed(Press(root=key(9))), ROOT, NOW, Seen())
    assert kinds(verdict) == [Kind.FORGED]
    assert sentence(verdict) == (
        "keys.json is signed by the key 0909090909090909, and yours is 0101010101010101: somebody else made it, or "
        "your key is not this newsroom's; compare your key with where the newsroom prints it, and do not "
        "believe this copy"
    )


def test_a_root_that_only_has_the_number_of_the_right_one_is_forged(printed: Printed) -> None:
    false = minisign.SecretKey(key(1).number, bytes(32))
    verdict = judge(printed(Press(root=false)), ROOT, NOW, Seen())
    assert sentence(verdict) == (
        "keys.json does not match its signature: it was changed; do not believe this copy, and use another address"
    )


@given(st.data())
def test_a_changed_manifest_is_never_believed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("release")
    Press().print(folder)
    whole = {name: bytearray((folder / name).read_bytes()) for name in (KEYS, KEYS_SIGNATURE, MANIFEST, SIGNATURE)}
    name = data.draw(st.sampled_from(sorted(whole)))
    begin = whole[name].index(b"\n")  # of a signature, the first line is an untrusted comment
    at = data.draw(st.integers(begin, len(whole[name]) - 1))
    whole[name][at] ^= data.draw(st.integers(1, 255))
    verdict = judge(Proofs(*(bytes(each) for each in whole.values())), ROOT, NOW, Seen(), SITE)
    assert verdict.manifest is None
    assert kinds(verdict)[0] in (Kind.UNSIGNED, Kind.FORGED, Kind.WITHDRAWN)


def test_a_release_signed_by_a_stranger_is_told(printed: Printed) -> None:
    press = Press()
    press.release = key(5)
    verdict = judge(printed(press), ROOT, NOW, Seen())
    assert kinds(verdict) == [Kind.WITHDRAWN]
    assert sentence(verdict) == (
        "release.json is signed by the key 0505050505050505, which the newsroom's keys.json 1 does not list: it was "
        "withdrawn, perhaps because it was stolen, or is not theirs; do not believe this copy, and use another address"
    )


def test_a_withdrawn_key_signs_nothing_any_more(printed: Printed) -> None:
    press = Press()
    press.list_keys(key(3))
    assert kinds(judge(printed(press), ROOT, NOW, Seen())) == [Kind.WITHDRAWN]
    press.release = key(3)
    assert kinds(judge(printed(press), ROOT, NOW, Seen())) == []


def test_an_old_list_with_a_withdrawn_key_is_a_rollback(printed: Printed) -> None:
    press = Press()
    old = printed(press, version=5)
    press.list_keys(key(3))
    press.release = key(3)
    seen = judge(printed(press, version=6), ROOT, NOW, Seen()).seen
    verdict = judge(old, ROOT, NOW, seen)
    assert kinds(verdict) == [Kind.ROLLBACK]
    assert verdict.seen == seen
    assert sentence(verdict) == (
        "keys.json is list 1, and list 2 was seen here: a withdrawn key could be listed in it; do not believe this "
        "copy, and use another address"
    )


def test_an_older_release_is_a_rollback(printed: Printed) -> None:
    old, new = printed(Press(), version=11), printed(Press(), version=12)
    seen = judge(new, ROOT, NOW, Seen()).seen
    verdict = judge(old, ROOT, NOW, seen)
    assert kinds(verdict) == [Kind.ROLLBACK]
    assert verdict.seen == seen
    assert sentence(verdict) == (
        "it is release 11, and release 12 was seen here: somebody shows old news, or this address is not up to date "
        "yet; use another address"
    )


def test_two_releases_of_one_number_are_told(printed: Printed) -> None:
    one, other = printed(Press(), version=12), printed(Press(), version=12, time=NOW + 1)
    verdict = judge(other, ROOT, NOW, judge(one, ROOT, NOW, Seen()).seen)
    assert kinds(verdict) == [Kind.ROLLBACK]
    assert sentence(verdict) == (
        "it is another release 12 than the one seen here: two were signed with one number, as a thief of the key "
        "might; ask the newsroom"
    )


def test_readers_recover_from_a_thief_who_signed_the_highest_number(printed: Printed) -> None:
    """TUF's fast-forward attack: when the stolen key is withdrawn, the numbers that it signed are forgotten."""
    press = Press()
    seen = judge(printed(press, version=999_999_999), ROOT, NOW, Seen()).seen
    assert seen.version == 999_999_999
    assert kinds(judge(printed(press, version=13), ROOT, NOW, seen)) == [Kind.ROLLBACK]
    press.list_keys(key(3))
    press.release = key(3)
    verdict = judge(printed(press, version=13), ROOT, NOW, seen)
    assert kinds(verdict) == []
    assert (verdict.seen.version, verdict.seen.keys) == (13, 2)


def test_numbers_go_on_when_a_new_key_stands_beside_the_old(printed: Printed) -> None:
    press = Press()
    seen = judge(printed(press, version=12), ROOT, NOW, Seen()).seen
    press.list_keys(key(3), key(2))
    press.release = key(3)
    assert kinds(judge(printed(press, version=11), ROOT, NOW, seen)) == [Kind.ROLLBACK]
    assert kinds(judge(printed(press, version=13), ROOT, NOW, seen)) == []


def test_a_copy_that_is_kept_from_new_releases_expires(printed: Printed) -> None:
    proofs = printed(Press(), days=90)
    assert kinds(judge(proofs, ROOT, NOW + 90 * DAY - 1, Seen())) == []
    verdict = judge(proofs, ROOT, NOW + 90 * DAY, Seen())
    assert kinds(verdict) == [Kind.EXPIRED]
    assert sentence(verdict) == (
        "the release was to be believed until 2027-04-15 08:00 UTC, and it is 2027-04-15 08:00 UTC by your clock: this "
        "copy gets no new ones, or your clock is fast; look for news at another address"
    )


def test_a_list_of_keys_expires(printed: Printed) -> None:
    verdict = judge(printed(Press(), days=900), ROOT, NOW + 400 * DAY, Seen())
    assert kinds(verdict) == [Kind.EXPIRED]
    assert "a key may have been withdrawn since; look for a newer list at another address" in sentence(verdict)


def test_a_release_from_the_future_is_told_as_a_wrong_clock_and_not_remembered(printed: Printed) -> None:
    proofs = printed(Press(), time=NOW + DAY)
    assert kinds(judge(printed(Press(), time=NOW + 600), ROOT, NOW, Seen())) == []
    verdict = judge(proofs, ROOT, NOW, Seen())
    assert kinds(verdict) == [Kind.CLOCK]
    assert verdict.seen == Seen()
    assert sentence(verdict) == (
        "the release is dated 2027-01-16 08:00 UTC, and it is 2027-01-15 08:00 UTC by your clock: your clock is slow, "
        "or the newsroom's was fast; set yours and verify again"
    )


def test_times_beyond_the_calendar_do_not_stop_the_judge(printed: Printed) -> None:
    assert "the second 9223372036854775807" in sentence(
        judge(printed(Press(), time=2**63 - 1, days=0), ROOT, NOW, Seen())
    )


def test_a_release_of_another_site_is_told(printed: Printed) -> None:
    proofs = printed(Press(site="https://other.example"))
    verdict = judge(proofs, ROOT, NOW, Seen(), SITE)
    assert kinds(verdict) == [Kind.SITE]
    assert sentence(verdict) == (
        "it is a release of https://other.example, not of https://news.example: another site is shown in its place; "
        "use another address"
    )
    assert kinds(judge(proofs, ROOT, NOW, Seen())) == []


def test_a_list_of_keys_of_another_site_does_not_vouch(printed: Printed) -> None:
    press, other = Press(), Press(site="https://other.example")
    mixed, theirs = printed(press), printed(other)
    assert kinds(judge(replace(mixed, keys=theirs.keys, keys_signature=theirs.keys_signature), ROOT, NOW, Seen())) == [
        Kind.SITE
    ]


def test_signed_nonsense_is_no_release(printed: Printed) -> None:
    good = printed(Press())
    for data in (b"{}", b"[", b"\xff", good.keys or b""):
        proofs = replace(good, manifest=data, signature=minisign.sign(data, key(2), ""))
        assert kinds(judge(proofs, ROOT, NOW, Seen())) == [Kind.FORGED]
    listed = msgspec.json.encode({"keys": []})
    assert kinds(
        judge(replace(good, keys=listed, keys_signature=minisign.sign(listed, ROOT_KEY, "")), ROOT, NOW, Seen())
    ) == [Kind.FORGED]


def test_a_prehashed_signature_is_read_too(printed: Printed) -> None:
    """As minisign makes it without -l; made here by hand, because nothing here writes it."""
    import base64
    import hashlib

    from nacl.signing import SigningKey

    good = printed(Press())
    signing = SigningKey(key(2).seed)
    made = signing.sign(hashlib.blake2b(good.manifest or b"").digest()).signature
    whole = signing.sign(made + b"hashed").signature
    text = f"untrusted comment: x\n{base64.b64encode(b'ED' + key(2).number + made).decode()}\n"
    text += f"trusted comment: hashed\n{base64.b64encode(whole).decode()}\n"
    assert kinds(judge(replace(good, signature=text.encode()), ROOT, NOW, Seen())) == []


def test_without_a_key_only_the_times_are_judged(printed: Printed) -> None:
    proofs = printed(Press())
    bare = Proofs(None, None, proofs.manifest, None)
    assert kinds(judge(bare, None, NOW, Seen())) == []
    assert kinds(judge(bare, None, NOW + 90 * DAY, Seen())) == [Kind.EXPIRED]
    assert kinds(judge(Proofs(None, None, None, None), None, NOW, Seen())) == [Kind.UNSIGNED]
    assert kinds(judge(Proofs(None, None, b"<html>", None), None, NOW, Seen())) == [Kind.FORGED]


def test_the_list_is_the_same_bytes_for_the_same_keys() -> None:
    press = Press()
    assert press.keys
    assert encode_keys(press.keys) == encode_keys(press.keys)


ROOT_KEY = key(1)

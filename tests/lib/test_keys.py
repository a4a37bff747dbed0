"""The form of secrets, and what is remembered of them."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from moondev.lib import keys

PREFIX = "md_live_"
BODIES = st.text(alphabet=keys.ALPHABET, min_size=keys.BODY_LENGTH, max_size=keys.BODY_LENGTH)
LENGTH = len(PREFIX) + keys.BODY_LENGTH + keys.CHECKSUM_LENGTH


def secret_of(body: str) -> str:
    return PREFIX + body + keys.checksum(PREFIX + body)


def test_it_generates_what_it_recognises() -> None:
    secrets = {keys.generate(PREFIX) for _ in range(200)}
    assert len(secrets) == 200
    assert all(len(secret) == LENGTH and keys.is_well_formed(secret, PREFIX) for secret in secrets)


@given(BODIES)
def test_it_recognises_any_body_with_its_checksum(body: str) -> None:
    assert keys.is_well_formed(secret_of(body), PREFIX)


@given(BODIES, st.integers(len(PREFIX), LENGTH - 1), st.sampled_from(keys.ALPHABET))
def test_it_notices_every_single_mistyped_character(body: str, place: int, other: str) -> None:
    secret = secret_of(body)
    changed = secret[:place] + other + secret[place + 1 :]
    assert keys.is_well_formed(changed, PREFIX) is (changed == secret)


@given(BODIES, st.integers(len(PREFIX), LENGTH - 2))
def test_it_notices_two_swapped_neighbours(body: str, place: int) -> None:
    secret = secret_of(body)
    swapped = secret[:place] + secret[place + 1] + secret[place] + secret[place + 2 :]
    assert keys.is_well_formed(swapped, PREFIX) is (swapped == secret)


@given(st.text(max_size=80))
def test_it_takes_no_other_text_for_a_secret(text: str) -> None:
    assert not keys.is_well_formed(text, PREFIX)
    assert not keys.is_well_formed(PREFIX + text, PREFIX) or len(PREFIX + text) == LENGTH


@given(BODIES, st.sampled_from(["\n", " ", "\x00", "é", "٣", "_"]))
def test_it_refuses_what_is_added_or_not_base62(body: str, extra: str) -> None:
    secret = secret_of(body)
    assert not keys.is_well_formed(secret + extra, PREFIX)
    assert not keys.is_well_formed(extra + secret, PREFIX)
    assert not keys.is_well_formed(secret[:-1] + extra, PREFIX)


@given(BODIES)
def test_it_refuses_a_secret_under_another_prefix(body: str) -> None:
    assert not keys.is_well_formed(secret_of(body), "md_test_")
    assert not keys.is_well_formed("md_test_" + secret_of(body).removeprefix(PREFIX), "md_test_")


@given(st.integers(0, 62**6 - 1))
def test_it_writes_numbers_in_base62_and_back(number: int) -> None:
    text = keys.base62(number, 6)
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    assert len(text) == 6
    assert sum(digits.index(c) * 62**place for place, c in enumerate(reversed(text))) == number


def test_it_computes_hmac_sha256() -> None:
    # RFC 4231, test case 2.
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert keys.digest("what do ya want for nothing?", "Jefe") == expected


def test_it_digests_under_every_pepper_newest_first() -> None:
    found = keys.digests("secret", {1: "old", 3: "new", 2: "middle"})
    assert list(found) == [3, 2, 1]
    assert found[1] == keys.digest("secret", "old")
    assert len(set(found.values())) == 3

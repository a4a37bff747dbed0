"""The limits at the door, counted in the real Valkey, and the flows of django-allauth behind it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.test.utils import override_settings

from accounts.models import Member, Role, User
from moondev.lib import seal
from tests.accounts.conftest import PASSWORD, person

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.3)]

LOGIN = "/accounts/login/"
ATTACKER, OWNER = "203.0.113.9", "198.51.100.7"


def log_in(client: Client, email: str, password: str = PASSWORD, address: str = OWNER, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address, **extra)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_in_letter(pattern: str) -> str:
    found = re.search(rf"https?://[^/\s]+({pattern}\S+)", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


# Limits


def test_it_stops_a_flood_and_says_when_to_come_back(client: Client) -> None:
    answers = [log_in(client, "victim@example.com", "wrong", ATTACKER) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 600
    assert "Too many attempts" in answers[-1].content.decode()


def test_it_does_not_let_in_the_right_password_once_over_the_limit(client: Client) -> None:
    person("victim@example.com")
    for _ in range(10):
        log_in(client, "victim@example.com", "wrong", ATTACKER)
    assert log_in(client, "victim@example.com", address=ATTACKER).status_code == 429
    assert not is_in(client)


def test_it_never_locks_the_victim_out(client: Client) -> None:
    person("victim@example.com")
    for _ in range(30):
        log_in(Client(), "victim@example.com", "wrong", ATTACKER)
    assert log_in(client, "victim@example.com", address=OWNER).status_code == 302
    assert is_in(client)


def test_it_counts_an_account_however_it_is_written(client: Client) -> None:
    spellings = ["victim@example.com", "VICTIM@example.com", " victim@example.com "]
    statuses = [log_in(client, spellings[n % 3], "wrong", ATTACKER).status_code for n in range(11)]
    assert statuses[-1] == 429


@pytest.mark.slow
def test_it_bounds_an_address_that_tries_many_accounts(client: Client) -> None:
    statuses = [log_in(client, f"a{n}@example.com", "wrong", ATTACKER).status_code for n in range(61)]
    assert (statuses[59], statuses[60]) == (200, 429)


def test_it_counts_a_v6_line_as_one_address(client: Client) -> None:
    statuses = [log_in(client, "a@example.com", "wrong", f"2001:db8::{n:x}").status_code for n in range(1, 12)]
    assert statuses[-1] == 429


def test_it_ignores_a_forwarded_address_from_a_stranger(client: Client) -> None:
    statuses = [
        log_in(client, "a@example.com", "wrong", ATTACKER, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}").status_code
        for n in range(11)
    ]
    assert statuses[-1] == 429


@override_settings(TRUSTED_PROXIES=["10.0.0.0/8"])
def test_it_counts_the_address_behind_our_proxy(client: Client) -> None:
    for n in range(11):
        last = log_in(client, "a@example.com", "wrong", "10.0.0.1", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}").status_code
    assert last == 200


def test_it_shows_forms_however_often(client: Client) -> None:
    assert {client.get(LOGIN, REMOTE_ADDR=ATTACKER).status_code for _ in range(70)} == {200}


def test_it_keeps_the_door_shut_while_nobody_can_count(client: Client) -> None:
    person("zoe@example.com")
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    with override_settings(CACHES={"default": away}):
        answer = log_in(client, "zoe@example.com")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not is_in(client)


@pytest.mark.parametrize(
    ("path", "fields", "allowed"),
    [
        ("/accounts/password/reset/", {"email": "victim@example.com"}, 5),
        ("/accounts/signup/", {"email": "victim@example.com", "password1": "x"}, 5),
    ],
)
def test_it_limits_letters_to_one_address(client: Client, path: str, fields: dict[str, str], allowed: int) -> None:
    statuses = [client.post(path, fields, REMOTE_ADDR=ATTACKER).status_code for _ in range(allowed + 1)]
    assert 429 not in statuses[:-1]
    assert statuses[-1] == 429
    assert client.post(path, fields, REMOTE_ADDR=OWNER).status_code != 429


def test_it_limits_the_opening_of_invitations(client: Client) -> None:
    statuses = [client.post("/accounts/invitations/guess/", REMOTE_ADDR=ATTACKER).status_code for _ in range(61)]
    assert (statuses[59], statuses[60]) == (404, 429)


# One door only


@pytest.mark.parametrize("path", ["/portal/login/", "/admin/login/"])
def test_it_gives_no_session_at_another_door(client: Client, path: str, rita: User) -> None:
    client.post(path, {"username": rita.email, "password": PASSWORD, "login": rita.email})
    assert not is_in(client)


@pytest.mark.parametrize("path", ["/portal/", "/admin/"])
def test_it_sends_visitors_to_the_one_door(client: Client, path: str) -> None:
    assert client.get(path, follow=True).redirect_chain[-1][0].startswith(LOGIN)


# Signing up


def sign_up(client: Client, email: str) -> Any:
    return client.post("/accounts/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})


def test_it_signs_up_confirms_and_comes_in(client: Client) -> None:
    assert sign_up(client, "Zoe@Example.com")["Location"] == "/accounts/confirm-email/"
    assert not is_in(client)
    link = link_in_letter("/accounts/confirm-email/")
    assert "Yes, confirm it" in client.get(link).content.decode()
    assert client.post(link)["Location"] == "/portal/"
    assert is_in(client)
    user = User.objects.get(email="zoe@example.com")
    member = Member.objects.get(user=user)
    assert (member.role, member.workspace.name) == (Role.OWNER, "zoe's workspace")
    assert member.workspace.slug.startswith("zoes-workspace-")


def test_it_asks_for_the_password_when_confirmed_elsewhere(client: Client) -> None:
    sign_up(Client(), "zoe@example.com")
    client.post(link_in_letter("/accounts/confirm-email/"))
    assert not is_in(client)
    assert EmailAddress.objects.get(email="zoe@example.com").verified


def test_it_does_not_let_in_an_unconfirmed_address(client: Client) -> None:
    sign_up(Client(), "zoe@example.com")
    assert log_in(client, "zoe@example.com")["Location"] == "/accounts/confirm-email/"
    assert not is_in(client)


def test_it_says_the_same_for_an_address_that_has_an_account(client: Client, olivia: User) -> None:
    new, known = sign_up(Client(), "zoe@example.com"), sign_up(client, olivia.email)
    assert (new.status_code, new["Location"]) == (known.status_code, known["Location"])
    assert mail.outbox[-1].subject == "You already have a Moon Dev account"


def test_it_refuses_a_weak_password(client: Client) -> None:
    form = {"email": "zoe@example.com", "password1": "zoe@example.co", "password2": "zoe@example.co"}
    page = client.post("/accounts/signup/", form).content.decode()
    assert "too similar" in page
    assert not User.objects.filter(email="zoe@example.com").exists()


def test_it_sends_letters_as_text_and_html(client: Client) -> None:
    sign_up(client, "zoe@example.com")
    letter: Any = mail.outbox[-1]
    page = letter.alternatives[0].content
    assert "Moon Dev" in letter.subject
    assert f'testserver{link_in_letter("/accounts/confirm-email/")}">Open the link</a>' in page


# Passwords


def test_it_resets_a_password(client: Client) -> None:
    person("zoe@example.com")
    client.post("/accounts/password/reset/", {"email": "ZOE@example.com"})
    form = client.get(link_in_letter("/accounts/password/reset/key/"), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "a new long phrase", "password2": "a new long phrase"})
    assert log_in(client, "zoe@example.com", "a new long phrase").status_code == 302
    assert is_in(client)


def test_it_answers_the_same_for_an_unknown_address(client: Client) -> None:
    person("zoe@example.com")
    pages = [client.post("/accounts/password/reset/", {"email": e}) for e in ("zoe@example.com", "no@example.com")]
    assert len({(page.status_code, page["Location"]) for page in pages}) == 1
    assert "no account with this address" in mail.outbox[-1].body


def test_it_writes_down_by_the_minute_when_a_session_was_seen(client: Client) -> None:
    log_in(client, person("zoe@example.com").email)
    client.get("/accounts/sessions/", REMOTE_ADDR=OWNER)
    before = UserSession.objects.get().last_seen_at
    client.get("/accounts/sessions/", REMOTE_ADDR=OWNER)
    assert UserSession.objects.get().last_seen_at == before
    UserSession.objects.update(last_seen_at=before - timedelta(minutes=2))
    client.get("/accounts/sessions/", REMOTE_ADDR=OWNER)
    assert UserSession.objects.get().last_seen_at > before


@pytest.mark.parametrize(("ip", "browser"), [(ATTACKER, ""), (OWNER, "Other")])
def test_it_writes_down_at_once_that_a_session_is_elsewhere(client: Client, ip: str, browser: str) -> None:
    log_in(client, person("zoe@example.com").email)
    client.get("/accounts/sessions/", REMOTE_ADDR=ip, HTTP_USER_AGENT=browser)
    row = UserSession.objects.get()
    assert (row.ip, row.user_agent) == (ip, browser)


def test_it_ends_other_sessions_with_a_new_password(client: Client) -> None:
    user, other = person("zoe@example.com"), Client()
    log_in(client, user.email)
    log_in(other, user.email)
    new = "a new long phrase"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.get("/accounts/sessions/").status_code == 200
    assert other.get("/accounts/sessions/").status_code == 302


def test_it_asks_again_before_a_factor_changes(client: Client) -> None:
    client.force_login(person("zoe@example.com"))
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")


# Second factors


def code_for(secret: str, step: int = 0) -> str:
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + step)))


def turn_on_totp(client: Client, user: User) -> str:
    """Log in, turn the authenticator app on and log out; returns its secret."""
    log_in(client, user.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = str(client.get("/accounts/2fa/totp/activate/").context["form"].secret)
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    client.post("/accounts/logout/")
    return secret


def test_it_asks_for_the_code_after_the_password(client: Client) -> None:
    secret = turn_on_totp(client, person("zoe@example.com"))
    assert log_in(client, "zoe@example.com")["Location"] == "/accounts/2fa/authenticate/"
    assert not is_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    client.post("/accounts/2fa/authenticate/", {"code": code_for(secret, 1)})
    assert is_in(client)


def test_it_takes_a_recovery_code_once(client: Client) -> None:
    user = person("zoe@example.com")
    turn_on_totp(client, user)
    codes = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    for expected in (True, False):
        log_in(client, user.email)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert is_in(client) is expected
        client.post("/accounts/logout/")


def test_it_limits_codes_for_one_account(client: Client) -> None:
    turn_on_totp(client, person("zoe@example.com"))
    log_in(client, "zoe@example.com", address=ATTACKER)
    statuses = [
        client.post("/accounts/2fa/authenticate/", {"code": "000000"}, REMOTE_ADDR=ATTACKER).status_code
        for _ in range(11)
    ]
    assert (statuses[9], statuses[10]) == (200, 429)


def test_it_seals_the_secret_of_the_app(client: Client, settings: Any) -> None:
    user = person("zoe@example.com")
    secret = turn_on_totp(client, user)
    stored = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in stored
    assert seal.unseal(stored, settings.SEAL_KEYS) == secret


def test_it_lets_a_person_with_a_second_factor_change_the_address(client: Client) -> None:
    user = person("zoe@example.com")
    secret = turn_on_totp(client, user)
    log_in(client, user.email)
    client.post("/accounts/2fa/authenticate/", {"code": code_for(secret, 1)})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "zoe@example.org", "action_add": ""})
    user.refresh_from_db()
    assert user.email == "zoe@example.com"
    client.post(link_in_letter("/accounts/confirm-email/"))
    user.refresh_from_db()
    assert user.email == "zoe@example.org"


# Pages


PUBLIC = (
    "login",
    "signup",
    "password/reset",
    "password/reset/done",
    "password/reset/key/done",
    "confirm-email",
    "inactive",
)
PRIVATE = ("logout", "email", "password/change", "2fa", "sessions", "2fa/webauthn", "reauthenticate")


@pytest.mark.parametrize("name", PUBLIC)
def test_it_dresses_public_pages_and_runs_no_inline_script(client: Client, name: str) -> None:
    check_page(client.get(f"/accounts/{name}/"))


@pytest.mark.parametrize("name", [*PRIVATE, "2fa/totp/activate", "2fa/webauthn/add"])
def test_it_dresses_private_pages_and_runs_no_inline_script(client: Client, name: str) -> None:
    log_in(client, person("zoe@example.com").email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    check_page(client.get(f"/accounts/{name}/"))


def check_page(answer: Any) -> None:
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "AGPL-3.0-or-later" in page
    for script in re.findall(r"<script([^>]*)>", page):
        assert "src=" in script or 'type="application/json"' in script
    assert not re.search(r"\son[a-z]+=", page)

"""A plan that was bought without an account: the letter, the page behind its link, and where the plan goes."""

from __future__ import annotations

import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEntry, Member, User, Workspace
from billing.models import Claim, Customer, StripeEvent, Subscription
from billing.payments.claims import accept_claim, find_claim, mail_waiting, offer_claim
from billing.payments.customers import customer_of, customers_of
from moondev.lib.errors import Conflict, Forbidden, NotFound, QuotaExhausted
from moondev.lib.queue import State
from tests.billing.sandbox.fixture import Sandbox

pytestmark = pytest.mark.django_db
BUYER = "olivia@example.com"


def subscribed(number: int = 1, **values: Any) -> Subscription:
    """A live subscription to pro that nobody has claimed."""
    row = {
        "id": f"sub_{number}",
        "customer_id": f"cus_{number}",
        "status": "active",
        "plan_id": "pro",
        "interval": "month",
        "started_at": timezone.now(),
    }
    return Subscription.objects.create(**{**row, **values})


def verify(user: User) -> User:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def token_in(letter: Any) -> str:
    found = re.search(r"/accounts/claim/([^/\s]+)/", str(letter.body))
    assert found
    return found.group(1)


@pytest.fixture
def row() -> Subscription:
    return subscribed()


@pytest.fixture
def token(row: Subscription, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> str:
    """The token of the letter to olivia, who has no account unless a test makes one."""
    with django_capture_on_commit_callbacks(execute=True):
        offer_claim(row, "Olivia@Example.com")
    return token_in(mail.outbox[-1])


@pytest.fixture
def claimed(sandbox: Sandbox, token: str, olivia: User, workspace: Workspace) -> Workspace:
    """Olivia has brought the plan into her workspace."""
    return accept_claim(token=token, user=verify(olivia), workspace=workspace)


# The letter


def test_it_mails_a_link_to_the_address_that_paid(token: str) -> None:
    letter = mail.outbox[-1]
    assert letter.to == [BUYER]
    assert "Pro plan" in letter.subject
    assert find_claim(token).email == BUYER


def test_it_stores_no_token(token: str) -> None:
    row = Claim.objects.get()
    assert token not in (row.token_digest, *map(str, AuditEntry.objects.values_list("data", flat=True)))
    assert row.mailed_at is not None


def test_it_mails_one_letter_however_often_it_is_told(
    row: Subscription, token: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        offer_claim(row, BUYER)
    assert len(mail.outbox) == 1
    assert find_claim(token)


def test_it_sends_the_letter_later_that_no_server_took(
    row: Subscription,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def away(*_: Any) -> int:
        raise SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        with django_capture_on_commit_callbacks(execute=True):
            offer_claim(row, BUYER)
        assert mail_waiting() == 0
    assert Claim.objects.get().mailed_at is None
    assert (mail_waiting(), mail_waiting()) == (1, 0)
    assert find_claim(token_in(mail.outbox[-1]))


# Into a workspace


def test_it_brings_subscription_and_customer_into_the_chosen_workspace(
    claimed: Workspace, workspace: Workspace
) -> None:
    assert claimed == workspace
    assert Subscription.objects.get().workspace == workspace
    assert Customer.objects.get(workspace=workspace).pk == "cus_1"
    assert AuditEntry.objects.filter(action="claim.accepted", workspace=workspace).count() == 1


def test_it_makes_a_workspace_for_who_chooses_none(sandbox: Sandbox, token: str, olivia: User) -> None:
    place = accept_claim(token=token, user=verify(olivia), workspace=None)
    assert Member.objects.get(workspace=place).role == "owner"
    assert Subscription.objects.get().workspace == place


def test_it_makes_no_workspace_beyond_what_a_plan_allows(token: str, olivia: User, workspace: Workspace) -> None:
    with pytest.raises(QuotaExhausted):
        accept_claim(token=token, user=verify(olivia), workspace=None)
    assert find_claim(token).is_usable


@pytest.mark.usefixtures("claimed")
def test_it_works_once(token: str, olivia: User, workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="used"):
        accept_claim(token=token, user=olivia, workspace=workspace)


def test_it_wants_the_proved_address_of_the_buyer(token: str, olivia: User, sam: User, workspace: Workspace) -> None:
    for user in (olivia, verify(sam)):
        with pytest.raises(Forbidden, match=BUYER):
            accept_claim(token=token, user=user, workspace=workspace)
    assert Subscription.objects.get().workspace is None


def test_it_never_goes_to_a_workspace_of_others(
    token: str, olivia: User, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    with pytest.raises(NotFound):
        accept_claim(token=token, user=verify(olivia), workspace=strangers_workspace)
    Member.objects.filter(user=olivia).update(role="member")
    with pytest.raises(Forbidden):
        accept_claim(token=token, user=olivia, workspace=workspace)


def test_it_does_not_put_a_second_subscription_beside_a_live_one(
    token: str, olivia: User, workspace: Workspace
) -> None:
    subscribed(2, workspace=workspace)
    with pytest.raises(Conflict):
        accept_claim(token=token, user=verify(olivia), workspace=workspace)


def test_it_takes_the_place_of_an_earlier_customer_who_is_not_forgotten(
    sandbox: Sandbox, token: str, olivia: User, workspace: Workspace
) -> None:
    # Packs only, or a payment page that was left: no subscription leads to this customer.
    Customer.objects.create(id="cus_2", workspace=workspace)
    accept_claim(token=token, user=verify(olivia), workspace=workspace)
    assert customer_of(workspace) == "cus_1"
    assert customers_of(workspace) == {"cus_1", "cus_2"}


def test_it_takes_no_customer_from_another_workspace(
    sandbox: Sandbox, token: str, olivia: User, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    Customer.objects.create(id="cus_1", workspace=strangers_workspace)
    Customer.objects.create(id="cus_2", workspace=workspace)
    accept_claim(token=token, user=verify(olivia), workspace=workspace)
    assert (customer_of(strangers_workspace), customer_of(workspace)) == ("cus_1", "cus_2")


def test_it_leaves_the_plan_to_the_newest_event_while_stripe_is_away(
    sandbox: Sandbox, token: str, olivia: User, workspace: Workspace
) -> None:
    now = timezone.now()
    told = {"object_id": "sub_1", "livemode": False, "payload": {}, "type": "customer.subscription.created"}
    for number in (1, 2):
        at = now + timedelta(seconds=number)
        StripeEvent.objects.create(id=f"evt_{number}", created_at=at, state=State.DONE, **told)
    sandbox.down("500")
    accept_claim(token=token, user=verify(olivia), workspace=workspace)
    assert list(StripeEvent.objects.due().values_list("pk", flat=True)) == ["evt_2"]


# The page


def page(token: str) -> str:
    return f"/accounts/claim/{token}/"


def test_it_offers_a_stranger_an_account_or_a_login(client: Client, token: str) -> None:
    shown = client.get(page(token))
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    for door in ("signup", "login"):
        assert f"/accounts/{door}/?next=/accounts/claim/" in shown.content.decode()
    assert client.post(page(token)).status_code == 200
    assert Subscription.objects.get().workspace is None


def test_it_signs_the_buyer_up_without_a_second_letter(client: Client, sandbox: Sandbox, token: str) -> None:
    client.get(page(token))
    given = {"email": BUYER, "password1": "correct horse battery", "password2": "correct horse battery"}
    answer = client.post(f"/accounts/signup/?next={page(token)}", given | {"next": page(token)})
    assert answer["Location"] == page(token)
    assert len(mail.outbox) == 1
    place = Member.objects.get(user__email=BUYER).workspace
    answer = client.post(page(token), {"workspace": place.slug})
    assert answer["Location"] == "/portal/plans/done/"
    assert Subscription.objects.get().workspace == place


def test_it_lets_nobody_in_who_signs_up_with_another_address(client: Client, token: str) -> None:
    client.get(page(token))
    given = {"email": "eve@example.com", "password1": "correct horse battery", "password2": "correct horse battery"}
    client.post("/accounts/signup/", given)
    assert "_auth_user_id" not in client.session


def test_it_makes_an_existing_account_log_in(client: Client, token: str, olivia: User, sam: User) -> None:
    client.force_login(verify(sam))
    shown = client.get(page(token)).content.decode()
    assert "Use another account" in shown
    assert client.post(page(token)).status_code == 403
    assert Subscription.objects.get().workspace is None


def test_it_lets_the_buyer_choose_among_workspaces_without_a_plan(
    client: Client, token: str, olivia: User, workspace: Workspace
) -> None:
    other = Workspace.objects.create(slug="paid", name="Paid already")
    Member.objects.create(workspace=other, user=olivia, role="admin")
    subscribed(2, workspace=other)
    client.force_login(verify(olivia))
    shown = client.get(page(token)).content.decode()
    assert 'value="olivia-co"' in shown
    assert 'value="paid"' not in shown


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"status": "canceled", "ended_at": timezone.now()}, "Pro has ended, so Olivia &amp; Co does not have it."),
        ({"status": "unpaid"}, "Pro is not paid for now, so Olivia &amp; Co does not have it."),
    ],
)
def test_it_does_not_promise_what_is_over(
    client: Client, sandbox: Sandbox, token: str, olivia: User, workspace: Workspace, state: dict[str, Any], told: str
) -> None:
    Subscription.objects.update(**state)
    client.force_login(verify(olivia))
    assert ("has ended" in client.get(page(token)).content.decode()) is (state["status"] == "canceled")
    shown = client.post(page(token), {"workspace": workspace.slug}, follow=True)
    assert shown.redirect_chain == [("/portal/plans/", 302)]
    assert told in shown.content.decode()


@pytest.mark.parametrize("slug", ["sam-co", "nowhere"])
def test_it_answers_alike_for_a_workspace_of_others_and_for_none(
    client: Client, token: str, olivia: User, strangers_workspace: Workspace, slug: str
) -> None:
    client.force_login(verify(olivia))
    answer = client.post(page(token), {"workspace": slug})
    assert answer.status_code == 404
    assert "There is no such workspace." in answer.content.decode()


@pytest.mark.usefixtures("claimed")
def test_it_says_that_a_link_was_used(client: Client, token: str) -> None:
    shown = client.get(page(token))
    assert shown.status_code == 404
    assert "was used" in shown.content.decode()


def test_it_knows_no_link_that_never_was(client: Client) -> None:
    assert client.get(page("x" * 43)).status_code == 404


def test_it_mails_a_new_link_for_an_expired_one_to_the_buyer_only(client: Client, token: str, sam: User) -> None:
    Claim.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client.force_login(verify(sam))
    assert client.get(page(token)).status_code == 410
    with pytest.raises(Conflict):
        accept_claim(token=token, user=sam, workspace=None)
    assert client.post(page(token)).status_code == 200
    assert mail.outbox[-1].to == [BUYER]
    assert token_in(mail.outbox[-1]) != token
    assert client.get(page(token)).status_code == 404
    assert client.get(page(token_in(mail.outbox[-1]))).status_code == 200


def test_it_is_counted_like_every_other_door(client: Client) -> None:
    statuses = [client.post(page("x"), REMOTE_ADDR="203.0.113.9").status_code for _ in range(61)]
    assert statuses == [404] * 60 + [429]


def test_it_thanks_who_comes_back_from_paying(client: Client) -> None:
    assert "on its way" in client.get("/accounts/bought/").content.decode()

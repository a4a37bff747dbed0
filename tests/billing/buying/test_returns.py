"""Where a buyer may be sent back to."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from billing.payments.returns import check_return_url
from moondev.lib.errors import Invalid

GOOD = ("https://shop.example.com", "http://localhost:3000")


@pytest.fixture(autouse=True)
def _hosts(settings: Settings) -> None:
    settings.BILLING_RETURN_HOSTS = list(GOOD)
    settings.PUBLIC_URL = "https://app.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com",
        "https://shop.example.com/thanks?session_id={CHECKOUT_SESSION_ID}#top",
        "https://SHOP.example.com:443/",
        "http://localhost:3000/a/b",
        "https://app.example.com/portal/plans/",
    ],
)
def test_it_takes_every_page_of_an_allowed_host(url: str) -> None:
    assert check_return_url("/success_url", url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/thanks",
        "//shop.example.com/thanks",
        "http://shop.example.com/thanks",
        "https://shop.example.com:8443/",
        "https://shop.example.com.evil.test/",
        "https://evil.test/?https://shop.example.com",
        "https://shop.example.com@evil.test/",
        "https://user:password@shop.example.com/",
        "https://evil.test\\@shop.example.com/",
        "https://shop.example.com\t.evil.test/",
        "https://shop.example.com:99999/",
        "https://shop.example.com:x/",
        "https://[shop.example.com/",
        "https://sub.shop.example.com/",
        "javascript:alert(1)//https://shop.example.com",
        "http://localhost/",
        "https://shop.example.com/" + "a" * 2000,
        "https://shop.example.com/ü",
        " https://shop.example.com/",
    ],
)
def test_it_refuses_every_other_page_and_names_the_hosts(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_return_url("/success_url", url)
    assert refused.value.errors[0].pointer == "/success_url"
    assert all(host in refused.value.detail for host in GOOD)

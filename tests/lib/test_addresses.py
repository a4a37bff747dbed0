"""Whose address a request came from."""

from __future__ import annotations

import pytest

from moondev.lib.addresses import client_address, is_within, line_of, parse_address, parse_networks

PROXIES = ("10.0.0.0/8", "2001:db8:1::/48")


def test_it_takes_the_peer_when_no_proxy_is_ours() -> None:
    assert client_address("203.0.113.9", "198.51.100.1", ()) == "203.0.113.9"


def test_it_ignores_a_header_that_a_stranger_sends() -> None:
    assert client_address("203.0.113.9", "10.0.0.1, 198.51.100.1", PROXIES) == "203.0.113.9"


def test_it_takes_the_hop_in_front_of_our_proxy() -> None:
    assert client_address("10.0.0.1", "198.51.100.1", PROXIES) == "198.51.100.1"


def test_it_walks_over_several_proxies_of_ours() -> None:
    assert client_address("10.0.0.1", "198.51.100.1, 2001:db8:1::5, 10.9.9.9", PROXIES) == "198.51.100.1"


def test_it_never_looks_left_of_the_first_unknown_hop() -> None:
    assert client_address("10.0.0.1", "10.0.0.7, 192.0.2.66, 198.51.100.1", PROXIES) == "198.51.100.1"


def test_it_takes_the_outermost_proxy_when_every_hop_is_ours() -> None:
    assert client_address("10.0.0.1", "10.0.0.3, 10.0.0.2", PROXIES) == "10.0.0.3"


def test_it_takes_the_proxy_itself_without_a_header() -> None:
    assert client_address("10.0.0.1", "", PROXIES) == "10.0.0.1"


def test_it_stops_at_a_hop_that_is_no_address() -> None:
    assert client_address("10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", PROXIES) == "10.0.0.2"


def test_it_has_no_address_for_a_unix_socket() -> None:
    assert client_address("", "198.51.100.1", PROXIES) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:4711 ", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", "None"),
        ("192.0.2.256", "None"),
        ("example.com", "None"),
        ("_hidden", "None"),
    ],
)
def test_it_reads_addresses_as_proxies_write_them(text: str, expected: str) -> None:
    assert str(parse_address(text)) == expected


def test_it_trusts_a_v4_proxy_seen_through_a_dual_stack_socket() -> None:
    assert client_address("::ffff:10.0.0.1", "198.51.100.1", PROXIES) == "198.51.100.1"


def test_it_reads_networks_with_host_bits_set() -> None:
    address = parse_address("10.255.0.1")
    assert address is not None
    assert is_within(address, parse_networks(("10.1.2.3/8",)))
    assert not is_within(address, parse_networks(("2001:db8::/32", "10.255.0.2")))


def test_it_names_a_network_that_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="ten-dot-zero"):
        parse_networks(("ten-dot-zero",))


def test_it_counts_a_v6_line_as_one() -> None:
    assert line_of("2001:db8::1") == line_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert line_of("2001:db8:0:1::1") != line_of("2001:db8::1")
    assert line_of("192.0.2.1") == "192.0.2.1"

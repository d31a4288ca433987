"""Which addresses a service may have, before anything is sent."""

from __future__ import annotations

import pytest

from witnessmark.errors import RefusedError, UsageError
from witnessmark.preserve.posting import HttpPost, is_outside, read_url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://tsa.example/",
        "file:///etc/passwd",
        "tsa.example",
        "//tsa.example/",
        "http:///path",
        "http://tsa.example:0/",
        "http://tsa.example:99999/",
        "http://[::1/",
        "http://user@tsa.example/",
        "https://user:word@tsa.example/",
        "https://tsa.example/#part",
        "http://tsa.example/a b",
        "http://tsa.example/\r\nX: y",
        "http://tsa.éxample/",
        "",
    ],
)
def test_an_address_that_is_not_plain_http_is_a_mistake_in_the_settings(url: str) -> None:
    with pytest.raises(UsageError):
        read_url(url)


@pytest.mark.parametrize(
    "url", ["http://tsa.example", "https://tsa.example:8443/a/b?c=d", "http://[2a00::1]/"]
)
def test_a_plain_address_is_taken(url: str) -> None:
    assert read_url(url).geturl() == url


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.0.8", "198.19.0.1", "224.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1"),
    ],
)
def test_an_address_on_this_machine_or_in_a_private_network_is_inside(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "2606:4700::1"])
def test_an_address_out_in_the_world_is_outside(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "url", ["http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://[::ffff:127.0.0.1]/"]
)
def test_odd_spellings_of_this_machine_are_refused_all_the_same(url: str) -> None:
    with pytest.raises(RefusedError, match="private network"):
        HttpPost()(url, b"", "text/plain")

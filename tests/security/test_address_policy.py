"""Which addresses may be reached: the same on every Python, whatever form they come in."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from headroom.net.address_policy import is_loopback, is_public, may_reach
from headroom.net.urls import safe_address

PRIVATE = (
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",  # Alibaba's metadata service
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # the metadata service of EC2 and most clouds
    "169.254.170.2",  # that of ECS
    "169.254.169.123",
    "168.63.129.16",
    "192.0.0.192",  # Oracle's
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::10.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "::ffff:0:8.8.8.8",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "2001:db8::1",
    "2002:7f00:1::1",  # 6to4 of 127.0.0.1
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # the metadata service of EC2
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
)
PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a05:d01c::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",  # how a network without IPv4 reaches it
)
LOOPBACK = ("localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1")
NOT_AS_WRITTEN = ("localhost.", "x.localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1")


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_reached(address: str) -> None:
    assert not is_public(ip_address(address))
    for loopback in (True, False):
        assert not may_reach("hooks.example.com", ip_address(address), loopback=loopback)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_reached(address: str) -> None:
    assert may_reach("hooks.example.com", ip_address(address), loopback=False)


@pytest.mark.parametrize("host", LOOPBACK)
def test_in_development_this_machine_is_reached_where_it_is_written_and_nothing_else_by_that_name(
    host: str,
) -> None:
    assert is_loopback(host)
    assert may_reach(host, ip_address("127.0.0.1"), loopback=True)
    assert may_reach(host, ip_address("::1"), loopback=True)
    assert not may_reach(host, ip_address("8.8.8.8"), loopback=True)
    assert not may_reach(host, ip_address("10.0.0.1"), loopback=True)


@pytest.mark.parametrize("host", LOOPBACK)
def test_elsewhere_this_machine_is_not_reached_however_it_is_written(host: str) -> None:
    assert not may_reach(host, ip_address("127.0.0.1"), loopback=False)
    assert not may_reach(host, ip_address("::1"), loopback=False)


@pytest.mark.parametrize("host", NOT_AS_WRITTEN)
def test_no_other_way_of_writing_this_machine_counts(host: str) -> None:
    assert not may_reach(host, ip_address("127.0.0.1"), loopback=True)


@pytest.mark.parametrize("address", [each for each in PRIVATE if each[:3] != "127"])
def test_a_private_address_is_refused_where_it_is_written(address: str) -> None:
    if address == "::1":
        return
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ValueError, match=r"private network|not a web address") as refused:
        safe_address(f"https://{host}/path")
    assert address not in str(refused.value)


@pytest.mark.parametrize(
    "host", ["a" * 64 + ".example.com", "hooks..example.com", ".example.com", "10.1", "2130706433"]
)
def test_a_host_that_no_resolver_takes_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="not a web address"):
        safe_address(f"https://{host}/path")

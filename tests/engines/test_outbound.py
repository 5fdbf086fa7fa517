"""Requests to other sites: whoever can choose their address chooses nothing that stands inside the house."""

from __future__ import annotations

import socket

import pytest

from cms.engines.outbound import Outbound
from cms.interfaces import OutboundRefused

INSIDE = [
    "127.0.0.1", "0.0.0.0", "10.0.0.1", "100.64.0.1", "169.254.169.254", "192.0.0.8", "224.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "fc00::1",
    "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip


@pytest.fixture
def outbound() -> Outbound:
    return Outbound(private_networks=False, agent="Copydesk")


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_reached_in_whatever_it_is_wrapped(outbound: Outbound, address: str) -> None:
    with pytest.raises(OutboundRefused, match="private network"):
        outbound.post(f"http://[{address}]:9/" if ":" in address else f"http://{address}:9/", b"", {})


def test_a_name_is_asked_once_and_none_of_its_answers_may_be_inside(
    outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [["192.0.2.1", "127.0.0.1"], ["8.8.8.8"], ["127.0.0.1"]]  # outside the first time only
    reached: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_more: object) -> None:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (each, 80)) for each in answers.pop(0)])
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutboundRefused):
        outbound.post("http://partner.example/", b"", {})
    with pytest.raises(ConnectionRefusedError):
        outbound.post("http://partner.example/", b"", {})
    assert reached == [("8.8.8.8", 80)]


@pytest.mark.parametrize("host", ["a..example", "x" * 64 + ".example", ".example"])
def test_what_is_no_name_is_refused_like_any_other_address(outbound: Outbound, host: str) -> None:
    with pytest.raises(OutboundRefused, match="no name"):
        outbound.post(f"https://{host}/", b"", {})

"""No way from an alert into a private network: not by a name that leads there, not by one that changes its mind between
two questions, not by a redirect. Checked where the connection is made, with the address that it is made to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from urllib3.util import connection

# In their last 32 bits: NAT64, what was compatible once, and what is translated.
_HOLDING = tuple(map(IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")))


class PrivateHost(OSError):
    """What was to be reached is not on the public network."""


def is_public(host: str) -> bool:
    """Whether all of a host's addresses are of the public network; False where it is not found."""
    try:
        return bool(_addresses(host, 443))
    except OSError:
        return False


@contextmanager
def only_public() -> Iterator[None]:
    """While anybody is within it, no thread of the process makes a connection by requests but to the public network."""
    _GATE.close()
    try:
        yield
    finally:
        _GATE.open()


class _Gate:
    """Counts who is within: the first puts the check in place, and only the last takes it away."""

    def __init__(self) -> None:
        self._within = 0
        self._lock = threading.Lock()
        self._plain = connection.create_connection

    def close(self) -> None:
        with self._lock:
            if not self._within:
                self._plain = connection.create_connection
                connection.create_connection = self._checked
            self._within += 1

    def open(self) -> None:
        with self._lock:
            self._within -= 1
            if not self._within:
                connection.create_connection = self._plain

    def _checked(self, address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
        host, port = address
        return self._plain((_addresses(host, port)[0], port), *args, **options)


_GATE = _Gate()


def _addresses(host: str, port: int) -> list[str]:
    """Raises OSError where it is not found, and PrivateHost."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    for text in addresses:
        if not _is_public(ip_address(text.partition("%")[0])):
            raise PrivateHost(f"{host} is not on the public network.")
    return addresses


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """An address of the sixth version may hold one of the fourth, and lead to it: mapped, through a gateway (6to4,
    NAT64), or as it was written of old."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and any(address in one for one in _HOLDING):
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return _is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast

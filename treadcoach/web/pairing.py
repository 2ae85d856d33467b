"""Who may start a belt or make it faster from a page: whoever has typed the PIN that the terminal shows.

On this computer itself nobody is asked. A pairing is a signed cookie that is good from one address for
some weeks; STOP and pause need none.
"""

import secrets
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from itsdangerous import BadSignature, TimestampSigner

from treadcoach.core.errors import StoreError

COOKIE = "treadcoach"
GOOD_FOR_S = 60 * 24 * 3600
PIN_DIGITS = 6
MOST_TRIES = 5
TRIES_WITHIN_S = 300.0
"""Over all addresses: a million PINs at five in five minutes take two thousand years."""


class Pairing:
    """Gives out and checks pairings. The secret is kept, so that a paired tablet stays paired."""

    def __init__(self, secret: str, pin: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._signer = TimestampSigner(secret, salt="treadcoach pairing")
        self.pin = pin
        self._clock = clock
        self._tries: list[float] = []

    def wait_s(self) -> float:
        """How long no further PIN is looked at; 0: one may be tried."""
        now_s = self._clock()
        self._tries = [at for at in self._tries if now_s - at < TRIES_WITHIN_S]
        return TRIES_WITHIN_S - (now_s - self._tries[0]) if len(self._tries) >= MOST_TRIES else 0.0

    def pair(self, pin: str, address: str) -> str | None:
        """The cookie's value for the right PIN. Ask `wait_s` before."""
        if secrets.compare_digest(pin.encode(), self.pin.encode()):
            self._tries.clear()
            return self._signer.sign(address).decode()
        self._tries.append(self._clock())
        return None

    def is_paired(self, cookie: str | None, address: str) -> bool:
        """Whether a request may do what starts or speeds up."""
        if is_this_computer(address):
            return True
        if cookie is None:
            return False
        try:
            signed = self._signer.unsign(cookie, max_age=GOOD_FOR_S).decode()
        except BadSignature:
            return False
        return secrets.compare_digest(signed.encode(), address.encode())


def is_this_computer(address: str) -> bool:
    """Whether a request comes from the computer that the coach runs on."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def new_pin() -> str:
    """A PIN for one run of the server."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"


def kept_secret(folder: Path) -> str:
    """The secret that signs pairings, made when there is none. Raises StoreError."""
    path = folder / "pairing-secret"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.is_file():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32), encoding="ascii")
        found = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: {error}") from error
    if len(found) < 32:
        raise StoreError(f"{path} is damaged: delete it, and pair again")
    return found


def pairing_url(address: str, pin: str) -> str:
    """The PIN is in the fragment: browsers keep that to themselves, and no log of a server has it."""
    return f"{address}settings#pin={pin}"

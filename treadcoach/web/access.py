"""Who asks: whether a device is paired, and which one drives when there are several."""

import secrets

from fastapi import HTTPException, Request, Response

from treadcoach.web.pairing import COOKIE, GOOD_FOR_S, Pairing, is_this_computer

SEAT = "treadcoach-seat"
SEAT_LENGTH = 22


class Access:
    """Pairing and the driver's seat.

    Several paired devices may look on; one drives. It is the one that prepared the session, or took over
    since. Whatever stops or slows the belt needs no seat.
    """

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self._driver: tuple[str, str] | None = None

    def is_paired(self, request: Request) -> bool:
        # Somebody in between, on this computer, does not make a stranger a person at it.
        forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
        address = "unknown" if forwarded else address_of(request)
        return self.pairing.is_paired(request.cookies.get(COOKIE), address)

    def must_be_paired(self, request: Request) -> None:
        if not self.is_paired(request):
            raise HTTPException(401, "Pair this device first: type the PIN that the terminal shows.")

    def take(self, request: Request) -> None:
        """Drive from now on."""
        self._driver = (_seat(request), _name(request))

    def must_drive(self, request: Request) -> None:
        """Refuse who does not drive; an empty seat is taken."""
        if self._driver is None:
            self.take(request)
        elif self._driver[0] != _seat(request):
            raise HTTPException(409, f"{self._driver[1]} drives. Take over first, and say so to each other.")

    def leave(self) -> None:
        """Nobody drives: there is no session."""
        self._driver = None

    def driver(self, request: Request) -> dict[str, object] | None:
        """Who drives, as this device sees it."""
        if self._driver is None:
            return None
        return {"name": self._driver[1], "is_you": self._driver[0] == _seat(request)}

    def give_seat(self, request: Request, response: Response) -> None:
        """A name for this browser, so that two at one address are two."""
        if len(request.cookies.get(SEAT, "")) != SEAT_LENGTH:
            response.set_cookie(
                SEAT, secrets.token_urlsafe(16), max_age=GOOD_FOR_S, httponly=True, samesite="strict"
            )


def address_of(request: Request) -> str:
    """The address that asks; forwarded ones are not believed."""
    return "unknown" if request.client is None else request.client.host


def _seat(request: Request) -> str:
    return request.cookies.get(SEAT) or address_of(request)


def _name(request: Request) -> str:
    """For the other one to recognise."""
    agent = request.headers.get("user-agent", "")
    kind = (
        "a phone"
        if "Mobile" in agent
        else "a tablet"
        if "iPad" in agent or "Android" in agent
        else "a computer"
    )
    if is_this_computer(address_of(request)):
        return f"{kind} (this computer)"
    return f"{kind} at {address_of(request)}"

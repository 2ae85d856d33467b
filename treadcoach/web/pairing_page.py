"""The QR code that pairs a phone: shown to who is paired already, never to anybody else."""

import io

from fastapi import APIRouter
from fastapi.responses import Response

from treadcoach.web.pairing import Pairing, pairing_url


def router(pairing: Pairing, address: str) -> APIRouter:
    """address: the URL under which other devices find the pages; '' when they cannot."""
    routes = APIRouter(tags=["pairing"])

    @routes.get("/api/invitation")
    def invitation() -> dict[str, str | None]:
        """Where another device finds the pages, and the PIN; None: this computer alone is served."""
        return {"address": address or None, "pin": pairing.pin if address else None}

    @routes.get("/api/invitation.svg", response_class=Response)
    def picture() -> Response:
        """The same as a QR code."""
        import segno  # noqa: PLC0415 - a megabyte for what is shown once a phone

        out = io.BytesIO()
        code = segno.make(pairing_url(address, pairing.pin) if address else "treadcoach")
        code.save(out, kind="svg", scale=6, border=3, light="#ffffff", svgclass=None, lineclass=None)
        return Response(out.getvalue(), media_type="image/svg+xml")

    return routes

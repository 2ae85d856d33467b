"""Between the kernel's virtual controller and the simulated air: whole HCI packets, both ways.

The kernel takes one packet a write from /dev/vhci; the serial port to the air has none of their borders.
Standard library only: it is the emulated machine's radio.
"""

import os
import select
import time
from pathlib import Path

VENDOR, EVENT = 0xFF, 0x04
LE_META = 0x3E
CONNECTION_COMPLETE, ENHANCED_CONNECTION_COMPLETE = 0x01, 0x0A
HEADS = {0x01: (4, 3, 1), 0x02: (5, 3, 2), 0x03: (4, 3, 1), EVENT: (3, 2, 1), 0x05: (5, 3, 2)}
"""Type: octets of the head, where its length stands, in how many octets."""


def take_packet(stream: bytearray) -> bytes | None:
    if not stream:
        return None
    head, at, octets = HEADS[stream[0]]
    if len(stream) < head:
        return None
    whole = head + int.from_bytes(stream[at : at + octets], "little")
    if len(stream) < whole:
        return None
    packet = bytes(stream[:whole])
    del stream[:whole]
    return packet


def as_the_kernel_expects(packet: bytes) -> bytes:
    """Bumble's controller offers extended advertising and yet tells of links in the plain event."""
    if packet[:2] != bytes((EVENT, LE_META)) or packet[3] != CONNECTION_COMPLETE:
        return packet
    no_private_addresses = bytes(12)
    body = bytes((ENHANCED_CONNECTION_COMPLETE,)) + packet[4:15] + no_private_addresses + packet[15:]
    return bytes((EVENT, LE_META, len(body))) + body


def main() -> None:
    while not (ports := sorted(Path("/dev").glob("vport*p1"))):
        time.sleep(0.1)  # the kernel makes it; nobody tells when
    air, kernel = os.open(ports[0], os.O_RDWR), os.open("/dev/vhci", os.O_RDWR)
    os.write(kernel, bytes((VENDOR, 0x00)))
    stream = bytearray()
    while True:
        for ready in select.select([air, kernel], [], [])[0]:
            data = os.read(ready, 4096)
            if ready == kernel:
                while data and data[0] != VENDOR:
                    data = data[os.write(air, data) :]
                continue
            stream += data
            while (packet := take_packet(stream)) is not None:
                os.write(kernel, as_the_kernel_expects(packet))


if __name__ == "__main__":
    main()

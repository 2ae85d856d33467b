"""A port of this computer for a server of the tests."""

import random
import socket as sockets

CHOICE = range(20_000, 32_000)
"""Below those that systems give to who calls out: one of these is not taken before the server has it."""


def free_port() -> int:
    """One that nobody has now."""
    rng = random.SystemRandom()
    while True:
        port = rng.choice(CHOICE)
        with sockets.socket() as trial:
            try:
                trial.bind(("0.0.0.0", port))
            except OSError:
                continue  # taken: another one
            return port

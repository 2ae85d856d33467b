"""Who may start a belt from a page: PINs that are guessed, cookies that are forged, replayed or too old."""

from pathlib import Path

import pytest
from itsdangerous import TimestampSigner

from treadcoach.core.errors import StoreError
from treadcoach.web.pairing import GOOD_FOR_S, MOST_TRIES, TRIES_WITHIN_S, Pairing, kept_secret, new_pin

TABLET, OTHER = "192.168.1.30", "192.168.1.31"


class _Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_the_right_pin_pairs_one_address() -> None:
    pairing = Pairing("secret" * 8, "123456")
    cookie = pairing.pair("123456", TABLET)
    assert cookie is not None and pairing.is_paired(cookie, TABLET)
    assert not pairing.is_paired(cookie, OTHER), "a cookie that was carried elsewhere"
    assert not pairing.is_paired(None, TABLET)
    assert not Pairing("another" * 8, "123456").is_paired(cookie, TABLET), "of another server"


def test_a_paired_tablet_stays_paired_with_the_next_pin(tmp_path: Path) -> None:
    cookie = Pairing(kept_secret(tmp_path), "111111").pair("111111", TABLET)
    assert Pairing(kept_secret(tmp_path), "222222").is_paired(cookie, TABLET)
    assert (tmp_path / "pairing-secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("forged", ["", "x", f"{TABLET}", f"{TABLET}.AAAA.BBBB", "é" * 10, "." * 1000])
def test_a_forged_cookie_is_none(forged: str) -> None:
    assert not Pairing("secret" * 8, "123456").is_paired(forged, TABLET)


def test_an_old_cookie_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pairing = Pairing("secret" * 8, "123456")
    right_now = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: right_now(self) - GOOD_FOR_S - 60)
    cookie = pairing.pair("123456", TABLET)
    monkeypatch.undo()
    assert not pairing.is_paired(cookie, TABLET)


def test_guessing_takes_too_long() -> None:
    clock = _Clock()
    pairing = Pairing("secret" * 8, "123456", clock)
    for guess in range(MOST_TRIES):
        assert pairing.wait_s() == 0
        assert pairing.pair(f"{guess:06d}", f"192.168.1.{guess}") is None
    assert pairing.wait_s() == TRIES_WITHIN_S, "over all addresses"
    clock.now_s += TRIES_WITHIN_S
    assert pairing.wait_s() == 0 and pairing.pair("123456", TABLET) is not None


def test_this_computer_needs_no_pin() -> None:
    pairing = Pairing("secret" * 8, "123456")
    assert pairing.is_paired(None, "127.0.0.1") and pairing.is_paired(None, "::1")
    for address in ("unknown", "", "192.168.1.1", "127.0.0.1.evil.example", "0.0.0.0"):
        assert not pairing.is_paired(None, address)


def test_a_pin_has_six_digits_and_a_damaged_secret_is_said(tmp_path: Path) -> None:
    pins = {new_pin() for _ in range(50)}
    assert len(pins) > 40 and all(len(pin) == 6 and pin.isdecimal() for pin in pins)
    (tmp_path / "pairing-secret").write_text("short", encoding="ascii")
    with pytest.raises(StoreError, match="pair again"):
        kept_secret(tmp_path)

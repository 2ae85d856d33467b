"""Shoes: distances go to the pair in use, and the documents' 300 to 500 miles are named."""

from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from treadcoach.cli.main import app
from treadcoach.core.errors import InputError
from treadcoach.planning.shoes import Shoe, worn

DAY = date(2026, 1, 1)


def test_each_run_goes_to_the_newest_pair_in_use() -> None:
    old, new = Shoe("old", DAY, 1000.0), Shoe("new", DAY + timedelta(days=10))
    runs = [(DAY + timedelta(days=d), 5000.0) for d in (-1, 0, 9, 10, 30)]
    found = {pair.shoe.name: pair.distance_m for pair in worn([old, new], runs)}
    assert found == {"old": 11_000.0, "new": 10_000.0}


def test_a_retired_pair_gets_no_more() -> None:
    pair = Shoe("old", DAY, 0.0, DAY + timedelta(days=5))
    (found,) = worn([pair], [(DAY, 1000.0), (DAY + timedelta(days=5), 1000.0)])
    assert found.distance_m == 1000.0 and found.advice == "retired"


@pytest.mark.parametrize(
    ("km", "words"), [(0, "good"), (482, "good"), (483, "look for"), (804, "look for"), (805, "replace it")]
)
def test_the_window_is_three_to_five_hundred_miles(km: float, words: str) -> None:
    (found,) = worn([Shoe("pair", DAY, km * 1000)], [])
    assert found.advice.startswith(words)


def test_pairs_are_kept_on_the_command_line() -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["shoes", *words], catch_exceptions=False)
        assert result.exit_code == 0
        return result.stdout

    assert "No shoes yet" in run()
    assert "700.00 km" in run("add", "Blue", "--ran", "700 km")
    assert "retired" in run("retire", "Blue")
    assert "Blue" in run("add", "Blue")
    for words, allowed in (
        (["add", "Blue"], "not there yet"),
        (["retire", "Red"], "Blue"),
        (["burn", "Blue"], "list, add or retire"),
        (["add"], "what you call"),
        (["add", "Far", "--ran", "9000 km"], "up to 5000 km"),
    ):
        with pytest.raises(InputError, match=allowed):
            CliRunner().invoke(app, ["shoes", *words], catch_exceptions=False)

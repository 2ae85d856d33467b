"""Several runners and treadmills: what config.toml may say, and that each runner's data is that runner's."""

from pathlib import Path

import pytest

from tests.unit.app.test_handing_on import record
from treadcoach.app import journal_copies, settings
from treadcoach.app.broker import default_node, load_broker, write_broker
from treadcoach.app.config import folders, load_runner
from treadcoach.app.config_file import read_config
from treadcoach.app.desk import Desk, open_desk
from treadcoach.app.exporting import export
from treadcoach.app.practice import add_runner, load_places, seat
from treadcoach.app.storing import open_store, store_url
from treadcoach.app.views import session as session_view
from treadcoach.core.errors import InputError
from treadcoach.store import history

PLACE = 'name = "left"\ntreadmill = "AA:01"\nport = 8801\nrunner = "ada"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for runner in ("ada", "ben"):
        add_runner(tmp_path, runner)
    return tmp_path


def configure(home: Path, *tables: str) -> None:
    text = "# the practice's\n" + "".join(f"[[treadmills]]\n{table}" for table in tables)
    (home / "config.toml").write_text(text, encoding="utf-8")


def right(**changes: object) -> str:
    fields = {"name": '"right"', "treadmill": '"AA:02"', "port": 8802, "runner": '"ben"'} | changes
    return "".join(f"{key} = {value}\n" for key, value in fields.items())


def test_treadmills_are_read_and_without_them_it_is_a_home(home: Path) -> None:
    assert load_places(home) == []
    configure(home, PLACE, right(straps='["H10@chest"]'))
    left, other = load_places(home)
    assert (left.runner, left.straps, left.port) == ("ada", ("none",), 8801), "no neighbour's strap"
    assert other.straps == ("H10@chest",)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (right(name='"left"'), "another one for each treadmill"),
        (right(treadmill='"AA:01"'), "another one for each treadmill"),
        (right(port=8801), "another one for each treadmill"),
        (right(name='"../up"'), "lower-case letters"),
        (right(runner='"eve"'), "one of ada, ben"),
        (right(runner='"../../etc"'), "one of ada, ben"),
        (right(port=0), "1 to 65535"),
        (right(port="true"), "1 to 65535"),
        (right(treadmill='""'), "address"),
        (right(straps='"H10"'), "a list"),
        (right(straps='["H10@knee"]'), "H10@knee"),
        (right(takes_mph='"yes"'), "true or false"),
        (right(colour='"red"'), "a table with"),
    ],
)
def test_what_is_wrong_is_named(home: Path, table: str, words: str) -> None:
    configure(home, PLACE, table)
    with pytest.raises(InputError) as caught:
        load_places(home)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[runer]\nmax_speed = "6 km/h"\n', "runer"),
        ('[Runner]\nmax_speed = "6 km/h"\n', "Runner"),
        ('max_speed = "6 km/h"\n', "max_speed"),
        ('[mqqt]\nhost = "x"\n', "mqqt"),
    ],
)
def test_a_table_that_nobody_reads_is_refused(tmp_path: Path, text: str, name: str) -> None:
    """A limit that is written to a mistyped table must not be believed to hold."""
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    for read in (load_runner, read_config):
        with pytest.raises(InputError, match=r"\[runner\]") as caught:
            read(tmp_path)
        assert name in str(caught.value)


def test_one_strap_is_at_one_treadmill(home: Path) -> None:
    configure(home, PLACE + 'straps = ["H10"]\n', right(straps='["H10"]'))
    with pytest.raises(InputError, match="each sensor at one treadmill"):
        load_places(home)


def test_a_runner_takes_a_seat_and_comments_stay(home: Path) -> None:
    configure(home, PLACE, right())
    seat(home, "left", "ben")
    assert [place.runner for place in load_places(home)] == ["ben", "ben"]
    assert (home / "config.toml").read_text(encoding="utf-8").startswith("# the practice's")
    for treadmill, runner in (("middle", "ben"), ("left", "eve")):
        with pytest.raises(InputError, match="one of"):
            seat(home, treadmill, runner)


@pytest.mark.parametrize("name", ["", "Ada", "a b", "../x", "a/b", "x" * 41, "ada"])
def test_names_of_runners_are_plain_and_their_own(home: Path, name: str) -> None:
    with pytest.raises(InputError):
        add_runner(home, name)


def test_a_runner_is_called_by_the_folder(home: Path) -> None:
    path = home / "runners" / "ada" / "config.toml"
    path.write_text('[runner]\nname = "ben"\nage_years = 40\n', encoding="utf-8")
    runner = load_runner(folders(home, runner="ada").config)
    assert (runner.name, runner.age_years) == ("ada", 40), "no two become one by a name in a file"
    with pytest.raises(InputError, match="one of ada, ben"):
        folders(home, runner="eve")
    with pytest.raises(InputError, match="the practice named"):
        settings.write_runner(open_desk(home, runner="ada"), {"name": "ben"})


def test_each_runners_data_is_that_runners(home: Path, tmp_path: Path) -> None:
    engine = open_store(folders(home))
    for runner in ("ada", "ben"):
        record(engine, runner)
    ada, ben = (open_desk(home, runner=name, treadmill="left") for name in ("ada", "ben"))
    assert [row["id"] for row in session_view.sessions(ada, 10, "", "", None)["sessions"]] == [1]
    assert session_view.session(ben, 2)["head"]["id"] == 2
    for look in (session_view.session, session_view.delete, lambda d, n: export(d, n, "csv")):
        with pytest.raises(InputError, match="1 to 1"):
            look(ada, 2)
    assert len(ada.training().past(history.get_session(engine, 1).day)) == 1
    journal_copies.copy_out(ada, tmp_path / "ada.db")
    hers = Desk(folders(home), open_store(folders(tmp_path / "elsewhere")))
    with pytest.raises(InputError, match="treadcoach restore"):
        journal_copies.copy_in(ada, tmp_path / "ada.db")
    journal_copies.copy_in(hers, tmp_path / "ada.db")
    assert len(history.list_sessions(hers.engine)) == 1
    journal_copies.empty(ada)
    assert [row.id for row in history.list_sessions(engine)] == [2], "the other's stays"
    settings.write_runner(ada, {"age_years": 33})
    assert open_desk(home, runner="ben").runner().age_years is None


def test_what_is_for_all_is_not_changed_from_one_runners_page(home: Path) -> None:
    ada = open_desk(home, runner="ada", treadmill="left-hand")
    with pytest.raises(InputError, match="practice's"):
        settings.write_devices(ada, settings.KnownDevices("AA"))
    with pytest.raises(InputError, match="practice's"):
        write_broker(ada, {"host": "evil.example"}, None)
    (home / "config.toml").write_text('[mqtt]\nhost = "broker"\nnode = "gym"\n', encoding="utf-8")
    found = load_broker(ada)
    assert found is not None and found.node == "gym_left_hand"
    assert default_node(ada).endswith("_left_hand")


def test_a_store_by_url(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = folders(home, runner="ada")
    assert store_url(places) is None
    (home / "config.toml").write_text('[store]\nurl = "postgresql://coach@db/treadcoach"\n', encoding="utf-8")
    assert store_url(places) == "postgresql://coach@db/treadcoach"
    monkeypatch.setenv("TREADCOACH_STORE", "postgresql://other@db/t")
    assert store_url(places) == "postgresql://other@db/t"
    for wrong in ("journal.db", "mysql://a@b/c", "postgresql://[::1/x"):
        monkeypatch.setenv("TREADCOACH_STORE", wrong)
        with pytest.raises(InputError, match="postgresql://USER@HOST/DATABASE"):
            open_store(places)

"""Every test of the store that asks for `where` runs on both: SQLite's file and a database of Postgres."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Postgres, engines_closed


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """The place of an empty store."""
    with engines_closed():
        if request.param == "sqlite":
            yield tmp_path / "j.db"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            yield server.new_database()

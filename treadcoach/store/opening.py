"""Opening a store: SQLite by its path, Postgres by its URL; both brought to the schema of today.

A store of an older program is upgraded in place by alembic's steps; one of a newer program is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.pool import NullPool

from treadcoach.core.errors import InputError, StoreError, StoreGone
from treadcoach.store.schema import SCHEMA_VERSION, alembic_version, meta, metadata

POSTGRES = "a URL: postgresql://USER@HOST/DATABASE"
_LOCK = 7_274_011
"""Of a Postgres: programs that start at once upgrade it one after the other."""
_MOST_CONNECTIONS = 30


def open_engine(where: Path | str) -> Engine:
    """Open or make a store: a file's path, or the URL of a Postgres database.

    Raises StoreError when it is not one, or cannot be used, InputError for a URL that is none.
    """
    engine, place = (_sqlite(where), str(where)) if isinstance(where, Path) else _postgres(where)
    try:
        _bring_up_to_date(engine)
    except DatabaseError as error:
        engine.dispose()
        raise StoreError(f"{place}: not a usable journal: {str(error.orig).strip()}") from error
    except StoreError:
        engine.dispose()
        raise
    return engine


def is_url(where: str) -> bool:
    """Whether a store's place is a URL, and no path."""
    return "://" in where


def _sqlite(path: Path) -> Engine:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: the folder cannot be made: {error.strerror}") from error
    # No pool: a connection lives as long as its use, so that no file stays open behind anybody.
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _set_up(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _postgres(where: str) -> tuple[Engine, str]:
    try:
        url: URL = make_url(where)
        place = url.set(password=None).render_as_string()
    except (ArgumentError, ValueError):
        raise InputError("store", "(a URL that cannot be read)", POSTGRES) from None
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise InputError("store", url.drivername, POSTGRES)
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=2,
            max_overflow=_MOST_CONNECTIONS - 2,
            # A network that is gone is found out within seconds, and not when TCP gives up.
            connect_args={
                "application_name": "treadcoach",
                "connect_timeout": 5,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 15_000,
            },
        )
    except (NoSuchModuleError, ImportError) as error:
        raise StoreError(f"{place}: the library for Postgres cannot be loaded: {error}") from error
    _say_when_gone(engine, place)
    return engine, place


def _say_when_gone(engine: Engine, place: str) -> None:
    """A lost or refused connection is StoreGone everywhere, whoever asked for what."""

    @event.listens_for(engine, "handle_error")
    def _gone(context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        if context.is_pre_ping or not (
            context.is_disconnect or isinstance(error, OperationalError | InterfaceError)
        ):
            return
        lines = str(context.original_exception).strip().splitlines() or [""]
        raise StoreGone(
            f"{place}: the database cannot be reached: {lines[0]}"
        ) from context.original_exception


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        if _version(connection) == SCHEMA_VERSION:
            return
    with _alone(engine) as connection:
        found = _version(connection)
        if found is None:
            metadata.create_all(connection)
            connection.execute(alembic_version.insert().values(version_num=str(SCHEMA_VERSION)))
            connection.execute(meta.insert().values(key="schema", value=str(SCHEMA_VERSION)))
        elif found > SCHEMA_VERSION:
            raise StoreError(
                f"the journal has schema {found}, this program knows up to {SCHEMA_VERSION}: update it"
            )
        elif found < SCHEMA_VERSION:
            _upgrade(connection, found)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction that no other program's upgrade comes between."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        else:
            # Without it SQLite's driver would commit each table by itself.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def _version(connection: Connection) -> int | None:
    """The schema that is there; None: nothing is."""
    tables = set(inspect(connection).get_table_names())
    if "meta" not in tables:
        return None
    value = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
    if value is not None:
        return int(value)
    # A program that was killed while it made the tables: they tell how far it came.
    return 3 if "diary" in tables else 2 if "form" in tables else 1


def _upgrade(connection: Connection, found: int) -> None:
    # Eleven megabytes that only an old store needs.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    if not inspect(connection).has_table("alembic_version"):
        command.stamp(config, str(found))
    command.upgrade(config, "head")
    connection.execute(meta.delete().where(meta.c.key == "schema"))
    connection.execute(meta.insert().values(key="schema", value=str(SCHEMA_VERSION)))

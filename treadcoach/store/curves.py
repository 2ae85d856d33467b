"""A session's samples as curves: thinned where they lie, so that two hours of them need not be read."""

from typing import Any

from sqlalchemy import Engine, Float, Row, Select, Subquery, case, cast, func, or_, select

from treadcoach.store import schema

CURVES = ("speed_kmh", "ordered_kmh", "wished_kmh", "incline_percent", "ordered_percent", "heart_rate_bpm",
          "cadence_spm")  # fmt: skip


def _rows(engine: Engine, wanted: Select[Any]) -> list[Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(wanted))


def sample_curves(engine: Engine, number: int, most: int) -> list[Row[Any]]:
    """(t_s, *CURVES) of a session: means of at most `most` equal stretches; of nothing but gaps a gap."""
    table = schema.samples
    mine: Subquery = (
        select(
            table.c.t_s,
            *(cast(table.c[name], Float).label(name) for name in CURVES),
            func.row_number().over(order_by=table.c.seq).label("at"),
            func.count().over().label("in_all"),
        )
        .where(table.c.session_id == number)
        .subquery()
    )
    parts = case((mine.c.in_all < most, mine.c.in_all), else_=most)
    # Row `at` (from 1) is in the stretch whose rows are number * in_all / parts and what follows.
    stretch = (mine.c.at * parts - 1) // mine.c.in_all
    means = [func.avg(mine.c[name]).label(name) for name in ("t_s", *CURVES)]
    return _rows(engine, select(*means).group_by(stretch).order_by(stretch))


def phase_changes(engine: Engine, number: int) -> list[Row[Any]]:
    """(t_s, phase) of the samples with which a phase begins, and of the last one."""
    table = schema.samples
    order = table.c.seq
    mine: Subquery = (
        select(
            table.c.seq,
            table.c.t_s,
            table.c.phase,
            func.lag(table.c.phase).over(order_by=order).label("before"),
            func.lead(table.c.phase).over(order_by=order).label("after"),
        )
        .where(table.c.session_id == number)
        .subquery()
    )
    kept = or_(mine.c.before.is_(None), mine.c.before != mine.c.phase, mine.c.after.is_(None))
    return _rows(engine, select(mine.c.t_s, mine.c.phase).where(kept).order_by(mine.c.seq))


def form_readings(engine: Engine, number: int, most: int) -> list[Row[Any]]:
    """(sensor, t_s, metrics) of a session, fewer than twice `most` of each sensor, evenly spread.

    A reading is a mean over its own five seconds already: of two hours every seventh says nearly as much.
    """
    table = schema.form
    sensor = table.c.sensor
    mine: Subquery = (
        select(
            table.c.seq,
            (func.row_number().over(partition_by=sensor, order_by=table.c.seq) - 1).label("at"),
            func.count().over(partition_by=sensor).label("in_all"),
        )
        .where(table.c.session_id == number)
        .subquery()
    )
    every = case((mine.c.in_all < most, 1), else_=mine.c.in_all // most)
    kept = select(mine.c.seq).where(mine.c.at % every == 0)
    # Chosen by number first: the texts are long, and most of them stay where they are.
    of_session = table.c.session_id == number
    wanted = select(table.c.sensor, table.c.t_s, table.c.metrics).where(of_session, table.c.seq.in_(kept))
    return _rows(engine, wanted.order_by(table.c.seq))

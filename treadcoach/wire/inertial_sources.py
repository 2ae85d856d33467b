"""The inertial sensors that are known. A new one: its file, and its SOURCE here."""

from treadcoach.wire import movesense, open_imu, polar
from treadcoach.wire.inertial import InertialSource

SOURCES: tuple[InertialSource, ...] = (polar.SOURCE, movesense.SOURCE, open_imu.SOURCE)
BY_NAME = {source.name: source for source in SOURCES}

"""The topics of one treadmill on a broker."""

from dataclasses import dataclass

from treadcoach.app.broker import Broker

ONLINE, OFFLINE = "online", "offline"


@dataclass(frozen=True, slots=True)
class Topics:
    """Everything of ours is under base/node; Home Assistant's under its own prefix."""

    base: str
    node: str
    discovery_prefix: str

    @property
    def root(self) -> str:
        return f"{self.base}/{self.node}"

    @property
    def availability(self) -> str:
        """online or offline, retained; also the last will."""
        return f"{self.root}/availability"

    @property
    def state(self) -> str:
        """One JSON object, after every change; never retained."""
        return f"{self.root}/state"

    @property
    def event(self) -> str:
        """session_started, session_ended, alarm and cue, as they happen."""
        return f"{self.root}/event"

    @property
    def command_result(self) -> str:
        """What became of each command, and why."""
        return f"{self.root}/command_result"

    def command(self, name: str) -> str:
        return f"{self.root}/command/{name}"

    @property
    def every_command(self) -> str:
        return f"{self.root}/command/+"

    @property
    def discovery(self) -> str:
        return f"{self.discovery_prefix}/device/treadcoach_{self.node}/config"

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.discovery_prefix}/status"


def topics_of(broker: Broker) -> Topics:
    return Topics(broker.base_topic, broker.node, broker.discovery_prefix)

"""The session on the screen: a live view in a terminal, plain lines elsewhere."""

import asyncio
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from treadcoach.app.outputs import Event
from treadcoach.app.snapshot import Snapshot
from treadcoach.cli.form_view import live_lines, live_row
from treadcoach.cli.keys import HELP, read_keys
from treadcoach.core.effects import Level
from treadcoach.core.intents import Intent
from treadcoach.core.phases import ON_BELT, Phase
from treadcoach.core.units import SpeedUnit, format_distance, format_duration, format_speed

STYLES = {
    Level.INFO: "",
    Level.CUE: "bold cyan",
    Level.WARNING: "bold yellow",
    Level.ALARM: "bold white on red",
}
PLAIN_EVERY_S = 60.0
WIDTH = 80
SAFETY_LINE = "The safety key is the emergency stop."


class Screen(Protocol):
    """What a session needs of a screen. Nothing here may hold up the loop."""

    def __enter__(self) -> object: ...
    def __exit__(self, *_: object) -> None: ...
    def show(self, snapshot: Snapshot) -> None: ...
    def tell(self, event: Event) -> None: ...
    def line(self, text: str) -> None: ...
    def keys(
        self, loop: asyncio.AbstractEventLoop, ask: Callable[[Intent], None]
    ) -> AbstractContextManager[None]: ...


class PlainScreen:
    """Lines for logs and pipes, written by a thread: a reader that stalls stalls nothing else."""

    def __init__(self, unit: SpeedUnit, stretches: Sequence[str] = ()) -> None:
        self._unit = unit
        self._stretches = stretches
        self._lines: queue.Queue[str | None] = queue.Queue(maxsize=1000)
        self._thread = threading.Thread(target=self._write, name="screen", daemon=True)
        self._begin_s: float | None = None
        self._next_s = 0.0
        self._phase: Phase | None = None

    def __enter__(self) -> "PlainScreen":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._offer(None)
        self._thread.join(timeout=2)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                print(line, flush=True)
            except OSError:
                return  # nobody reads any more; the journal has it all

    def _offer(self, line: str | None) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            return  # a stalled reader loses lines, not the session

    def show(self, snapshot: Snapshot) -> None:
        if self._begin_s is None:
            self._begin_s = self._next_s = snapshot.t_s
        if snapshot.phase is not self._phase and snapshot.phase is Phase.STRETCH_BREAK:
            for line in self._stretches:
                self._offer(f"          {line}")
        self._phase = snapshot.phase
        if snapshot.t_s < self._next_s:
            return
        self._next_s = snapshot.t_s + PLAIN_EVERY_S
        pulse = f"  pulse {snapshot.heart_rate_bpm}" if snapshot.heart_rate_bpm else ""
        self._offer(
            f"{self._at(snapshot.t_s)} {snapshot.phase.words:<13}"
            f" {format_speed(snapshot.speed_kmh, self._unit):>10}"
            f"  {_percent(snapshot.incline_percent):>6}"
            f"  {format_distance(snapshot.distance_m, self._unit)}"
            f"  left {format_duration(snapshot.left_s)}{pulse}"
        )

    def tell(self, event: Event) -> None:
        if event.kind not in ("say", "alarm", "link", "fault"):
            return
        mark = {Level.WARNING: "! ", Level.ALARM: "!! "}.get(event.level, "")
        self._offer(f"{self._at(event.t_s)} {mark}{event.text}")

    def line(self, text: str) -> None:
        self._offer(text)

    def _at(self, t_s: float) -> str:
        begin = t_s if self._begin_s is None else self._begin_s
        return f"{format_duration(t_s - begin):>7}"

    def keys(
        self, loop: asyncio.AbstractEventLoop, ask: Callable[[Intent], None]
    ) -> AbstractContextManager[None]:
        return nullcontext()


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


STOP_KEYS = "Space/S STOP   Enter start   P pause   W feeling unwell"
ANSWERS = {
    "belt_stands": "Has the belt stopped? Press T if it has. If it moves, pull the safety key.",
    "incline_is": "How steep is the belt, in %? Type the number, such as 2 or 1.5.",
}
FRAME = 4
"""Of a panel: two columns on each side; two lines, and two that the terminal keeps."""


class LiveScreen:
    """A panel that is redrawn by a thread of its own, four times a second."""

    def __init__(
        self, unit: SpeedUnit, console: Console | None = None, stretches: Sequence[str] = ()
    ) -> None:
        self._unit = unit
        self._stretches = stretches
        self._console = console or Console()
        self._snapshot: Snapshot | None = None
        self._extra: str | None = None
        self._live = Live(
            get_renderable=self.render, console=self._console, refresh_per_second=4, transient=False
        )

    def __enter__(self) -> "LiveScreen":
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def tell(self, event: Event) -> None:
        """The snapshot carries the latest lines."""

    def line(self, text: str) -> None:
        self._extra = text

    def keys(
        self, loop: asyncio.AbstractEventLoop, ask: Callable[[Intent], None]
    ) -> AbstractContextManager[None]:
        return read_keys(loop, ask) if sys.stdin.isatty() else nullcontext()

    def render(self) -> RenderableType:
        snapshot = self._snapshot
        if snapshot is None:
            return Panel("Connecting to the treadmill …", title="treadcoach", width=WIDTH)
        above: list[RenderableType] = [self._head(snapshot), self._figures(snapshot), self._why(snapshot)]
        answer = ANSWERS.get(snapshot.asks or "")
        if answer is not None:
            style = STYLES[Level.ALARM if snapshot.asks == "belt_stands" else Level.WARNING]
            above.append(Text(f" {answer} ", style=style))
        if snapshot.alarm is not None and snapshot.asks != "belt_stands":
            above.append(Text(f" {snapshot.alarm} ", style=STYLES[Level.ALARM]))
        below: list[RenderableType] = [Text(STOP_KEYS, style="bold"), Text(SAFETY_LINE, style="bold")]
        between = self._between(snapshot, self._left(above, below))
        title = Text(f"treadcoach · {snapshot.machine}")  # a name from the air is no markup
        return Panel(Group(*above, *between, *below), title=title, width=self._width)

    @property
    def _width(self) -> int:
        return min(WIDTH, self._console.width)

    def _lines(self, part: RenderableType) -> int:
        options = self._console.options.update(width=self._width - FRAME, height=None)
        return len(self._console.render_lines(part, options))

    def _left(self, above: Sequence[RenderableType], below: Sequence[RenderableType]) -> int:
        """Lines for all that may be left out: what stops the belt never leaves the screen."""
        return self._console.height - FRAME - sum(self._lines(part) for part in (*above, *below))

    def _between(self, snapshot: Snapshot, left: int) -> list[RenderableType]:
        """The latest lines first, then stretches, form and the other keys, as far as there is room."""
        says: list[RenderableType] = [
            Text(f"· {text}", style=STYLES[Level(level)])
            for level, text in snapshot.last_says[-4:]
            if text != snapshot.alarm and level != Level.ALARM
        ]
        extra = [] if self._extra is None else [Text(self._extra, style="bold yellow")]
        stretches = self._stretches if snapshot.phase is Phase.STRETCH_BREAK else ()
        form: list[RenderableType] = list(live_lines(snapshot.form))
        others: list[RenderableType] = [Text(f"  {line}") for line in stretches]
        keys: list[RenderableType] = [Text(HELP, style="dim")]
        groups: list[list[RenderableType]] = [
            [*extra, *reversed(says)],
            others,
            form,
            keys,
        ]
        chosen: list[RenderableType] = []
        for part in (part for group in groups for part in group):
            if (height := self._lines(part)) <= left:
                left -= height
                chosen.append(part)
        order = [*form, *says, *others, *extra, *keys]
        return [part for part in order if any(part is kept for kept in chosen)]

    def _head(self, snapshot: Snapshot) -> RenderableType:
        grid = Table.grid(expand=True)
        grid.add_column(ratio=1)
        grid.add_column(justify="right", ratio=1)
        step = f"  step {snapshot.step} of {snapshot.steps}" if snapshot.phase in ON_BELT else ""
        label = f"  {snapshot.step_label}" if snapshot.step_label and snapshot.phase in ON_BELT else ""
        phase = Text(f"{snapshot.phase.words.upper()}{step}{label}", style="bold reverse")
        grid.add_row(phase, Text(f"left {format_duration(snapshot.left_s)}", style="bold"))
        whole = snapshot.belt_time_s + snapshot.left_s
        bar = ProgressBar(total=max(whole, 1.0), completed=snapshot.belt_time_s)
        return Group(grid, bar, Text())

    def _figures(self, snapshot: Snapshot) -> RenderableType:
        table = Table.grid(expand=True, padding=(0, 1))
        for _ in range(4):
            table.add_column(ratio=1)
        unit = self._unit

        def cell(name: str, value: str, style: str = "bold") -> Text:
            return Text.assemble((name + "\n", "dim"), (value, style))

        age = snapshot.speed_age_s
        stale = snapshot.speed_kmh is None and age is not None
        speed = (
            f"? ({age:.0f} s old)" if stale and age is not None else format_speed(snapshot.speed_kmh, unit)
        )
        pulse = "–" if snapshot.heart_rate_bpm is None else f"{snapshot.heart_rate_bpm} /min"
        cadence = "–" if not snapshot.cadence_spm else f"{snapshot.cadence_spm:.0f} /min"
        commanded = snapshot.phase in ON_BELT and not snapshot.hands_off
        table.add_row(
            cell("belt now", speed, "dim" if stale else "bold green"),
            cell("target", format_speed(snapshot.target_kmh, unit) if commanded else "–"),
            cell("ordered", format_speed(snapshot.ordered_kmh, unit)),
            cell("ceiling", format_speed(snapshot.ceiling_kmh, unit)),
        )
        table.add_row(
            cell("incline", _percent(snapshot.incline_percent)),
            cell("pulse", pulse),
            cell("cadence", cadence),
            cell("distance", format_distance(snapshot.distance_m, unit)),
        )
        following = format_speed(snapshot.next_kmh, unit) if snapshot.next_kmh else "cool-down"
        if snapshot.phase is Phase.COOL_DOWN:
            following = "the end"
        table.add_row(
            cell("this step", f"{format_duration(snapshot.step_left_s)} left"),
            cell("next", following),
            cell("on the belt", format_duration(snapshot.belt_time_s)),
            cell("link", "up" if snapshot.link_up else "LOST", "bold" if snapshot.link_up else "bold red"),
        )
        if form := live_row(snapshot.form):
            table.add_row(*form)
        return table

    def _why(self, snapshot: Snapshot) -> RenderableType:
        if snapshot.gate_open or snapshot.phase is Phase.CONNECTING:
            text = f"why: {snapshot.why}" if snapshot.why else "why: –"
        else:
            text = f"not controlling the belt: {snapshot.gate_reason}"
        return Text(text, style="cyan")

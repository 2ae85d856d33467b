"""`treadcoach scan`: what is in the air."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from treadcoach.app.assembly import find_air
from treadcoach.app.choosing import held_words
from treadcoach.app.clock import run_paced
from treadcoach.core.errors import LinkError
from treadcoach.devices.scan import Abilities, Found, describe, linked_treadmills, scan


def run_scan(seconds: float, air: str | None) -> int:
    """List devices; exit status 1 when nothing was heard."""
    place = find_air(air)

    async def look() -> tuple[list[tuple[Found, Abilities | str | None]], list[str]]:
        if place is not None:
            from treadcoach.virtual.bleak_backend import install

            install(place)
        out: list[tuple[Found, Abilities | str | None]] = []
        for found in await scan(seconds):
            ability: Abilities | str | None = None
            if found.kind == "treadmill":
                try:
                    ability = await describe(found.device)
                except LinkError as error:
                    ability = str(error)
            out.append((found, ability))
        return out, [held_words(held.name, held.address) for held in await linked_treadmills()]

    console = Console(highlight=False, markup=False)
    where = f"the simulated air at {place}" if place else "Bluetooth"
    console.print(f"Listening for {seconds:g} s on {where} …")
    devices, held = run_paced(look())
    for words in held:
        console.print(words)
    if not devices:
        console.print(
            "Nothing was heard. Is the treadmill on, and no phone connected to it? See 'treadcoach doctor'."
        )
        return 1
    table = Table(box=None, pad_edge=False)
    for title in ("device", "address", "signal", "what it is"):
        table.add_column(title, overflow="fold")
    for found, _ in devices:
        kind = f"{found.kind}: {', '.join(found.offers)}" if found.offers else found.kind
        cells = (found.name, found.device.address, f"{found.rssi_dbm} dBm", kind)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    for found, ability in devices:
        if ability is None:
            continue
        console.print(f"\n{found.name} can do:")
        if isinstance(ability, str):
            console.print(f"  could not be asked: {ability}")
            continue
        for name, text in ability.ranges.items():
            console.print(f"  {name.replace('_', ' ')}: {text}")
        if ability.features:
            console.print(f"  reports: {', '.join(ability.features)}")
        if ability.settings:
            console.print(f"  takes: {', '.join(ability.settings)}")
        for problem in ability.problems:
            console.print(f"  odd: {problem}")
    return 0

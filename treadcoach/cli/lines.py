"""Lines for people, broken where the terminal ends."""

import shutil
import textwrap
from collections.abc import Iterable


def print_wrapped(text: str, indent: str = "") -> None:
    """A line for people, broken between words where the terminal ends."""
    width = min(shutil.get_terminal_size().columns, 100)
    print(textwrap.fill(text, width, subsequent_indent=indent))


def print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        print_wrapped(f"- {note}", "  ")

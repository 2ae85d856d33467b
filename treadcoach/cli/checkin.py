"""`treadcoach checkin`, and the same questions around a session."""

import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from rich.console import Console

from treadcoach.app.decisions import check_in as check_in_said
from treadcoach.app.decisions import make_check_in
from treadcoach.app.desk import open_desk
from treadcoach.core.checkin import CheckIn, Moment, Ruling, Sign, Verdict
from treadcoach.core.errors import InputError

NO_DIAGNOSIS = "This compares you with yourself and with the documents; it is no diagnosis."
MOST_HOURS = 24.0
LETTERS = {
    "r": Sign.RADIATING,
    "s": Sign.SPREADING,
    "c": Sign.CHRONIC,
    "p": Sign.SPASM,
    "u": Sign.UNWELL,
    "x": Sign.NOT_RIGHT,
}
SIGNS_TEXT = """\
Is there any of this?
  r  pain that shoots down a leg, or radiates
  s  pain that spreads
  c  pain that stays whatever you do
  p  an acute spasm
  u  dizzy, sick, chest pain, anything abnormal
  x  the body does not feel right
Letters, or Enter for none: """
VERDICTS = {
    Verdict.GO: "Go ahead as planned.",
    Verdict.LIGHTEN: "Something lighter today: a short walk, no hill.",
    Verdict.REST: "Rest today.",
    Verdict.STOP: "The plan stops here. See a doctor.",
}
Ask = Callable[[str], str]


def check_in(
    moment: str,
    pain: int | None,
    effort: int | None,
    signs: Iterable[str],
    where: str,
    sleep_h: float | None,
    data_dir: Path | None,
    simulated: bool,
) -> int:
    """Write a check-in down and say what follows from it."""
    said = make_check_in(date.today(), moment, pain, effort, signs, where, sleep_h)
    if pain is None and effort is None and not said.signs and sleep_h is None:
        if not sys.stdin.isatty():
            raise InputError("check-in", "nothing said", "--pain, --effort, --sign or --sleep")
        asked = ask_check_in(said.day, Moment(moment), input)
        if asked is None:
            print("Nothing was written down.")
            return 0
        said = asked
    print_ruling(check_in_said(open_desk(data_dir, simulated=simulated).training(), said))
    return 0


def print_ruling(ruling: Ruling) -> None:
    console = Console(highlight=False, markup=False)
    style = "bold red" if ruling.verdict is Verdict.STOP else "bold"
    console.print(VERDICTS[ruling.verdict], style=style)
    if ruling.until is not None:
        console.print(f"Rest until {ruling.until.isoformat()}.")
    for reason in ruling.reasons:
        console.print(f"- {reason}")
    console.print(NO_DIAGNOSIS, style="dim")


def ask_check_in(day: date, moment: Moment, ask: Ask) -> CheckIn | None:
    """The questions, one after the other; None when nothing was said. What cannot be read is asked again."""
    effort = _number("How hard was it, 0 to 10? Enter to skip: ", 10, ask) if moment is Moment.AFTER else None
    pain = _number("How does your back feel, 0 (fine) to 10? Enter to skip: ", 10, ask)
    signs = _signs(ask)
    sleep = _number("Hours slept? Enter to skip: ", MOST_HOURS, ask) if moment is Moment.BEFORE else None
    if pain is None and effort is None and not signs and sleep is None:
        return None
    hurts = signs & {Sign.RADIATING, Sign.SPREADING, Sign.CHRONIC, Sign.SPASM} or (pain or 0) > 0
    where = ask("Where? ").strip()[:200] if hurts else ""
    whole = None if pain is None else int(pain)
    return CheckIn(day, moment, whole, None if effort is None else int(effort), signs, where, sleep)


def _number(question: str, most: float, ask: Ask) -> float | None:
    while True:
        answer = ask(question).strip().replace(",", ".")
        if not answer:
            return None
        try:
            value = float(answer)
        except ValueError:
            value = -1.0
        if 0 <= value <= most and (most == MOST_HOURS or value == int(value)):
            return value
        print(f"  {answer!r} cannot be read; 0 to {most:g}, or Enter.")


def _signs(ask: Ask) -> frozenset[Sign]:
    question = SIGNS_TEXT
    while True:
        answer = ask(question).lower().replace(",", " ").replace(" ", "")
        if all(letter in LETTERS for letter in answer):
            return frozenset(LETTERS[letter] for letter in answer)
        question = f"  {answer!r} cannot be read; letters of {', '.join(LETTERS)}, or Enter: "

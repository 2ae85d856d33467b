"""The guidance's part C as data: nothing missing, nothing without a source, the avoidances win."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treadcoach.cli.exercises import guide, line_of
from treadcoach.cli.main import app
from treadcoach.core.errors import InputError
from treadcoach.planning.coverage import load_coverage
from treadcoach.planning.form_guidance import load_form_rules
from treadcoach.planning.guidance import load_guidance, shipped_folder
from treadcoach.planning.prescription import AFTER, BEFORE, around, core_minutes, load_prescriptions

ROOT = Path(__file__).resolve().parents[3]
ALL = load_prescriptions()


def test_every_item_of_the_guidance_is_enforced_or_offered_somewhere_that_exists() -> None:
    coverage, guidance = load_coverage(), load_guidance()
    ids = [rule.id for rule in guidance.rules]
    assert [entry.id for entry in coverage.belt] == [f"A{number}" for number in range(1, 14)]
    assert {entry.id for entry in coverage.belt} <= set(ids)
    for entry in coverage.belt:
        assert entry.places and all((ROOT / place).is_file() for place in entry.places), entry.id
    assert all((ROOT / place).is_file() for place in coverage.form_places)
    assert [issue.id for issue in load_form_rules().issues] == [f"B{number}" for number in range(1, 13)]
    offered = {key for item in coverage.prescriptions for key in item.entries}
    known = {*ALL.exercises, *(note.id for note in ALL.notes), "avoid_with_aching_back"}
    assert offered == known, offered ^ known
    assert all(item.source in guidance.sources for item in coverage.prescriptions)


def test_each_entry_stands_with_the_source_of_its_item() -> None:
    for item in load_coverage().prescriptions:
        for key in item.entries:
            if key in ALL.exercises and item.id not in ("C1", "C4", "C17"):
                assert ALL.exercises[key].source == item.source, key


def test_coverage_is_printed_item_by_item() -> None:
    shown = CliRunner().invoke(app, ["guidance", "--coverage"])
    assert shown.exit_code == 0
    for name in (
        [f"A{k}" for k in range(1, 14)] + [f"B{k}" for k in range(1, 13)] + [f"C{k}" for k in range(1, 20)]
    ):
        assert f"\n{name} " in f"\n{shown.stdout}", name


def test_with_an_aching_back_what_the_documents_avoid_is_left_out() -> None:
    folds = [key for key, exercise in ALL.exercises.items() if exercise.avoid_with_aching_back]
    assert {"forward-fold", "seated-forward-fold", "ball-back-extension"} <= set(folds)
    assert not {e.id for e in around(ALL, folds, aching_back=True)}
    assert {e.id for e in around(ALL, folds, aching_back=False)} == set(folds)
    for when in ("before", "after", "apart"):
        kinds = ("strength", "stretch", "mobility", "drill", "screen")
        kept = ALL.of(when, kinds, aching_back=True)  # type: ignore[arg-type]
        assert not any(exercise.avoid_with_aching_back for exercise in kept)


def test_what_is_done_around_a_session_is_known_and_takes_its_time() -> None:
    for ids in (BEFORE, AFTER):
        exercises = around(ALL, ids, aching_back=True)
        assert len(exercises) == len(ids)
        assert 120 <= sum(exercise.about_s for exercise in exercises) <= 600


def test_core_minutes_go_with_the_miles() -> None:
    assert core_minutes(1609.344) == pytest.approx(1.0)
    assert core_minutes(5000) == pytest.approx(3.107, abs=0.001)


def test_the_guide_counts_sides_sets_and_holds() -> None:
    said: list[str] = []
    waited: list[float] = []
    say: Callable[[str], None] = said.append
    guide([ALL.exercises["leg-lower-abs"]], say, waited.append)
    assert sum(line.strip().startswith("set ") for line in said) == 3
    assert sum("left side" in line for line in said) == sum("right side" in line for line in said) == 3
    assert sum("hold 3 s" in line for line in said) == 60
    assert sum(waited) == pytest.approx(5 + 60 * 3 + 54 + 6 * 5)
    said.clear()
    guide([ALL.exercises["clamshells"], ALL.exercises["core-minutes"]], say, waited.append)
    assert [line.strip() for line in said if line.strip().isdigit()].count("12") == 2
    assert not any("Core work" in line for line in said), "a habit is not led through"


def test_each_line_says_how_long_and_on_which_side() -> None:
    assert line_of(ALL.exercises["front-plank"]).split() == ["31", "s", "Front", "plank"]
    assert line_of(ALL.exercises["side-plank"]).endswith("both sides")
    assert line_of(replace(ALL.exercises["core-minutes"], name="Core")).strip() == "Core"


@pytest.mark.parametrize("which", ["before", "after", "strength", "screens", "all", "last"])
def test_every_set_is_printed_with_dose_and_source(which: str) -> None:
    shown = CliRunner().invoke(app, ["exercises", which])
    assert shown.exit_code == 0
    assert "(uhan)" in shown.stdout or "(treadmill-injury)" in shown.stdout
    assert "no diagnosis" in shown.stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: mobility, when", "kind: torture, when", "kind"),
        ("source: uhan", "source: aunt", "source"),
        ("when: apart", "when: never", "when"),
        ("hold_s: 30", "holds: 30", "holds"),
        ("id: front-plank", "id: side-plank", "used once"),
        ("back: avoid", "back: perhaps", "fine or avoid"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    shipped = shipped_folder("protocols")
    for name in ("exercises.yaml", "sources.yaml"):
        text = (shipped / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(old, new, 1) if name[0] == "e" else text, encoding="utf-8")
    with pytest.raises(InputError, match=r"exercises\.yaml") as refused:
        load_prescriptions(tmp_path)
    assert words in str(refused.value)

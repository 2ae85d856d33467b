"""Plan files: the shipped ones are whole; bad ones are refused with file, line, value and what is allowed."""

from pathlib import Path

import pytest

from treadcoach.core.errors import InputError
from treadcoach.core.plan import References
from treadcoach.core.workout import parse_workout
from treadcoach.planning.guidance import load_yaml, shipped_folder
from treadcoach.planning.plans import load_plan, load_plans, resolve

SOURCES = load_yaml(shipped_folder("protocols") / "sources.yaml")["sources"]
GOOD = """name: Mine
for_whom: Me
sources: [uhan]
weeks:
  - theme: First
    sessions:
      - {role: easy, main: '3 x (1 min @ jog + 2 min @ walk)'}
      - {role: walk, main: 20 min @ walk, incline_percent: 1}
"""


def test_the_shipped_plans_are_the_seven_and_whole() -> None:
    plans = load_plans()
    assert sorted(plans) == [
        "back-to-running",
        "desk-walks",
        "first-5-km",
        "hill-free",
        "keep-fit",
        "steady-10-km",
        "walking-base",
    ]
    for plan in plans.values():
        assert all(source in SOURCES for source in plan.sources)
        for week in plan.weeks:
            for session in week.sessions:
                assert resolve(session, References(5.0, 8.0), plan.incline_percent).workout.segments


def test_a_plan_of_ones_own_adds_to_them(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD, encoding="utf-8")
    plan = load_plans(tmp_path)["mine"]
    assert plan.needs_jog and len(plan.weeks) == 1
    walk = resolve(plan.weeks[0].sessions[1], References(5.5), 2.0).workout
    assert walk.segments[0].speed_kmh == 5.5 and walk.segments[0].incline_percent == 1


def test_a_plan_that_runs_needs_a_running_speed(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD, encoding="utf-8")
    session = load_plans(tmp_path)["mine"].weeks[0].sessions[0]
    with pytest.raises(InputError, match="one of: walk"):
        resolve(session, References(5.0), None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("role: easy", "role: sprint", ["line 7", "sprint", "walk, easy, long, hard"]),
        ("1 min @ jog", "1 min @ gallop", ["line 7", "gallop", "walk, jog"]),
        ("1 min @ jog", "1 min @ 900 % jog", ["line 7", "40 to 150 %"]),
        ("20 min @ walk", "20 min", ["line 8", "20 min"]),
        ("incline_percent: 1", "incline_percent: 40", ["line 8", "40", "0 to 15"]),
        ("incline_percent: 1", "incline: 1", ["line 8", "incline", "incline_percent"]),
        ("sources: [uhan]", "sources: [aunt]", ["line 3", "aunt"]),
        ("name: Mine", "name: [1]", ["line 1", "text"]),
        ("name: Mine\n", "", ["name", "text"]),
        ("theme: First", "theme: ''", ["line 5", "text"]),
        ("sources: [uhan]", "sources: uhan", ["line 3", "a list"]),
        ("weeks:", "day: 3\nweeks:", ["line 4", "day"]),
        ("name: Mine", "name: Mine\nname: Yours", ["duplicate"]),
        ("name: Mine", "name: &x Mine", ["line 1", "anchors"]),
        ("name: Mine", "name: !!python/object:os.system x", ["line 1", "tags"]),
        ("for_whom: Me", "for_whom: 'Me", ["well-formed"]),
        ("  - theme: First", "  - 7\n  - theme: First", ["entry 1", "week 1"]),
    ],
)
def test_a_bad_plan_names_the_line_and_the_remedy(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    path = tmp_path / "mine.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_plan(path, SOURCES)
    assert "mine.yaml" in str(refused.value)
    for word in words:
        assert word in str(refused.value), str(refused.value)


def test_too_much_of_anything_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    session = "      - {role: walk, main: 5 min @ walk}\n"
    week = "  - theme: x\n    sessions:\n" + session
    head = "name: M\nfor_whom: m\nsources: [uhan]\nweeks:\n"
    for content, words in (
        (head + week * 53, "53 weeks"),
        (head + week + session * 7, "8 sessions"),
        (head + (week + session * 4).replace("role: walk", "role: hard"), "5 that are no walks"),
        (head + "#" * 300_000 + "\n" + week, "at most 200000"),
    ):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=words):
            load_plan(path, SOURCES)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        load_plan(path, SOURCES)
    with pytest.raises(InputError, match="readable"):
        load_plan(tmp_path / "none.yaml", SOURCES)


@pytest.mark.parametrize(
    ("text", "speeds"),
    [
        ("5 min @ walk", [5.0]),
        ("1 min @ 90 % jog + 1 min @ 110% of Walk", [7.2, 5.5]),
        ("2 x (1 min @ jog + 1 min @ 6 km/h)", [8.0, 6.0, 8.0, 6.0]),
    ],
)
def test_speeds_may_be_names(text: str, speeds: list[float]) -> None:
    workout = parse_workout(text, speeds={"walk": 5.0, "jog": 8.0})
    assert [segment.speed_kmh for segment in workout.segments] == pytest.approx(speeds)


def test_without_names_a_name_is_refused() -> None:
    with pytest.raises(InputError, match="state a speed with its unit"):
        parse_workout("5 min @ walk")

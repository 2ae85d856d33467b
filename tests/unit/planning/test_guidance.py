"""protocols/: complete, sourced, and not to be loosened."""

from pathlib import Path

import pytest

from treadcoach.core.errors import InputError
from treadcoach.planning.guidance import load_guidance, load_yaml

SECTION_A = [f"A{number}" for number in range(1, 14)]
KINDS = {"owner-document", "study", "standard", "our-judgement"}


def test_every_rule_of_section_a_is_there_with_source_and_enforcement() -> None:
    guidance = load_guidance()
    assert [rule.id for rule in guidance.rules if rule.id.startswith("A")] == SECTION_A
    for rule in guidance.rules:
        for source in (rule.source, *rule.also):
            assert source in guidance.sources, rule.id
        assert len(rule.enforced) > 20
        for number in rule.numbers:
            assert number.evidence in KINDS
            if number.evidence == "our-judgement":
                assert number.why, f"{number.name} is our judgement and says no reason"


def test_the_documented_numbers() -> None:
    belt = load_guidance().belt
    assert belt.default_incline_percent == 2.0
    assert belt.weekly_increase_percent == 15.0
    assert (belt.warm_up_min_s, belt.warm_up_max_s) == (300, 600)
    assert (belt.cool_down_min_share, belt.cool_down_max_share) == (0.10, 0.15)
    assert belt.physician_from_age == 35
    assert belt.hard_days_apart == 1


def write(folder: Path, text: str) -> Path:
    (folder / "belt.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_user_may_tighten(tmp_path: Path) -> None:
    folder = write(tmp_path, "weekly_increase_percent: 10\nwarm_up_min_s: 420\n")
    guidance = load_guidance(folder)
    assert guidance.belt.weekly_increase_percent == 10.0
    assert guidance.belt.warm_up_min_s == 420
    changed = [n.name for rule in guidance.rules for n in rule.numbers if n.changed_by_user]
    assert sorted(changed) == ["warm_up_min_s", "weekly_increase_percent"]


def test_a_user_may_use_the_shipped_shape(tmp_path: Path) -> None:
    text = "rules:\n  - id: A5\n    numbers:\n      ramp_up_kmh_per_s: {value: 0.1}\n"
    assert load_guidance(write(tmp_path, text)).belt.ramp_up_kmh_per_s == 0.1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("weekly_increase_percent: 16", "tightened"),
        ("weekly_increase_percent: 0", "above 0"),
        ("weekly_increase_percent: -5", "above 0"),
        ("weekly_increase_percent: .nan", "a number"),
        ("weekly_increase_percent: lots", "a number"),
        ("weekly_increase_percent: true", "a number"),
        ("warm_up_min_s: 60", "300 or more"),
        ("warm_up_max_s: 500", "fixed"),
        ("default_incline_percent: 0", "for a session"),
        ("newcomer_shares: 5", "fixed"),
        ("speed_limit: 99", "one of"),
        ("- 1", "lines of"),
        ("a: 1\na: 2", "line 2"),
        ("a: [1", "line"),
        ("rules: []\nweekly_increase_percent: 5", "not both"),
    ],
)
def test_a_user_may_not_loosen_and_odd_files_name_the_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        load_guidance(write(tmp_path, text))
    assert "belt.yaml" in str(error.value)


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert load_guidance(write(tmp_path, "")).belt == load_guidance().belt


def test_a_file_that_changes_counts_at_once_and_readers_do_not_meet(tmp_path: Path) -> None:
    mine = tmp_path / "belt.yaml"
    for percent in (12, 9, 12):
        mine.write_text(f"weekly_increase_percent: {percent}\n", encoding="utf-8")
        assert load_guidance(tmp_path).belt.weekly_increase_percent == percent
    load_yaml(mine)["weekly_increase_percent"] = 99
    assert load_yaml(mine) == {"weekly_increase_percent": 12}

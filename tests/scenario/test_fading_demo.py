"""The demo whose runner tires, as a program, in virtual time: from the cue to the exercises."""

import subprocess
import sys


def test_the_demo_shows_form_that_fades_from_cue_to_exercises() -> None:
    run = "run_demo(None, '15 min @ 7.2 km/h', None, None, fade=True, pages=False)"
    code = f"from treadcoach.cli.demo import run_demo; raise SystemExit({run})"
    demo = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    told = demo.stdout
    assert demo.returncode == 0, told[-2000:] + demo.stderr[-2000:]
    story = [
        "Standing is learned",
        "Your form is fading",
        "shall the belt ease off",
        "goes a little slower: eased for form",
        "form is back: the plan resumes",
        "Form issues",
        "Exercises for that, from the documents",
        "no diagnosis",
    ]
    places = [told.find(words) for words in story]
    assert all(place >= 0 for place in places), [w for w, p in zip(story, places, strict=True) if p < 0]
    assert places == sorted(places)
    shown = subprocess.run(
        [sys.executable, "-m", "treadcoach", "sessions", "show", "--simulated"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "accepted by the runner" in shown and "-> 6.7" in shown
    replayed = subprocess.run(
        [sys.executable, "-m", "treadcoach", "sessions", "replay", "--simulated"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Every order is the same." in replayed

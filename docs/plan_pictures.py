"""Makes docs/plans.png, every plan's weekly load as a runner ran it: python -m docs.plan_pictures"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from tests.support.lives import PLANS
from tests.support.plan_run import RUNNER, run_plan

WALKED, RAN, INK = "#9ec5c0", "#1f6f78", "#22313a"
COLUMNS = 2


def main() -> None:
    plt.rcParams.update({"font.size": 9, "axes.edgecolor": INK, "text.color": INK, "axes.labelcolor": INK})
    rows = -(-len(PLANS) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(10, 2.3 * rows), layout="constrained")
    for at, (name, plan) in enumerate(sorted(PLANS.items())):
        picture = axes.flat[at]
        weeks = run_plan(name).weeks
        numbers = range(1, len(weeks) + 1)
        walked = [week.walked_min for week in weeks]
        picture.bar(numbers, walked, color=WALKED, label="up to 6.5 km/h")
        picture.bar(numbers, [w.ran_min for w in weeks], bottom=walked, color=RAN, label="faster")
        for number, week in zip(numbers, weeks, strict=True):
            top = week.walked_min + week.ran_min
            picture.text(number, top + 3, f"{week.distance_km:.0f}", ha="center", fontsize=7)
        picture.set_title(plan.name, loc="left", fontsize=10, fontweight="bold")
        picture.set_ylim(0, 190)
        picture.set_xticks(list(numbers))
        picture.set_ylabel("minutes a week")
        picture.spines[["top", "right"]].set_visible(False)
    for empty in axes.flat[len(PLANS) :]:
        empty.axis("off")
        handles, labels = axes.flat[0].get_legend_handles_labels()
        empty.legend(
            handles, labels, loc="upper left", frameon=False, title="Time on the belt", alignment="left"
        )
        about = (
            f"A runner who walks {RUNNER.comfortable_walk_kmh:g} and jogs {RUNNER.comfortable_jog_kmh:g} km/h"
            " comfortably,\nwith nothing run before, and misses no session. Numbers on\ntop: km. Warm-up and"
            " cool-down are in. Speeds are those that\nthe belt really had, inside each week's ceiling."
        )
        empty.text(0.02, 0.05, about, transform=empty.transAxes, fontsize=8.5, va="bottom")
    figure.supxlabel("week", fontsize=9)
    figure.savefig(Path(__file__).with_name("plans.png"), dpi=110)


if __name__ == "__main__":
    main()

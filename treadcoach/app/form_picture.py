"""Running form as others see it: in a snapshot, and in the summary of a session."""

from collections.abc import Mapping

from treadcoach.app.form_sensor import FormSensor, PodSensor
from treadcoach.app.form_watch import FRESH_S, FormWatch
from treadcoach.core.body import Gait, SensorKind
from treadcoach.form.baseline import PastNorm
from treadcoach.form.judge import Finding
from treadcoach.form.reading import METRICS, shown, trust_of


def picture(watch: FormWatch, now_s: float) -> dict[str, object]:
    """Form now: JSON-able, each value with its tier, error and age."""
    cue = watch.last_cue
    said = None
    if cue is not None and watch.last_cue_s is not None:
        said = {"id": cue.issue.id, "text": cue.text, "spoken": cue.spoken, "age_s": now_s - watch.last_cue_s}
    return {
        "sensors": [_sensor(part, now_s) for part in watch.parts],
        "issues": [_issue(finding) for finding in watch.findings(now_s)],
        "cannot_see": watch.cannot_see(),
        "cue": said,
        "offer": None if watch.cues.offer is None else watch.cues.offer.text,
        "easings": watch.cues.easings,
    }


def _issue(finding: Finding) -> dict[str, object]:
    issue = finding.issue
    return {
        "id": issue.id,
        "name": issue.name,
        "seen": list(finding.seen),
        "question": issue.question,
        "since_s": finding.since_s,
        "source": issue.source,
    }


def _sensor(part: FormSensor | PodSensor, now_s: float) -> dict[str, object]:
    kind, reading = part.kind, part.latest
    fresh = part.is_fresh(now_s, FRESH_S)
    values = [] if kind is None or reading is None or not fresh else shown(reading, kind, now_s)
    return {
        "name": part.name,
        "kind": "finding out" if kind is None else kind.words,
        "mount": None if kind is None else kind.mount.value,
        "mount_is_stated": kind is not None and kind.mount_is_stated,
        "gait": None if reading is None or not fresh or reading.gait is None else reading.gait.value,
        "standing_learned": isinstance(part, FormSensor) and part.standing_is_learned,
        "doubts": [] if reading is None or not fresh else list(reading.doubts),
        "age_s": None if part.last_s is None else now_s - part.last_s,
        "metrics": {
            value.name: {
                "value": None if value.value is None else round(value.value, 3),
                "tier": value.trust.tier.value,
                "error": value.trust.error,
                "age_s": value.age_s,
            }
            for value in values
        },
    }


def _trusts(kind: SensorKind) -> dict[str, dict[str, str]]:
    trusts = {name: trust_of(name, kind) for name in METRICS}
    return {name: {"tier": trust.tier.value, "error": trust.error} for name, trust in trusts.items()}


def summary(watch: FormWatch) -> dict[str, object]:
    """The session's form: medians, issues, what was cued and eased, exercises, what was learned."""
    rules, tally = watch.setup.rules, watch.tally
    issues = [issue for issue in rules.issues if tally.raised[issue.id]]
    wanted: dict[str, list[str]] = {}
    for issue in issues:
        for exercise in issue.exercises:
            wanted.setdefault(exercise, []).append(issue.id)
    best = next((sensor for sensor in watch.sensors.values() if sensor.judge is not None), None)
    learned: list[PastNorm] = [] if best is None or best.judge is None else best.judge.baseline.learned()
    return {
        "sensors": [
            {
                "name": p.name,
                "kind": "" if p.kind is None else p.kind.words,
                "medians": p.medians(),
                "trust": {} if p.kind is None else _trusts(p.kind),
            }
            for p in watch.parts
        ],
        "issues": [
            {
                "id": issue.id,
                "name": issue.name,
                "times": tally.raised[issue.id],
                "seconds": round(tally.seconds_up[issue.id]),
                "cues": tally.cues[issue.id],
            }
            for issue in issues
        ],
        "easings": tally.easings,
        "exercises": [
            {
                "id": key,
                "name": rules.exercises[key].name,
                "dose": rules.exercises[key].dose,
                "source": rules.exercises[key].source,
                "for": ids,
            }
            for key, ids in wanted.items()
        ],
        "cannot_see": watch.cannot_see(),
        "learned": [
            {
                "gait": norm.gait.value,
                "speed_kmh": norm.speed_kmh,
                "incline_percent": norm.incline_percent,
                "values": {name: list(pair) for name, pair in norm.values.items()},
            }
            for norm in learned
        ],
    }


def past_norms(summary: Mapping[str, object]) -> tuple[PastNorm, ...]:
    """What a stored summary learned; nothing from one that is older than form was."""
    form = summary.get("form")
    if not isinstance(form, Mapping):
        return ()
    return tuple(
        PastNorm(
            Gait(entry["gait"]),
            entry["speed_kmh"],
            entry["incline_percent"],
            {name: (float(mean), float(scatter)) for name, (mean, scatter) in entry["values"].items()},
        )
        for entry in form.get("learned", ())
    )

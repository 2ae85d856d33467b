"""What is said when a body does not feel right (A7, A8, A12, A13)."""

from treadcoach.core.guidance import BeltRules

SEE_PHYSICIAN = (
    "Dizziness, nausea, chest pain or any other abnormal symptom: the workout is over."
    " See a physician before the next one; if it does not pass quickly, call for help now."
)


def rest_words(rules: BeltRules) -> str:
    """The closing advice when it did not feel right (A8, A12, A13), with the guidance's own days."""
    days = int(rules.rest_days_after_unwell)
    rest = "a day" if days == 1 else f"{days} days"
    off = int(rules.rest_days_after_spasm)
    return (
        f"It did not feel right: rest for {rest}. After an acute spasm take {off} days off,"
        " watch the pain closely when you start again, and stop if it hurts. See a doctor for"
        " pain that shoots down a leg, radiates or spreads, and for pain that stays."
    )

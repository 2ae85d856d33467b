"""A promise that was not kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    promise: str
    t_s: float
    what: str

    def __str__(self) -> str:
        return f"{self.promise} at {self.t_s:.2f} s: {self.what}"

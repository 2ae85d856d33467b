"""Percentiles and lines of a table."""

from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def spread_ms(name: str, seconds: Sequence[float]) -> str:
    """A line with p50, p99 and the worst, in ms."""
    p50, p99, worst = percentile(seconds, 0.5), percentile(seconds, 0.99), max(seconds)
    return (
        f"{name:<46} p50 {p50 * 1e3:9.2f}  p99 {p99 * 1e3:9.2f}  max {worst * 1e3:9.2f} ms  n {len(seconds)}"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns, each as wide as its widest cell; the first to the left, the others to the right."""
    widths = [max(len(str(row[k])) for row in (head, *rows)) for k in range(len(head))]
    for row in (head, *rows):
        cells = [str(cell).rjust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join((str(row[0]).ljust(widths[0]), *cells[1:])))

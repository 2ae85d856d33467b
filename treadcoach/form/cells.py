"""Samples of any rate as averages over cells of a fixed grid.

The grid begins at the first sample of a stretch, so the result depends on the samples
alone and never on how they were cut into chunks.
"""

import numpy as np
from numpy.typing import NDArray

CELL_RATE_HZ = 50
LONGEST_GAP_S = 0.3
"""Radio loses a frame of 36 samples (0.18 s at 200 Hz) now and then: bridged. More is a new stretch."""

Array = NDArray[np.float64]


class CellGrid:
    """One stretch without a gap. `add` gives the cells that are complete."""

    def __init__(self, start_s: float, columns: int) -> None:
        self.start_s = start_s
        self.cells = 0
        """How many were given out."""
        self._t = np.empty(0)
        self._integral = np.empty((0, columns))
        self._last_row = np.empty((0, columns))

    def add(self, t_s: Array, rows: Array) -> Array:
        """Samples in order, after the last ones, t_s (n,) s, rows (n, columns): complete cells (m, columns).

        A cell is the mean of the signal between its edges, the signal taken as straight lines
        between samples: rate conversion and protection against aliasing in one.
        """
        if not len(t_s):
            return np.empty((0, self._integral.shape[1]))
        if len(self._t):
            t_s = np.concatenate((self._t[-1:], t_s))
            rows = np.concatenate((self._last_row, rows))
            first = self._integral[-1:]
        else:
            first = np.zeros((1, rows.shape[1]))
        parts = (rows[1:] + rows[:-1]) * (0.5 * (t_s[1:] - t_s[:-1]))[:, None]
        # One running sum from the start of the stretch: the same additions in any chunking.
        summed = np.cumsum(np.concatenate((first, parts)), axis=0)
        if len(self._t):
            t_all = np.concatenate((self._t, t_s[1:]))
            integral = np.concatenate((self._integral, summed[1:]))
        else:
            t_all, integral = t_s, summed
        self._last_row = rows[-1:]
        complete = int((t_all[-1] - self.start_s) * CELL_RATE_HZ + 1e-9) - self.cells
        if complete <= 0:
            self._t, self._integral = t_all, integral
            return np.empty((0, rows.shape[1]))
        edges = self.start_s + np.arange(self.cells, self.cells + complete + 1) / CELL_RATE_HZ
        at = np.empty((complete + 1, rows.shape[1]))
        for k in range(rows.shape[1]):
            at[:, k] = np.interp(edges, t_all, integral[:, k])
        self.cells += complete
        # What the next cell's first edge needs.
        keep = max(int(np.searchsorted(t_all, edges[-1], side="right")) - 1, 0)
        self._t, self._integral = t_all[keep:], integral[keep:]
        cells: Array = (at[1:] - at[:-1]) * CELL_RATE_HZ
        return cells

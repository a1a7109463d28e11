"""The table of `make bench-jvm` as Markdown."""

from bench import readme
from bench.services.figures import Figures

COLUMNS = [  # figure, in words, factor, digits
    ("memory_idle", "memory when idle, MB", 1e-6, 0),
    ("memory_loaded", "memory under load, MB", 1e-6, 0),
    ("requests_per_cpu_second", "requests per CPU-second", 1, 0),
    ("p99", "p99 of reading an order, ms", 1e3, 1),
]


def markdown(found: Figures) -> str:
    """Return a setting a row; the first is the one that the others are set beside."""
    settings = list(found[COLUMNS[0][0]])
    rows = [["", *(words for _, words, _, _ in COLUMNS)], ["---"] * (len(COLUMNS) + 1)]
    for setting in settings:
        cells = []
        for figure, _, factor, digits in COLUMNS:
            value, first = found[figure][setting], found[figure][settings[0]]
            cells.append(f"{value * factor:.{digits}f} ({value / first:.2f})")
        rows.append([setting, *cells])
    return readme.table(rows)

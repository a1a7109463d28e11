"""The chart of `make bench-services`: the languages side by side, as ratios, in docs/bench.svg."""

from pathlib import Path
from xml.etree import ElementTree as ET

from pygal import Config, HorizontalBar
from pygal.style import CleanStyle

from .figures import Figures
from .table import LANGUAGES, ratio

SHOWN = {
    "memory_idle": "memory when idle: less is better",
    "memory_loaded": "memory after a load: less is better",
    "seconds_to_ready": "start until ready: less is better",
    "p99_at_100": "p99 at 100 requests a second: less is better",
    "simulations_per_cpu_second": "simulations per CPU-second: more is better",
    "quotes_per_cpu_second": "quotes per CPU-second: more is better",
}
SCALE = [1, 3, 10, 30, 100, 300]


def draw(found: Figures, path: Path) -> None:
    """Write the chart; a logarithmic scale, for the ratios are far apart."""
    config = Config(
        js=[], show_legend=True, legend_at_bottom=True, logarithmic=True, width=900, height=520, print_values=True,
        title="Times the least of the three languages", value_formatter=lambda value: f"{value:.1f}",
        disable_xml_declaration=True,
    )  # fmt: skip
    chart = HorizontalBar(config, style=CleanStyle)
    chart.uuid = "bench"  # else another one each time
    chart.y_labels = SCALE  # of a horizontal chart
    chart.x_labels = list(SHOWN.values())
    for who, label in LANGUAGES.items():
        chart.add(label, [round(ratio(found, figure)[who], 2) for figure in SHOWN])
    path.write_text(_still(chart.render_tree()) + "\n", encoding="utf-8")


def _still(tree: ET.Element) -> str:
    """Return the picture without pygal's script, which pages need not run to show it."""
    for part in list(tree.iter()):
        for script in part.findall("script"):
            part.remove(script)
    return ET.tostring(tree, encoding="unicode")

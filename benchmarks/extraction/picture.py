"""The picture: word-F1 on WCXB against MB of HTML a second."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

OURS = ("forge", "cascade")


def draw(points: Mapping[str, tuple[float, float]], path: Path) -> None:
    """points: (MB/s, F1) by name. The same points give the same file under one version of matplotlib."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "extraction"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 4.6), layout="constrained")
    for name, (speed, f1) in points.items():
        axes.plot(speed, f1, "o" if name in OURS else "s", color="tab:red" if name in OURS else "tab:blue")
        axes.annotate(name, (speed, f1), xytext=(5, 4), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlabel="MB of HTML a second, one core", ylabel="word-F1, WCXB dev")
    axes.grid(which="both", alpha=0.25)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)

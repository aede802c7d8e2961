"""Figures as lines: a goal, what was measured, what it is compared with, and whether the goal was met."""

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench import cluster


@dataclass
class Sample:
    """Repeated figures of one thing, in one unit."""

    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def per(self, count: float) -> "Sample":
        """Seconds into a rate of `count` things a second."""
        return Sample([count / value for value in self.values])


def seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def short(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


class Report:
    """Prints as it goes; `lines` stay for whoever asks."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, ...]] = []
        self.missed: list[str] = []

    def machine(self, sizes: str, seed: int) -> None:
        cpu = Path("/proc/cpuinfo")
        lines = cpu.read_text().splitlines() if cpu.exists() else []
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
        commit = subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=cluster.ROOT
        ).stdout.strip()
        say(f"Machine: {model}, {os.cpu_count()} cores, {cluster.memory_bytes() / 2**30:.0f} GiB, {platform.platform()}")
        say(f"Python {platform.python_version()}, commit {commit or 'unknown'}, {sizes}, seed {seed}, load {os.getloadavg()[0]:.1f}")
        say("PostgreSQL: " + ", ".join(f"{name} {value}" for name, value in cluster.settings_in_force().items()))
        say("Compare ratios, not seconds. Medians of n; spread of the figure in brackets. Data are warm.\n")
        say("| goal | what | figure | compared with | ratio | goal | met | n, spread |")
        say("| --- | --- | ---: | ---: | ---: | ---: | --- | --- |")

    def line(
        self,
        goal: str,
        what: str,
        figure: Sample,
        unit: str,
        baseline: Sample | None = None,
        ratio: float | None = None,
        wanted: str = "",
        note: str = "",
    ) -> None:
        """`wanted` is '>= 4' or '<= 7', of the ratio; empty where the line only informs."""
        met = ""
        if wanted:
            sign, bound = wanted.split()
            assert ratio is not None
            met = "yes" if (ratio >= float(bound) if sign == ">=" else ratio <= float(bound)) else "NO"
            if met == "NO":
                self.missed.append(goal)
        spread = f"n={len(figure.values)}, {short(min(figure.values))}..{short(max(figure.values))}"
        cells = (
            goal,
            what,
            f"{short(figure.median)} {unit}",
            f"{short(baseline.median)} {unit}" if baseline else "",
            f"{ratio:.3g}" if ratio is not None else "",
            wanted,
            met,
            spread + (f"; {note}" if note else ""),
        )
        self.lines.append(cells)
        say("| " + " | ".join(cells) + " |")

    def fact(self, goal: str, what: str, found: str, met: bool) -> None:
        """A goal that is no ratio: an equality, a count of differences."""
        if not met:
            self.missed.append(goal)
        cells = (goal, what, found, "", "", "", "yes" if met else "NO", "")
        self.lines.append(cells)
        say("| " + " | ".join(cells) + " |")

    def close(self) -> None:
        say(f"\nPeak memory of the bench's own process: {peak_memory_mb():.0f} MB")
        say("Missed: " + (", ".join(dict.fromkeys(self.missed)) or "none"))


def peak_memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(text: str) -> None:
    print(text, flush=True)


def progress(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

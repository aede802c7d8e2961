"""`python -m bench [--size 1|10|30] [--only G2,G3] [--keep]`: see the package's docstring."""

import argparse
import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
django.setup()

from bench import cluster, data  # noqa: E402 - models can be imported only now
from bench.course import run_course  # noqa: E402
from bench.judging import bench_judging  # noqa: E402
from bench.report import Report, progress  # noqa: E402

GOALS = ("G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11", "G12", "G13")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Performance ratios; see docs/performance.md.")
    parser.add_argument("--size", type=float, default=10, help="millions of completions of the full year (default 10)")
    parser.add_argument("--judgments", type=float, default=20, help="millions of judgements of G10 (default 20)")
    parser.add_argument("--only", default=",".join(GOALS), help="goals, e.g. G2,G3")
    parser.add_argument("--keep", action="store_true", help="leave the cluster and its data, and use what is there")
    wanted = parser.parse_args()
    wanted.only = wanted.only.split(",")
    if unknown := set(wanted.only) - set(GOALS):
        parser.error(f"unknown goals {', '.join(sorted(unknown))}; there are {', '.join(GOALS)}")
    return wanted


def main() -> None:
    wanted = arguments()
    progress("starting the bench's cluster")
    cluster.start()
    try:
        report = Report()
        size = data.Size(int(wanted.size * 10**6))
        report.machine(f"{wanted.size:g} million completions", data.SEED)
        if "G10" in wanted.only:
            bench_judging(report, int(wanted.judgments * 10**6), keep=wanted.keep)
        if wanted.only != ["G10"]:
            run_course(report, size, wanted.only, keep=wanted.keep)
        report.close()
    finally:
        if not wanted.keep:
            cluster.remove()


if __name__ == "__main__":
    main()

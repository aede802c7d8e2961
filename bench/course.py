"""The order of the bench: which goal is measured on which database, so that each is made once."""

from bench import data
from bench.books import Books
from bench.compute import bench_compute, time_duckdb
from bench.explaining import bench_explanation
from bench.intake import bench_bookkeeping, bench_intake
from bench.nights import bench_full_year, bench_nights, bench_verify
from bench.packs import bench_packs
from bench.postings import bench_postings
from bench.report import Report, Sample
from bench.rivals import bench_rivals


def run_course(report: Report, size: data.Size, only: list[str], *, keep: bool) -> None:
    middle = Books(size)
    smallest, largest = Books(data.Size(size.completions // 10)), Books(data.Size(size.completions * 3))
    several = {"G2", "G3", "G5", "G6", "G12"} & set(only)
    histories = [smallest, middle, largest] if several else [middle]
    for books in histories:
        if not (keep and books.stands()):
            books.make()
    if "G8" in only:
        bench_postings(middle, report)
    full: dict[str, Sample] = {}
    for books in histories if {"G2", "G3", "G4", "G5", "G6", "G9", "G11", "G12"} & set(only) else []:
        duckdb, answer = time_duckdb(books)
        goals = only if books is not smallest else []
        if "G2" in goals:
            bench_compute(books, report, duckdb, answer)
        full[books.name] = bench_full_year(books, report, duckdb, goals, repeats=3 if books is largest else 5)
    if {"G5", "G6", "G12"} & set(only):
        bench_nights(histories, middle, report, full, only, repeats=5)
    if "G11" in only:
        for books in histories[1:] or histories:
            bench_explanation(books, middle, report)
    if "G12" in only:
        for books in histories:
            bench_verify(books, report)
    if "G4" in only:
        bench_rivals(middle, report, full[middle.name])
    if "G1" in only:
        bench_intake(middle, report)
    if "G7" in only:
        bench_bookkeeping(middle, report)
    if "G13" in only:
        bench_packs(middle, report)

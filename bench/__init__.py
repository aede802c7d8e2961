"""`make bench`: what the product reaches, as ratios to plain baselines on the same machine in the same run.

`python -m bench [--size 1|10|30] [--only G2,G3]`. One file a subject; `docs/performance.md` says what each goal is and
what was found. Everything happens in a PostgreSQL cluster of its own under `/var/tmp`, removed at the end.
"""

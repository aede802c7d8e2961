"""`python -m demonstration stop`: end the sites and the worker that a killed `make demo` left."""

import sys
from pathlib import Path

from demonstration.begun import end_what_was_left


def main(arguments: list[str]) -> int:
    """0 when done, 2 for a word that is no command."""
    if arguments != ["stop"]:
        sys.stderr.write("usage: python -m demonstration stop\n")
        return 2
    if ended := end_what_was_left(Path(__file__).resolve().parents[1]):
        sys.stdout.write(f"Ended {ended} process{'es' if ended > 1 else ''} of the demonstration.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

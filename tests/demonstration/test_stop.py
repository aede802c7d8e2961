"""What a killed demonstration left is ended; a number that has passed to another process is not."""

import subprocess

import pytest

from demonstration.begun import end_what_was_left, noted


@pytest.fixture
def left():
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def note(root, pid, started=None):
    """As a demonstration writes it that is then killed."""
    file = root / ".local" / "begun"
    with noted(root, pid):
        written = file.read_text()
    file.write_text(written if started is None else f"{pid} {started}\n")


def test_what_was_left_is_ended_once(tmp_path, left):
    note(tmp_path, left.pid)
    assert end_what_was_left(tmp_path) == 1
    assert left.wait(timeout=30) != 0
    assert end_what_was_left(tmp_path) == 0


@pytest.mark.parametrize("started", ["1", ""])
def test_a_number_that_passed_to_another_process_is_left_alone(tmp_path, left, started):
    note(tmp_path, left.pid, started)
    assert end_what_was_left(tmp_path) == 0
    assert left.poll() is None


def test_what_the_demonstration_ended_itself_is_forgotten(tmp_path, left):
    with noted(tmp_path, left.pid), noted(tmp_path, 1):
        pass
    assert end_what_was_left(tmp_path) == 0
    assert left.poll() is None

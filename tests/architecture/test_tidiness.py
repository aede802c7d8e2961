"""The house's habits: sizes, names, and what the code of an app does not do. A list of exceptions here only ever shrinks."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = (
    "accountability",
    "api",
    "competencies",
    "config",
    "database",
    "demonstration",
    "enrollments",
    "funding",
    "pathways",
    "people",
    "rulebook",
)
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
# A stylesheet is looked up, not read: the house's own is one list of parts. A page's script is read.
LONGEST_OTHER = {".css": 1000, ".js": 500}

# {file: lines} and {function: lines} that are longer for a reason. Lower a figure when it can be; add none.
LONGER_FILES: dict[str, int] = {}
LONGER_FUNCTIONS: dict[str, int] = {}

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "core", "misc", "services", "managers", "base"}
ADDRESSES = (
    r"pypi\.o" + "rg",
    "python" + "hosted",
    "npm" + "js",
    r"registry\.(npm|y)",
    r"--(extra-)?index" + "-url",
    r"//[a-z0-9.-]*mirror",
)
THIS_MACHINE = ("/work" + "/", "/root" + "/", "/home" + "/[a-z]", "/Users" + "/")
UNFINISHED = ("TO" + "DO", "FIX" + "ME", r"\bX" + r"XX\b")
TRACKERS = (r"\bissue #?\d",)


def tracked(*endings):
    """Files that are, or are about to be, in the repository."""
    answer = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in answer.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and (not endings or path.suffix in endings):
            yield name, path


def python_files(*folders):
    return [(name, path) for name, path in tracked(".py") if not folders or name.split("/")[0] in folders]


def written_by_us():
    """Every text of our own: not the vendored files, not the locks."""
    for name, path in tracked():
        if "/vendor/" in name or name.startswith(("requirements", "LICENSE")) or path.suffix in (".png", ".woff2", ".jpg"):
            continue
        try:
            yield name, path.read_text()
        except UnicodeDecodeError:
            continue


def functions(path):
    """(name, node) of every function, with the class that it stands in."""
    tree = ast.parse(path.read_text())
    for parent in ast.walk(tree):
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (f"{parent.name}.{node.name}" if isinstance(parent, ast.ClassDef) else node.name), node


def calls(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def test_a_file_can_be_read_in_one_sitting():
    lengths = {name: len(path.read_text().splitlines()) for name, path in tracked(".py", ".sql", ".html", ".css", ".js")}
    ours = {name: length for name, length in lengths.items() if "/vendor/" not in name and "/migrations/" not in name}
    longest = {name: LONGEST_OTHER.get(Path(name).suffix, LONGEST_FILE) for name in ours}
    assert {name: length for name, length in ours.items() if length > LONGER_FILES.get(name, longest[name])} == {}
    assert {name for name in LONGER_FILES if ours.get(name, 0) <= LONGEST_FILE} == set(), "no longer an exception: take it out"


def test_a_function_fits_on_a_page():
    lengths = {
        f"{name}:{function}": node.end_lineno - node.lineno + 1 for name, path in python_files() for function, node in functions(path)
    }
    assert {name: length for name, length in lengths.items() if length > LONGER_FUNCTIONS.get(name, LONGEST_FUNCTION)} == {}
    assert {name for name in LONGER_FUNCTIONS if lengths.get(name, 0) <= LONGEST_FUNCTION} == set(), "take it out"


def test_a_module_is_called_by_what_it_is_about():
    names = {part for name, _ in python_files() for part in name.removesuffix(".py").split("/")}
    assert names & EMPTY_NAMES == set()


def test_every_module_of_the_apps_says_what_it_is_for():
    silent = [
        name
        for name, path in python_files(*APPS)
        if "/migrations/" not in name
        and path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
        and path.name not in ("apps.py", "urls.py", "__init__.py")
    ]
    assert silent == []


def test_app_code_prints_nothing():
    found = [
        f"{name}:{line}"
        for name, path in python_files(*APPS)
        for call, line in calls(path)
        if call in ("print", "breakpoint", "pprint") and not name.startswith("database/local_servers/")
    ]
    assert found == []


def test_no_lock_outlives_its_transaction():
    found = [name for name, text in written_by_us() if re.search(r"pg_(try_)?advisory_lock(_shared)?\(", text)]
    assert [name for name in found if name != "tests/architecture/test_tidiness.py"] == []


def test_locks_are_taken_in_one_module():
    found = [name for name, path in python_files(*APPS) if "pg_advisory" in path.read_text()]
    assert found == ["database/locks.py"]


@pytest.mark.parametrize(
    "folder",
    ["funding/calc", "rulebook", "enrollments/calc", "funding/actions", "funding/queries", "competencies", "pathways"],
)
def test_no_float_comes_near_money_or_credit(folder):
    for name, path in python_files():
        if not name.startswith(folder + "/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
            makes_one = isinstance(node, ast.Name) and node.id in ("float", "round")
            assert [is_float, makes_one] == [False, False], f"{name}:{node.lineno}"
    for name, path in tracked(".sql"):
        assert not re.search(r"\b(float[48]?|double precision|real|numeric)\b", path.read_text(), re.IGNORECASE), name


@pytest.mark.parametrize("folder", ["funding/calc", "rulebook", "enrollments/calc", "competencies/calc", "pathways/calc"])
def test_a_calculation_is_told_the_day_and_asks_no_clock(folder):
    for name, path in python_files():
        if name.startswith(folder + "/"):
            asked = [call for call, _ in calls(path) if call.rpartition(".")[2] in ("now", "today", "utcnow", "localdate", "time")]
            assert asked == [], name


def test_only_the_firewall_listens_to_a_signal():
    found = [
        f"{name}:{line}"
        for name, path in python_files(*APPS)
        for call, line in calls(path)
        if (call.endswith(".connect") and "database/local_servers" not in name) or call in ("receiver", "Signal")
    ]
    assert [where.split(":")[0] for where in found] == ["database/apps.py"]


def test_nothing_is_mocked_in_the_database_and_no_other_database_is_used():
    found = [name for name, text in written_by_us() if "sqlite" in text.lower() or "unittest.mock" in text]
    assert [name for name in found if name != "tests/architecture/test_tidiness.py"] == []


@pytest.mark.parametrize(
    ("what", "patterns"),
    [
        ("an address that packages come from", ADDRESSES),
        ("a path of somebody's machine", THIS_MACHINE),
        ("work left for later", UNFINISHED),
        ("a tracker that a reader cannot see", TRACKERS),
    ],
)
def test_the_project_speaks_of_itself_alone(what, patterns):
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in written_by_us()
        for number, line in enumerate(text.splitlines(), 1)
        if any(re.search(pattern, line) for pattern in patterns)
    ]
    assert found == [], what


def test_a_test_says_what_holds():
    short = [
        f"{name}: {function}"
        for name, path in python_files("tests")
        if path.name.startswith("test_")
        for function, _ in functions(path)
        if function.rpartition(".")[2].startswith("test_") and len(function.rpartition(".")[2].split("_")) < 4
    ]
    assert short == []


def test_doors_hold_no_statements_but_ask_queries_and_actions():
    spoken = re.compile(r"\b(SELECT .* FROM|INSERT INTO|UPDATE .* SET|DELETE FROM) ")
    doors = [name for name, path in python_files(*APPS) if re.search(r"/(views|rest|tasks|urls)\.py$|/management/commands/", name)]
    assert doors
    assert [name for name in doors if spoken.search((ROOT / name).read_text())] == []

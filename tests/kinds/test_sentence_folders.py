"""Folders of sentence-transformers give the vectors that the library itself gives."""

import json

import numpy as np
import pytest
import torch
from kinds_tools import STACKS, TEXTS, check_batches, configure, embedded, loaded, saved
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    Dense,
    LayerNorm,
    Normalize,
    Pooling,
    StaticEmbedding,
    Transformer,
)

from evaluators import exits
from evaluators.measurer import Measurer
from evaluators.models import load
from evaluators.models.load import load_with_head
from evaluators.models.source import SourceError, find
from results.evaluation import Wanted
from results.methods import STATISTICS

FOLDERS = {
    "mean": lambda: [Pooling(32, "mean"), Normalize()],
    "cls and projection": lambda: [Pooling(32, "cls"), Dense(32, 8), Normalize()],
    "last token": lambda: [Pooling(32, "lasttoken"), LayerNorm(32)],
    "weighted mean and maximum": lambda: [
        Pooling(32, ("weightedmean", "max")),
        Dense(64, 16, activation_function=torch.nn.Identity()),
    ],
}


@pytest.fixture
def embedder(words, tmp_path):
    """Saves a folder with a random transformer and these modules after it."""

    def made(after, kind="bert", **more):
        inside = saved(tmp_path / "inside", words, kind, STACKS[kind])
        torch.manual_seed(1)
        first = Transformer(str(inside), **more)
        whole = SentenceTransformer(modules=[first, *after], device="cpu")
        whole.save_pretrained(str(tmp_path / "folder"), create_model_card=False)
        return tmp_path / "folder"

    return made


def theirs(folder, texts=TEXTS):
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return model.encode(texts, batch_size=2, convert_to_numpy=True)


def ours(found, texts=TEXTS):
    (vectors,) = embedded(found, texts, ["own"]).vectors["own@1"]
    return vectors


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta", "qwen3"])
@pytest.mark.parametrize("name", FOLDERS)
def test_vectors_are_those_of_the_library(name, kind, embedder, tmp_path):
    folder = embedder(FOLDERS[name](), kind)
    found = loaded(folder, tmp_path)
    expected = theirs(folder)
    assert ours(found).shape == expected.shape
    assert ours(found) == pytest.approx(expected, abs=1e-5)
    assert (found.about.architecture, found.about.layers) == (kind, 3)
    check_batches(found, 3)
    check_batches(found, 1, ["own"])


def test_the_default_prefix_and_what_is_pooled_of_it(embedder, tmp_path):
    folder = embedder([Pooling(32, "mean", include_prompt=False)])
    plain = ours(loaded(folder, tmp_path))
    prompts = {"query": "query: ", "other": "other: "}
    configure(
        folder, "config_sentence_transformers.json", prompts=prompts, default_prompt_name="query"
    )
    found = loaded(folder, tmp_path)
    assert ours(found) == pytest.approx(theirs(folder), abs=1e-5)
    assert not np.allclose(ours(found), plain, atol=1e-3)
    configure(folder, "config_sentence_transformers.json", default_prompt_name=None)
    assert np.array_equal(ours(loaded(folder, tmp_path)), plain)


def test_the_folder_s_own_length_and_lower_case(embedder, tmp_path):
    folder = embedder([Pooling(32, "mean")], do_lower_case=True)
    configure(folder, "sentence_bert_config.json", max_seq_length=9)
    found = loaded(folder, tmp_path)
    texts = [*TEXTS, "NO."]
    vectors = ours(found, texts)
    assert vectors == pytest.approx(theirs(folder, texts), abs=1e-5)
    assert np.allclose(vectors[2], vectors[-1], atol=1e-5)
    result = embedded(found, texts, ["own", "mean"])
    assert result.cuts == {"own": 3, "plain": 0}


def test_the_same_folder_on_the_hub(hub, embedder, tmp_path):
    folder = embedder([Pooling(32, "cls"), Dense(32, 8)])
    for name in ("pytorch_model.bin", "modeling.py", "onnx/model.onnx", "2_Dense/other.bin"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("never read")
    sha = hub.add("org/embedder", folder)
    distant = load.load(find("org/embedder", tmp_path), tmp_path)
    assert np.array_equal(ours(distant), ours(loaded(folder, tmp_path)))
    assert (distant.about.id, distant.about.revision) == ("org/embedder", sha)
    asked = " ".join(path for _, path, _ in hub.requests)
    assert "2_Dense/model.safetensors" in asked
    assert not any(name in asked for name in (".bin", ".py ", "onnx"))


def test_a_transformer_in_a_folder_of_its_own(embedder, tmp_path):
    folder = embedder([Pooling(32, "mean")])
    expected = ours(loaded(folder, tmp_path))
    inside = folder / "0_Transformer"
    inside.mkdir()
    for path in [*folder.glob("model*"), *folder.glob("tokenizer*"), folder / "config.json"]:
        path.rename(inside / path.name)
    listed = json.loads((folder / "modules.json").read_text())
    listed[0]["path"] = "0_Transformer"
    (folder / "modules.json").write_text(json.dumps(listed))
    assert np.array_equal(ours(loaded(folder, tmp_path)), expected)


def static(folder, words, after=()):
    torch.manual_seed(0)
    table = StaticEmbedding(words.backend_tokenizer, embedding_dim=12)
    whole = SentenceTransformer(modules=[table, *after], device="cpu")
    whole.save_pretrained(str(folder), create_model_card=False)
    return folder


@pytest.mark.parametrize("after", [[], [Normalize()], [Dense(12, 6)]], ids=len)
def test_a_static_embedder_has_vectors_of_its_own_and_no_states(after, words, tmp_path):
    folder = static(tmp_path / "static", words, after)
    found = loaded(folder, tmp_path)
    expected = theirs(folder)
    assert ours(found) == pytest.approx(expected, abs=1e-6)
    about = found.about
    assert (about.architecture, about.layers, about.weights) == ("model2vec", None, "float32")
    assert about.hidden_size == expected.shape[1]
    assert about.parameters >= 12 * len(words)
    with pytest.raises(ValueError, match="local:static has no stack of blocks"):
        embedded(found, TEXTS, ["weighted-mean"])
    with pytest.raises(SourceError, match="is a static embedder, which does not say how likely"):
        load_with_head(find(str(folder), tmp_path), tmp_path)


def test_of_a_static_embedder_all_statistics_but_the_curvature_are_measured(words, tmp_path):
    found = loaded(static(tmp_path / "static", words), tmp_path)
    asked = Wanted(("own",), statistics=tuple(STATISTICS)).configurations("c", "a" * 64, None, 3)
    rows = Measurer(found, {"eng_Latn": TEXTS}, asked, None).measure("fra_Latn", TEXTS, asked)
    curved = {each.configuration.name for each in rows if each.score.curves}
    few = {"curvature", "neighbourhood-overlap"}
    assert len(rows) == len(asked) and curved >= set(STATISTICS) - few - {"intrinsic-dimension"}
    assert "curvature" not in curved


def test_a_model2vec_folder(words, tmp_path):
    folder = tmp_path / "potion"
    folder.mkdir()
    words.backend_tokenizer.save(str(folder / "tokenizer.json"))
    numbers = torch.Generator().manual_seed(0)
    rows = torch.randn(len(words), 12, generator=numbers)
    save_file({"embeddings": rows}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": "model2vec"}))
    found = loaded(folder, tmp_path)
    ids = words(TEXTS[0], add_special_tokens=False)["input_ids"]
    expected = torch.nn.functional.normalize(rows[ids].mean(0), dim=0).numpy()
    assert ours(found)[0] == pytest.approx(expected, abs=1e-6)
    assert embedded(found, TEXTS, ["own"]).tokens == sum(
        len(words(text).input_ids) for text in TEXTS
    )


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("custom_st.Transformer", "needs the module “custom_st.Transformer”, which is not one of"),
        ("sentence_transformers.models.CNN", "has the sentence-transformers module “CNN” where"),
        ("sentence_transformers_evil.Pooling", "is never run here"),
        (7, "has a modules.json that cannot be read"),
    ],
)
def test_modules_that_are_not_followed(module, said, embedder, tmp_path):
    folder = embedder([Pooling(32, "mean")])
    listed = json.loads((folder / "modules.json").read_text())
    listed[1]["type"] = module
    (folder / "modules.json").write_text(json.dumps(listed))
    with pytest.raises(SourceError, match=said) as it:
        loaded(folder, tmp_path)
    assert exits.kind(it.value) == ("other" if module == 7 else "unknown architecture")


@pytest.mark.parametrize("module", [Dense(32, 8), LayerNorm(32)])
def test_pickled_weights_of_a_module_are_not_read(embedder, tmp_path, module):
    folder = embedder([Pooling(32, "mean"), module])
    kind = type(module).__name__
    (weights,) = folder.glob(f"2_{kind}/model.safetensors")
    weights.unlink()
    torch.save(module.state_dict(), weights.with_name("pytorch_model.bin"))
    with pytest.raises(SourceError, match=f"holds no safetensors weights of its module 2_{kind}"):
        loaded(folder, tmp_path)


def test_a_transformer_that_lacks_a_tensor_is_not_filled_in(embedder, tmp_path):
    folder = embedder([Pooling(32, "mean")])
    configure(folder, num_hidden_layers=3)
    with pytest.raises(SourceError, match=r"the weights of local:folder lack \d+ tensors"):
        loaded(folder, tmp_path)


@pytest.mark.parametrize("name", ["builtins.print", "torch.hub.load", "torch.os.system"])
def test_an_activation_that_is_none_is_not_called(name, embedder, tmp_path):
    folder = embedder([Pooling(32, "mean"), Dense(32, 8)])
    configure(folder, "2_Dense/config.json", activation_function=name)
    with pytest.raises(SourceError, match="has an activation that is none of torch's"):
        loaded(folder, tmp_path)

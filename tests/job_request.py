"""A request as a worker takes it, and a token that no job may see."""

from datetime import UTC, datetime

from results.corpora import cards
from results.queue import new_id
from results.repo import SHIPPED
from results.request import Request, RequestedModel
from results.schema import Evaluator, Parameters

CANARY = "hf_canary0123456789"
SHA = "a" * 40
CARD = cards(SHIPPED)[0]


def request(
    id="org/name",
    revision=SHA,
    languages=("fra_Latn",),
    file=None,
    weights="bfloat16",
    corpus_hash=CARD.hash,
    corpus="udhr",
    gated=False,
    configurations=None,
):
    configurations = configurations or [
        Evaluator(
            name="alignment",
            version=1,
            parameters=Parameters(
                corpus=corpus,
                corpus_hash=corpus_hash,
                split=None,
                n=50,
                pivot="eng_Latn",
                embedding=method,
                seed=0,
            ),
        )
        for method in ("weighted-mean@1", "last-token@1")
    ]
    return Request(
        schema_version=1,
        id=new_id(),
        model=RequestedModel(
            id=id,
            revision=revision,
            weights=weights,
            dtype="float32",
            file=file,
            parameters=1,
            gated=gated,
        ),
        configurations=configurations,
        languages=list(languages),
        submitter=None,
        created=datetime.now(UTC),
        state="pending",
        attempts=[],
    )

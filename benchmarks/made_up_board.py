"""Who is on a made-up board: models of every size, and corpora of hundreds of languages."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass

import numpy as np

from results.corpora import Card, CardLanguage
from results.language_sets import CORE
from results.languages import load_table, resolve
from results.repo import SHIPPED
from results.schema import SCHEMA_VERSION, Evaluator, Model, Parameters

SEED = 4
PIVOT = "eng_Latn"
ARCHITECTURES = ("llama", "qwen2", "qwen3", "gemma3_text", "mistral", "gpt_neox", "xlm-roberta")
LICENCES = ("apache-2.0", "mit", "gemma", "llama3.2", "cc-by-nc-4.0", None)
WEIGHTS = (("bfloat16", "float32"), ("float32", "float32"), ("Q4_K_M", "float32"))
SHARES = (0.7, 0.9, 1.0)
"""Of models with the first, the first two, and all of the kinds of weights."""
ORGANISATIONS = ("acme", "bantu-nlp", "Cirrus", "delta-lab", "Eider", "fjord-ai", "Gnu-Models")
STEMS = ("Baobab", "Heron", "Kestrel", "Lynx", "Marula", "Osprey", "Quokka", "Sable", "Tern")


@dataclass(frozen=True)
class Corpus:
    """What a made-up corpus has."""

    name: str
    n: int
    languages: tuple[str, ...]
    """The pivot among them."""

    @property
    def hash(self) -> str:
        """A SHA-256 that no real corpus has."""
        return hashlib.sha256(f"made up {self.name} {len(self.languages)}".encode()).hexdigest()

    def evaluator(self, embedding: str) -> Evaluator:
        """Its configuration with an embedding method."""
        return Evaluator(
            name="alignment",
            version=1,
            parameters=Parameters(
                corpus=self.name,
                corpus_hash=self.hash,
                split=None,
                n=self.n,
                pivot=PIVOT,
                embedding=embedding,
                seed=0,
            ),
        )

    def card(self) -> Card:
        """Its card: the first declaration of each ISO code counts, variants do not."""
        seen: set[str] = set()
        rows = []
        for code in self.languages:
            language = resolve(code)
            rows.append(
                CardLanguage(code=code, counted=not language.variant and language.iso not in seen)
            )
            seen.add(language.iso)
        return Card(
            schema_version=SCHEMA_VERSION,
            name=self.name,
            split=None,
            hash=self.hash,
            n=self.n,
            licence="made up",
            text_public=False,
            languages=rows,
            left_out=[],
            warnings=[],
        )


def corpora(sizes: tuple[int, int]) -> list[Corpus]:
    """Two corpora of so many languages: those of UDHR first, then the most spoken ones."""
    shipped = [json.loads(path.read_text("utf-8")) for path in SHIPPED.glob("corpora/udhr-*.json")]
    codes = [PIVOT, *CORE, *(each["code"] for card in shipped for each in card["languages"])]
    rows = [row for row in load_table().languages.values() if row.get("scripts")]
    rows.sort(key=lambda row: (-row.get("population", 0), row["iso"]))
    codes += [f"{row['iso']}_{row['scripts'].split()[0]}" for row in rows]
    codes = list(dict.fromkeys(codes))
    names = (("udhr", 50), ("bible", 103))
    return [
        Corpus(name, n, tuple(sorted(codes[:size])))
        for (name, n), size in zip(names, sizes, strict=True)
    ]


def models(count: int) -> list[Model]:
    """Models of 70 M to 70 B parameters and 12 to 48 blocks; a third were made from another."""
    rng = np.random.default_rng([SEED, count])
    found: list[Model] = []
    for at in range(count):
        size = int(70e6 * 1000 ** rng.random())
        blocks = int(np.clip(12 + 36 * math.log(size / 70e6, 1000) + rng.integers(-4, 5), 12, 48))
        weights, dtype = WEIGHTS[int(np.searchsorted(SHARES, rng.random(), side="right"))]
        said = f"{size / 1e9:.1f}B" if size >= 1e9 else f"{size / 1e6:.0f}M"
        name = f"{STEMS[at % len(STEMS)]}-{at // len(STEMS) + 1}-{said}"
        base = found[int(rng.integers(at))] if at and rng.random() < 1 / 3 else None
        organisation = ORGANISATIONS[int(rng.integers(len(ORGANISATIONS)))]
        tuned = "-Instruct" if base else ""
        found.append(
            Model(
                id=f"{organisation}/{name}{tuned}",
                revision=hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(),
                weights=weights,
                dtype=dtype,
                file=f"{name}.gguf" if weights.startswith("Q") else None,
                name=f"{name}{tuned}".replace("-", " "),
                architecture=ARCHITECTURES[int(rng.integers(len(ARCHITECTURES)))],
                parameters=size,
                layers=blocks + 1,
                hidden_size=int(math.sqrt(size / (12 * blocks)) // 64 + 1) * 64,
                licence=LICENCES[int(rng.integers(len(LICENCES)))],
                base_model=base.id if base else None,
            )
        )
    return found

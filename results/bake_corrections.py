"""Where `results.bake_languages` departs from its sources, each with the reason beside it."""

# ruff: noqa: SIM905 (lists of codes read best as text)
from __future__ import annotations

# The individual language that FLORES+ (or, where it has none, CLDR) writes for a broader code.
REPRESENTATIVE = dict(
    pair.split(":")
    for pair in """
    aka:twi ara:arb aym:ayr aze:azj bik:bcl chm:mhr doi:dgo est:ekk fas:pes ful:fuv grn:gug
    iku:ike kau:knc kok:gom kom:kpv kon:ktu kur:kmr lah:pnb lav:lvs mlg:plt mon:khk msa:zsm
    nep:npi nor:nob ori:ory orm:gaz pus:pbt que:quy sqi:als swa:swh tgl:fil tmh:taq uzb:uzn
    yid:ydd zho:cmn din:dik
    """.split()
)

# Old codes still met, with what is written for them now.
RETIRED = dict(
    pair.split(":")
    for pair in "flm:cfm in:ind iw:heb ji:ydd mly:zlm mo:ron mol:ron sh:hbs tl:fil".split()
)

# What FLORES-200 wrote where FLORES+ writes something else that no general rule gives.
FLORES_200 = {
    "ajp_Arab": "apc_Arab_sout3123",
    "aka_Latn": "twi_Latn_asan1239",
    "apc_Arab": "apc_Arab_nort3139",
    "twi_Latn": "twi_Latn_akua1239",
    "tzm_Tfng": "zgh_Tfng",
}

# Scripts of FLORES+ that differ from, or come before, the source's; the first is canonical.
SCRIPTS = {
    "ace": "Latn Arab", "bjn": "Latn Arab", "cmn": "Hans Hant", "gom": "Deva", "kas": "Arab Deva",
    "kaz": "Cyrl Arab", "khk": "Cyrl Mong", "knc": "Latn Arab", "kor": "Hang", "min": "Latn Arab",
    "mni": "Beng Mtei", "pan": "Guru Arab", "sat": "Olck", "snd": "Arab Deva", "srp": "Cyrl Latn",
    "taq": "Latn Tfng", "uzn": "Latn Cyrl", "wuu": "Hans Hant", "yue": "Hant Hans",
    "nan": "Hant Hans", "zgh": "Tfng", "azj": "Latn Cyrl", "bos": "Latn Cyrl", "cnr": "Latn Cyrl",
    "hbs": "Latn Cyrl", "kmr": "Latn Cyrl", "tuk": "Latn Cyrl", "uig": "Arab Latn",
    "san": "Deva", "sme": "Latn", "tzm": "Tfng Latn", "grc": "Grek", "pli": "Latn",
    "kkh": "Lana", "lat": "Latn", "div": "Thaa", "iii": "Yiii", "vai": "Vaii", "nqo": "Nkoo",
    "jpn": "Jpan", "ory": "Orya", "dgo": "Deva",
}  # fmt: skip

NAMES = {
    "arb": "Modern Standard Arabic", "ekk": "Estonian", "ell": "Greek", "lvs": "Latvian",
    "pan": "Punjabi", "ory": "Odia", "npi": "Nepali", "kpv": "Komi", "als": "Albanian (Tosk)",
    "swh": "Swahili", "ydd": "Yiddish", "ina": "Interlingua", "khk": "Mongolian",
    "tsz": "Purepecha", "mhr": "Meadow Mari", "hbs": "Serbo-Croatian", "gug": "Guarani",
    "pes": "Persian", "ayr": "Central Aymara", "ktu": "Kituba", "zlm": "Malay",
    "msa": "Malay (macrolanguage)", "fat": "Fante",
}  # fmt: skip
# The sources give these the autonym of a broader or a neighbouring language.
NO_AUTONYM = {"fat", "ktu", "twi"}
# Stands for nno too in the source's count; the macrolanguage's is the sound one.
POPULATION_OF = {"nob": "nor"}

RTL = (
    "Adlm Arab Aran Armi Avst Chrs Cprt Elym Gara Hatr Hebr Hung Khar Lydi Mand Mani Mend Merc "
    "Mero Narb Nbat Nkoo Orkh Palm Phli Phlp Phnx Prti Rohg Samr Sarb Sogd Sogo Syrc "
    "Syre Syrj Syrn Thaa Yezi"
).split()


EXTRA_SCRIPTS = {
    "Hans": "Simplified",
    "Hant": "Traditional",
    "Hani": "Han",
    "Jpan": "Japanese",
    "Hang": "Hangul",
    "Kawi": "Kawi",
    "Kore": "Korean",
    "Aran": "Nastaliq",
    "Armi": "Imperial Aramaic",
}
NO_SCRIPT = {"Zxxx", "Zyyy", "Zzzz", "Zinh", "Zmth", "Zsym", "Zsye", "Sgnw", "Blis", "Qaaa", "Qabx"}

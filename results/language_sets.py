"""Named sets of languages that a model is evaluated on and averaged over."""

from __future__ import annotations

_CORE = """
    fra_Latn spa_Latn deu_Latn rus_Cyrl pol_Latn ell_Grek hye_Armn hin_Deva ben_Beng urd_Arab
    pes_Arab cym_Latn arb_Arab heb_Hebr amh_Ethi hau_Latn swh_Latn zul_Latn ibo_Latn wol_Latn
    tur_Latn kaz_Cyrl fin_Latn hun_Latn kat_Geor eus_Latn tam_Taml tel_Telu cmn_Hans mya_Mymr
    bod_Tibt jpn_Jpan kor_Hang tha_Thai vie_Latn khm_Khmr ind_Latn haw_Latn quy_Latn hat_Latn
"""
_SHOWN = "swh_Latn fra_Latn arb_Arab hin_Deva cmn_Hans rus_Cyrl ind_Latn tur_Latn"

CORE = tuple(_CORE.split())
"""40 languages of 15 families and 19 scripts, from the best resourced to hardly any text."""

SHOWN = tuple(_SHOWN.split())
"""Columns of the models table until somebody chooses others."""

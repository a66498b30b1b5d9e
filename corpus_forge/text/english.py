"""Words of English that a general rule would cut wrongly: contractions, abbreviations, emoticons and units.

The list is the one of spaCy 3.8 (`lang/en/tokenizer_exceptions.py`, `lang/tokenizer_exceptions.py`, MIT), told by how it
is made, since datatrove counts with it; a test compares the two where spaCy is installed. Entries are exact: `don't`
and `Don't` are in it, `DON'T` is not. Its oddities are kept (`cant` is two words, `ill` is one): a reading is a reading.
"""

from __future__ import annotations

from collections.abc import Iterator

NOT_CUT = frozenset("Ill ill Its its Hell hell Shell shell Shed shed were Were Well well Whore whore".split())  # noqa: SIM905 - reads as a list of words
"""Words that only look like a contraction without its apostrophe."""

ENDINGS = {
    "i": "'m 'm+a 'll 'll+'ve 'd 'd+'ve 've",
    "you we they": "'ll 'll+'ve 'd 'd+'ve 've 're",
    "he she it": "'ll 'll+'ve 'd 'd+'ve 's",
    "who what when where why how there": "'s 'll 'll+'ve 're 've 'd 'd+'ve",
    "that this": "'s 'll 'll+'ve 'd 'd+'ve",
    "these those": "'ll 'll+'ve 're 've 'd 'd+'ve",
    "ca do does did had may need ought sha wo": "n't n't+'ve",
    "could might must should would": "n't n't+'ve 've",
    "ai are is was were have has dare": "n't",
}
"""Stems and what may follow them, each also without its apostrophes; `+` joins two endings."""

CUTS = """
y'|all y|all how|'d|'y How|'d|'y not|'ve not|ve Not|'ve Not|ve can|not Can|not gon|na Gon|na got|ta Got|ta
let|'s Let|'s c'm|on C'm|on °|c|. °|f|. °|k|. °|C|. °|F|. °|K|.
"""
"""Other words that are cut, at the bars."""

WHOLE = r"""
' \") <space> '' C++ \t \n — 'em em 'll ll 'nuff nuff 'S 's ‘S ‘s and/or w/o 're 'Cause 'cause 'cos 'Cos 'coz 'Coz 'cuz 'Cuz
'bout ma'am Ma'am o'clock O'clock 'd
doin goin nothin nuthin ol somethin lovin havin Doin Goin Nothin Nuthin Ol Somethin Lovin Havin
doin' goin' nothin' nuthin' ol' somethin' lovin' havin' Doin' Goin' Nothin' Nuthin' Ol' Somethin' Lovin' Havin'
Mt. Ak. Ala. Apr. Ariz. Ark. Aug. Calif. Colo. Conn. Dec. Del. Feb. Fla. Ga. Ia. Id. Ill. Ind. Jan. Jul. Jun. Kan. Kans. Ky.
La. Mar. Mass. Mich. Minn. Miss. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Nov. Oct. Okla. Ore. Pa. S.C. Sep. Sept. Tenn.
Va. Wash. Wis. a.m. Adm. Bros. co. Co. Corp. D.C. Dr. e.g. E.g. E.G. Gen. Gov. i.e. I.e. I.E. Inc. Jr. Ltd. Md. Messrs. Mo.
Mont. Mr. Mrs. Ms. p.m. Ph.D. Prof. Rep. Rev. Sen. St. vs. v.s.
a. b. c. d. e. f. g. h. i. j. k. l. m. n. o. p. q. r. s. t. u. v. w. x. y. z. ä. ö. ü.
"""
"""Words that stay whole although a mark in them would cut."""

EMOTICONS = r"""
:) :-) :)) :-)) :))) :-))) (: (-: =) (= :] :-] [: [-: [= =] :o) (o: :} :-} 8) 8-) (-8 ;) ;-) (; (-; :( :-( :(( :-(( :((( :-(((
): )-: =( >:( :') :'-) :'( :'-( :/ :-/ =/ =| :| :-| ]= =[ :1 :P :-P :p :-p :O :-O :o :-o :0 :-0 :() >:o :* :-* :3 :-3 =3 :> :->
:X :-X :x :-x :D :-D ;D ;-D =D xD XD xDD XDD 8D 8-D ^_^ ^__^ ^___^ >.< >.> <.< ._. ;_; -_- -__- v.v V.V v_v V_V o_o o_O O_o O_O
0_o o_0 0_0 o.O O.o O.O o.o 0.0 o.0 0.o @_@ <3 <33 <333 </3
(^_^) (-_-) (._.) (>_<) (*_*) (¬_¬) ಠ_ಠ ಠ︵ಠ (ಠ_ಠ) ¯\(ツ)/¯
(╯°□°）╯︵┻━┻ ><(((*>
"""

UNITS = """
km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h kmh mph hPa Pa mbar
mb MB kb KB
gb GB tb TB T G M K % км км² км³ м м² м³ дм дм² дм³ см см² см³ мм мм² мм³ нм кг г мг м/с км/ч кПа Па мбар Кб КБ кб Мб МБ мб Гб
ГБ гб Тб ТБ тбكم كم² كم³ م م² م³ سم سم² سم³ مم مم² مم³ كم غرام جرام جم كغ ملغ كوب اكواب
"""
"""Cut off after a digit: `5km` is two words."""

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""The eight of the Gopher paper, section A.1.1."""


def special_words() -> dict[str, list[str]]:
    """Each special word and the pieces it is cut into, with a straight and with a typographic apostrophe."""
    found = {word: [word] for word in (WHOLE + EMOTICONS).split()}
    for pieces in (*_contractions(), *_times(), *(cut.split("|") for cut in CUTS.split())):
        found["".join(pieces)] = pieces
    found |= {word.replace("'", "’"): [piece.replace("'", "’") for piece in pieces] for word, pieces in found.items()}
    return {word: pieces for word, pieces in found.items() if word not in NOT_CUT}


def units() -> list[str]:
    """Units of measure, sorted."""
    return sorted(set(UNITS.split()))


def _contractions() -> Iterator[list[str]]:
    for stems, endings in ENDINGS.items():
        for stem in stems.split():
            for ending in endings.split():
                for start in (stem, stem.title()):
                    pieces = [start, *ending.split("+")]
                    yield pieces
                    yield [piece.replace("'", "") for piece in pieces]


def _times() -> Iterator[list[str]]:
    for hour in range(1, 13):
        for period in ("a.m.", "am", "p.m.", "pm"):
            yield [str(hour), period]

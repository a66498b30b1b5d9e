"""What kernels note: for each field the best places so far. Imports numba: inside functions only."""

from __future__ import annotations

from corpus_forge.extract.forge.kernel import called
from corpus_forge.extract.metadata.fields import AUTHOR, BODY, FIELDS, MANY, SEVERAL
from corpus_forge.extract.metadata.tables import FIELD, WORTH_MASK

VALUE, MARKUP, JSON = range(3)
"""How a place is written: value of an attribute (references), a piece of the page (tags too), a string of JSON."""
START, STOP, FORM, WORTH = range(4)
"""Columns of a place, int32."""
SHAPE = (FIELDS, MANY, 4)
MAX_VALUE = 1 << 10
"""Bytes of a value, the text of an article apart: longer ones are no title, name or date."""
BODY_BYTES = 1 << 22


@called
def add_place(places, code, start, stop, form):
    """Note data[start:stop] for the field of this code, if it is worth more than what is there.

    places: int32[FIELDS, MANY, 4], filled from the left; a place without worth ends the list.
    """
    field, worth = (code - 1) >> FIELD, (code - 1) & WORTH_MASK
    longest = BODY_BYTES if field == BODY else MAX_VALUE
    if stop <= start or stop - start > longest or worth == 0:
        return
    best = places[field, 0, WORTH]
    slot = 0
    if worth == best and field == AUTHOR and worth >= SEVERAL:
        while slot < MANY and places[field, slot, WORTH]:
            slot += 1
        if slot == MANY:
            return
    elif worth <= best:
        return
    else:
        places[field] = 0
    place = places[field, slot]
    place[START], place[STOP], place[FORM], place[WORTH] = start, stop, form, worth

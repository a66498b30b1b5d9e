"""Holding candidates against each other before they count. Imports numba: import this module inside functions only."""

from __future__ import annotations

from corpus_forge.text.kernel import kernel


@kernel
def match_leaders(begins, ids, signatures, needed, leaders, count, partners):
    """The partner of each row of one piece of a bucket: a leader of its group, or itself. Returns how many leaders there are.

    begins: bool[n], where a group of equal bands begins. ids, partners: uint64[n]; signatures: uint32[n, p]. A row is held
    against the leaders of its group in their order, and joined with the first that agrees in `needed` entries or more; a row
    that agrees with none becomes a leader while there is room. leaders, (uint32[m, p], uint64[m]), and `count` carry a group
    over to the next piece.
    """
    leader_signatures, leader_ids = leaders
    for i in range(len(ids)):
        if begins[i]:
            count = 0
        partners[i] = ids[i]
        for leader in range(count):
            equal = 0
            for k in range(signatures.shape[1]):
                equal += signatures[i, k] == leader_signatures[leader, k]
            if equal >= needed:
                partners[i] = leader_ids[leader]
                break
        if partners[i] == ids[i] and count < len(leader_ids):
            leader_signatures[count] = signatures[i]
            leader_ids[count] = ids[i]
            count += 1
    return count

"""A step that only takes time, so that a test can kill what runs it."""

import time

from corpus_forge import batch_step


@batch_step("slow", needs=())
def slow(batch, *, seconds_per_document: float = 0.0):
    time.sleep(seconds_per_document * batch.num_rows)
    return batch

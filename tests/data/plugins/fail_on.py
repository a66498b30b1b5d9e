"""A step with a bug: it raises for batches that hold a document whose URL begins in a certain way."""

from corpus_forge import batch_step


@batch_step("fail_on")
def fail_on(batch, *, url: str):
    if any((each or "").startswith(url) for each in batch.column("url").to_pylist()):
        raise ZeroDivisionError("a bug of the plugin's")
    return batch

"""Lines of a stream of blocks, in memory bounded by the longest line that is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def lines(blocks: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    r"""Lines without their `\n`; None for one of more than `limit` bytes, which is dropped as it comes.

    What follows the last `\n` is a line unless it is empty. Where `blocks` raises, what follows the last `\n` is lost.
    """
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        first, *more = block.split(b"\n")
        size += len(first)
        if size <= limit:
            parts.append(first)
        else:
            parts.clear()
        if more:
            yield b"".join(parts) if size <= limit else None
            yield from (line if len(line) <= limit else None for line in more[:-1])
            parts, size = [more[-1]], len(more[-1])
    if size:
        yield b"".join(parts) if size <= limit else None

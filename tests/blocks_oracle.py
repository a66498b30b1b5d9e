"""The text of all blocks of a page, from the tree that lexbor (resiliparse's HTML5 parser) builds. Slow and obvious."""

from __future__ import annotations

import numpy as np
from resiliparse.parse.html import HTMLTree, NodeType

from corpus_forge.extract.forge.layout import Block, State
from corpus_forge.extract.forge.tags import KINDS, Kind

UNREAD = {name for name, kind in KINDS.items() if kind in (Kind.RAW, Kind.SKIPPED, Kind.TITLE)}
PARTING = {name for name, kind in KINDS.items() if kind in (Kind.BLOCK, Kind.RULE)} | {"br"}


def words_by_tree(html: str) -> list[str]:
    """All words of the page, as white space and block elements part them."""
    parts: list[str] = []
    todo: list = [HTMLTree.parse(html).document]
    while todo:
        node = todo.pop()
        if isinstance(node, str):
            parts.append(node)
        elif node.type == NodeType.TEXT:
            parts.append(node.text)
        elif node.type == NodeType.DOCUMENT or (node.type == NodeType.ELEMENT and node.tag not in UNREAD):
            edge = "\n" if node.tag in PARTING else ""
            todo += [edge, *reversed(list(node.child_nodes)), edge]
    return "".join(parts).split()


def blocks_of(html: str) -> list[str]:
    """The text of each block, as the kernels find it."""
    from corpus_forge.extract.forge.page import parse
    from corpus_forge.extract.forge.work import make_work

    data = html.encode()
    work = make_work(len(data), data.count(b"<"))
    count = parse(np.frombuffer(data, np.uint8), work)
    text = work.out[: work.state[State.OUT]].tobytes()
    return [text[start:end].decode() for start, end in work.blocks[:count, [Block.START, Block.END]].tolist()]


def words_by_kernel(html: str) -> list[str]:
    """All words of all blocks."""
    return " ".join(blocks_of(html)).split()

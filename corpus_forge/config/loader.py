"""YAML read strictly: what a person mistyped must not become something else without a word.

PyYAML's SafeLoader, with four differences. Keys are text and appear once. Dates, octal and base-60 numbers are left as
text, and `1e9` is a number, as in YAML 1.2. Nesting is at most 32 deep and a file at most 1 MB. Aliases work, but a file that
unfolds to more than 50,000 nodes is refused, so that a few lines cannot fill the memory. Syntax errors name line and column.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from corpus_forge.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 50_000
_DROPPED_TAGS = ("timestamp", "int", "float")


class _Loader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"nested deeper than {MAX_DEPTH} levels", problem_mark=self.peek_event().start_mark
            )
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.tag != "tag:yaml.org,2002:str":
                raise yaml.MarkedYAMLError(
                    problem=f"a key must be text: put {_shown(key)} in quotes", problem_mark=key.start_mark
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key '{key.value}' appears twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """SafeLoader's implicit types without dates and with YAML 1.2's numbers."""
    kept = {
        first: [(tag, pattern) for tag, pattern in entries if not tag.endswith(_DROPPED_TAGS)]
        for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    integer = re.compile(r"[-+]?(?:0|[1-9][0-9_]{0,30})")
    real = re.compile(r"[-+]?(?:[0-9]{1,30}\.[0-9]{0,30}|\.[0-9]{1,30}|[0-9]{1,30}(?=[eE]))(?:[eE][-+]?[0-9]{1,2})?")
    for first in "-+.0123456789":
        entries = [("tag:yaml.org,2002:int", _whole(integer)), ("tag:yaml.org,2002:float", _whole(real))]
        kept[first] = [*entries, *kept.get(first, [])]
    return kept


def _whole(pattern: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{pattern.pattern})\\Z")


_Loader.yaml_implicit_resolvers = _resolvers()


def parse_yaml(text: str, where: str) -> Any:
    """The value of one YAML document; ConfigError with line and column when it is none."""
    if len(text) > MAX_BYTES:
        raise ConfigError(where, f"is larger than {MAX_BYTES:,} bytes, which no pipeline file needs.")
    _printable(text, where)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _bounded(node)
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(where, _at(error), _fix(error)) from error
    finally:
        loader.dispose()


def decode_yaml(data: bytes, where: str) -> str:
    """The file's text: UTF-8, a byte order mark allowed."""
    if len(data) > MAX_BYTES:
        raise ConfigError(where, f"is larger than {MAX_BYTES:,} bytes, which no pipeline file needs.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(where, f"line {line}: is not UTF-8 text.", "Save the file as UTF-8.") from error


def _printable(text: str, where: str) -> None:
    bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        raise ConfigError(where, f"line {line}: holds the control character U+{ord(bad[0]):04X}, which YAML does not allow.")


def _bounded(root: Node) -> None:
    """Refuse what unfolds, aliases followed, beyond MAX_NODES nodes or MAX_DEPTH levels."""
    stack, seen = [(root, 1)], 0
    while stack:
        node, depth = stack.pop()
        seen += 1
        if seen > MAX_NODES or depth > MAX_DEPTH + 1:
            raise yaml.MarkedYAMLError(problem="its aliases unfold without end", problem_mark=root.start_mark)
        if isinstance(node, SequenceNode):
            stack.extend((child, depth + 1) for child in node.value)
        elif isinstance(node, MappingNode):
            stack.extend((child, depth + 1) for pair in node.value for child in pair)


def _shown(node: Node) -> str:
    return node.value if isinstance(node, ScalarNode) else "it (it is a list or a mapping)"


def _at(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    context = f" ({error.context})" if error.context else ""
    return f"{place}{error.problem or 'is not YAML'}{context}."


def _fix(error: yaml.MarkedYAMLError) -> str:
    """For globs and lists of paths, which begin like YAML's own signs: `paths: *.warc.gz`, `paths: @list.txt`."""
    said = f"{error.problem} {error.context}"
    signs = any(words in said for words in ("'@' that cannot", "an alias", "an anchor"))
    return "A value that begins with *, & or @ needs quotes." if signs else ""

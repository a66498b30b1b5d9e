"""The shape of the code: who imports whom, how long files are, and that importing does nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "corpus_forge"
LAYERS = [
    ["errors", "document", "registry", "plugins", "units"],
    ["text"],
    ["dedup"],
    ["extract", "language", "rules"],
    ["sandbox"],
    ["io"],
    ["tokens"],
    ["exchange"],
    ["scoring"],
    ["mixture"],
    ["warm_up"],
    ["config"],
    ["steps"],
    ["engine"],
    ["report"],
    ["pipeline"],
    ["train"],
    ["cli"],
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
EAGER = {"ray", "torch", "numba", "trafilatura", "gigatoken", "tokenizers"}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_one_way(path):
    here = part_of(path)
    if here == "__main__":
        return
    assert here in LEVEL, f"{here} has no place in LAYERS"
    for name in imports(ast.parse(path.read_text())):
        parts = name.split(".")
        if parts[0] == "corpus_forge" and len(parts) > 1 and parts[1] in LEVEL:
            same = parts[1] == here
            assert same or LEVEL[parts[1]] < LEVEL[here] or LEVEL[here] == 0 == LEVEL[parts[1]], f"{here} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_is_longer_than_350_lines(path):
    assert len(path.read_text().splitlines()) <= 350


def test_only_one_file_imports_ray():
    users = [
        str(path.relative_to(PACKAGE))
        for path in FILES
        if any(n.split(".")[0] == "ray" for n in imports(ast.parse(path.read_text())))
    ]
    assert users == ["engine/ray.py"]


def test_only_the_trainer_and_its_bridges_import_torch():
    users = [path for path in FILES if any(name.split(".")[0] == "torch" for name in imports(ast.parse(path.read_text())))]
    assert all(part_of(path) == "train" or path.name in ("torch.py", "transformers.py") for path in users)


def test_nothing_imports_the_trainer_at_the_top_and_only_the_command_line_does_at_all():
    for path in FILES:
        if part_of(path) == "train":
            continue
        tree = ast.parse(path.read_text())
        if any(name.startswith("corpus_forge.train") for name in imports(tree)):
            assert part_of(path) == "cli", path
        for node in tree.body:
            names = imports(node) if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert not any(name.startswith("corpus_forge.train") for name in names), path


def test_heavy_libraries_are_imported_inside_functions():
    """Kernels modules may import numba at the top: they are imported by functions only, which the import test proves.

    So is the trainer, whose modules are made of torch, and the bridge to torch's loaders, tokens/torch.py.
    """
    for path in FILES:
        if part_of(path) == "train" or path.name == "torch.py":
            continue
        for node in ast.parse(path.read_text()).body:
            imported = imports(node) if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert "corpus_forge.tokens.torch" not in imported, path
            names = {name.split(".")[0] for name in imports(node)} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            assert not names & (EAGER - {"numba"}), f"{path} imports {names & EAGER} at the top"


def test_there_are_no_drawers_for_leftovers():
    for path in FILES:
        assert path.stem not in {"utils", "helpers", "util", "helper", "misc", "common"} or part_of(path) == "sandbox", path


def test_nothing_pickles_or_evaluates():
    banned_calls = {"eval", "exec", "__import__"}
    for path in FILES:
        tree = ast.parse(path.read_text())
        assert not {"pickle", "dill", "cloudpickle", "marshal", "shelve"} & {name.split(".")[0] for name in imports(tree)}, path
        called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        assert not banned_calls & called, path

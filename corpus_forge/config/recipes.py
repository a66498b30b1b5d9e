"""Pipeline files that come with corpus-forge, found by name: `run quickstart`, `init quickstart -o my.yaml`.

They lie in `pipelines/` of a checkout and in `corpus_forge/_data/pipelines/` of an installed wheel. Recipes name example
data by the path it has in a checkout; `bundled` finds it from any working folder.
"""

from __future__ import annotations

import re
from pathlib import Path

from corpus_forge.errors import InputError, RequestError, nearest

_PACKAGE = Path(__file__).resolve().parent.parent
ROOTS = (_PACKAGE.parent, _PACKAGE / "_data")
"""Folders that may hold `pipelines/` and `examples/data/`: a checkout, an installed wheel."""
BUNDLED = "examples/data/"


def recipes() -> dict[str, Path]:
    """Name and file of each shipped recipe, sorted by name; a checkout comes before an installed copy."""
    found: dict[str, Path] = {}
    for root in ROOTS:
        for path in sorted((root / "pipelines").glob("*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def recipe_summary(path: Path) -> str:
    """The first comment line of a recipe: what it makes."""
    with path.open(encoding="utf-8") as lines:
        return next((line.lstrip("# ").rstrip() for line in lines if line.startswith("#")), "")


def find_pipeline(name: str | Path) -> Path:
    """The file of that path, or the shipped recipe of that name; a file comes first. InputError with what is there."""
    path = Path(name)
    if path.is_file():
        return path
    shipped = recipes()
    if str(name) in shipped:
        return shipped[str(name)]
    what = (
        "is a folder, not a pipeline file" if path.is_dir() else "no such pipeline file, and no shipped pipeline has this name"
    )
    beside = path.parent.glob("*.y*ml") if path.parent.is_dir() else ()
    known = [*(str(each) for each in beside), *shipped]
    raise InputError(f"{name}: {what}. {nearest(str(name), known)} See `corpus-forge list pipelines`.")


def copy_recipe(name: str, output: Path) -> Path:
    """Copy a shipped recipe, comments and all; RequestError when there is none or `output` exists."""
    shipped = recipes()
    if name not in shipped:
        raise RequestError(
            f"no shipped pipeline is named '{name}'. {nearest(name, shipped)} See `corpus-forge list pipelines`."
        )
    try:
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(shipped[name].read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise RequestError(f"{output} exists already; nothing was written. Choose another name with -o.") from error
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}.") from error
    return output


def bundled(path: str) -> str:
    """`examples/data/…` where it lies, if it is not in the working folder; any other path unchanged."""
    if not path.startswith(BUNDLED) or Path(re.split(r"[*?\[]", path)[0]).exists():
        return path
    places = (root for root in ROOTS if (root / BUNDLED).is_dir())
    return next((str(root / path) for root in places), path)

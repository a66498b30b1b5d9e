"""The one thing that pyproject.toml cannot say: data folders of the checkout go into the wheel.

`filters/`, `sources/`, `pipelines/` and `examples/data/`, which `run quickstart` reads, become folders of
`corpus_forge/_data/`. The price is a wheel of 5 MB; without the data the command that every help text begins with would fail
outside a checkout. They are copied when a wheel is built and not mapped as packages: a mapping would make an editable install
work through an import hook, which slows every start and hides the package from type checkers.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

DATA_FOLDERS = ("filters", "sources", "pipelines", "examples/data")


class BuildWithData(build_py):
    """`build_py`, then the data; an editable install reads the checkout."""

    def run(self) -> None:
        """Copy the folders afresh, so that a file that was deleted does not live on in `build/`."""
        super().run()
        if self.editable_mode:
            return
        for folder in DATA_FOLDERS:
            target = Path(self.build_lib) / "corpus_forge" / "_data" / folder
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(Path(__file__).parent / folder, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))


setup(cmdclass={"build_py": BuildWithData})

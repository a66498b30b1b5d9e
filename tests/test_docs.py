"""Documents do not drift: links lead somewhere, commands and pipelines that are shown exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "examples/data/README.md"]
PAGES += sorted((ROOT / "docs").glob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page):
    targets = [target for target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)


def test_the_pipeline_in_the_readme_is_the_quickstart():
    shown = yaml.safe_load(blocks("yaml")[0])
    assert shown == yaml.safe_load((ROOT / "pipelines" / "quickstart.yaml").read_text("utf-8"))


def test_the_rule_set_in_the_readme_loads(tmp_path):
    from corpus_forge.rules.files import load_rules

    (tmp_path / "my_rules.yaml").write_text(blocks("yaml")[2], "utf-8")
    assert [rule.signal for rule in load_rules(str(tmp_path / "my_rules.yaml")).rules] == [
        "word_count",
        "alphabetic_word_share",
    ]


def test_every_make_target_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        name
        for page in PAGES
        for name in re.findall(r"`?make ([a-z]+)", page.read_text("utf-8"))
        if page.name != "CHANGELOG.md"
    }
    assert {"demo", "test", "lint", "bench", "soak", "wheels"} <= named
    assert named <= targets


def test_dependencies_md_names_every_base_dependency_and_extra():
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[\[<>=]", entry)[0] for entry in project["dependencies"]] + list(project["optional-dependencies"])
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_the_page_of_signals_is_that_of_the_registry():
    from corpus_forge.rules.listing import signals_page

    assert (ROOT / "docs" / "signals.md").read_text("utf-8") == signals_page(), "docs/signals.md says how to write it"


def test_every_reading_that_is_shipped_has_a_row_of_parity():
    from corpus_forge.rules.files import shipped

    text = (ROOT / "docs" / "parity.md").read_text("utf-8")
    assert [name for name in shipped() if f"| {name} |" not in text] == []

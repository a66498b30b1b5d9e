"""The step `cc_license`: its columns, what `keep` and `marks` do, and where it may stand."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pydantic import ValidationError

from corpus_forge.config.columns import check_columns
from corpus_forge.document import Removal
from corpus_forge.pipeline import Pipeline
from corpus_forge.steps.cc_license import CcLicenseStep

BY, SA = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by-sa/3.0/"
PAGES = [f'<a rel=license href="{BY}">', "<p>nothing</p>", None, f'<a href="{SA}"><a rel="license" href="{BY}">', f"<p>{SA}"]
COLUMNS = ("license", "license_version", "license_where", "licenses")


def outcome_of(pages=PAGES, kind=None, **parameters):
    batch = pa.record_batch({"html": pa.array(pages, kind or pa.large_string())})
    return CcLicenseStep.model_validate(parameters).start()(batch)


def rows(outcome) -> list[tuple]:
    return list(zip(*(outcome.batch[name].to_pylist() for name in COLUMNS), strict=True))


def test_columns():
    none = (None, None, None, 0)
    assert rows(outcome_of()) == [("cc-by", "4.0", "rel", 1), none, none, ("cc-by", "4.0", "rel", 2), none]
    assert rows(outcome_of(kind=pa.string())) == rows(outcome_of())
    assert outcome_of().removed == {}
    empty = outcome_of(pages=[]).batch
    assert empty.schema == outcome_of().batch.schema


def test_marks_that_count():
    found = rows(outcome_of(marks=["text", "anchor"]))
    assert found[0] == (None, None, None, 0)
    assert found[3] == ("cc-by-sa", "3.0", "anchor", 1)
    assert found[4] == ("cc-by-sa", "3.0", "text", 1)


def test_keep():
    removed = outcome_of(keep="cc-by-sa", marks=["text", "rel"]).removed
    assert removed == {
        0: Removal("cc_license.keep", detail="cc-by"),
        1: Removal("cc_license.keep", detail="no licence"),
        2: Removal("cc_license.keep", detail="no licence"),
        3: Removal("cc_license.keep", detail="cc-by"),
    }


def test_order_of_parameters_is_no_part_of_the_identity():
    first = CcLicenseStep.model_validate({"keep": ["cc0", "cc-by"], "marks": ["rel", "meta"]})
    assert first.identity() == CcLicenseStep.model_validate({"keep": ["cc-by", "cc0"], "marks": ["meta", "rel"]}).identity()


def test_unknown_names_say_the_nearest():
    with pytest.raises(ValidationError, match=r"no licence is named 'cc-by-as'.*cc-by-sa"):
        CcLicenseStep.model_validate({"keep": ["cc-by-as"]})
    with pytest.raises(ValidationError, match="marks"):
        CcLicenseStep.model_validate({"marks": ["header"]})
    with pytest.raises(ValidationError, match="keep"):
        CcLicenseStep.model_validate({"keep": []})


def test_check_wants_it_before_extract_and_rules_over_it_behind():
    source = {"name": "s", "format": "warc", "paths": ["x.warc.gz"]}
    steps = ["cc_license", "extract", {"select": {"columns": {"license": ["cc-by"]}}}]
    assert not check_columns(Pipeline.from_dict({"name": "x", "sources": [source], "steps": steps}).config)
    late = Pipeline.from_dict({"name": "x", "sources": [source], "steps": ["extract", "cc_license"]}).config
    assert "put this step before 'extract'" in str(check_columns(late)[0])

"""Pipeline files: YAML to typed models, `--set`, JSON Schema, and messages that name path, value and fix."""

from corpus_forge.config.build import pipeline_from_dict
from corpus_forge.config.columns import Problem, check_columns
from corpus_forge.config.files import load_pipeline
from corpus_forge.config.models import PipelineConfig
from corpus_forge.config.schema import json_schema
from corpus_forge.config.tokenize import TokenizeConfig, TokenizerTraining

__all__ = [
    "PipelineConfig",
    "Problem",
    "TokenizeConfig",
    "TokenizerTraining",
    "check_columns",
    "json_schema",
    "load_pipeline",
    "pipeline_from_dict",
]

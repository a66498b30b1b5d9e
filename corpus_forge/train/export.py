"""A trained model as a Hugging Face directory: config.json, model.safetensors, the tokenizer. The layouts are in layouts.py."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from safetensors.torch import save_file

from corpus_forge.errors import InputError, RequestError
from corpus_forge.train.generate import Loaded, load_model
from corpus_forge.train.layouts import layout


def export_hf(model: str | Path, output: str | Path) -> Path:
    """Write the newest checkpoint of a model folder to `output`, a folder that must not exist; RequestError otherwise."""
    target, source = Path(output), Path(model)
    loaded = load_model(source)
    config, weights = layout(loaded)
    if target.exists():
        raise RequestError(f"{output}: exists. Name a folder that does not.")
    part = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    save_file(weights, part / "model.safetensors", {"format": "pt"})
    (part / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    _tokenizer(source, part, loaded)
    part.rename(target)
    return target


def _tokenizer(source: Path, part: Path, loaded: Loaded) -> None:
    file = source / "tokenizer.json"
    if not file.is_file():
        return
    shutil.copyfile(file, part / "tokenizer.json")
    try:
        added = json.loads(file.read_bytes()).get("added_tokens") or []
        names = {int(each["id"]): str(each["content"]) for each in added}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: damaged tokenizer: {type(error).__name__}: {error}") from error
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": names.get(loaded.eos_id if loaded.eos_id is not None else -1),
    }
    (part / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")

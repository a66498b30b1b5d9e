"""The verbs about models, from a text to a Hugging Face directory."""

from __future__ import annotations

import json

import pytest
import yaml
from token_folders import metadata, pack, write_folder
from typer.testing import CliRunner

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("tokenizers", reason="tokenizers is not installed")

from corpus_forge.cli.app import app, main
from corpus_forge.tokens.probe import SENTENCES
from corpus_forge.tokens.tokenizer import load_tokenizer
from corpus_forge.tokens.train import train_bpe

WORDS = "the quick brown fox jumps over the lazy dog and then the dog jumps over the fox. "


@pytest.fixture
def file(tmp_path):
    """A training file over one sentence, again and again."""
    content = train_bpe([*SENTENCES, WORDS * 20], 600)
    tokenizer = load_tokenizer(content)
    documents = [(uid, [*tokenizer.encode([WORDS * 4]).ids.tolist()]) for uid in range(60)]
    meta = metadata(vocab_size=tokenizer.vocab_size, tokenizer_sha256=tokenizer.sha256, mask_id=2, sentinel0_id=3)
    folder = write_folder(tmp_path / "tokens", [pack(documents)], meta)
    (folder / "tokenizer.json").write_bytes(content)
    path = tmp_path / "train.yaml"
    run = {"steps": 40, "batch_tokens": 1024, "log_every": 20}
    values = {"tokens": str(folder), "output": str(tmp_path / "m"), "model": {"preset": "tiny"}, "train": run}
    path.write_text(yaml.safe_dump(values))
    return path


def test_train_generate_export(file, tmp_path) -> None:
    cli, model = CliRunner(), str(tmp_path / "m")
    trained = cli.invoke(app, ["train", str(file), "--set", "optim.lr=0.005", "--plot"])
    assert trained.exit_code == 0, trained.output
    assert "step 40  loss " in trained.output
    assert (tmp_path / "m" / "curves.svg").read_text().count("<polyline") == 1
    assert f"step 40, written to {model}" in trained.output
    written = cli.invoke(app, ["generate", model, "--prompt", "the quick", "--tokens", "12", "--temperature", "0"])
    assert written.exit_code == 0, written.output
    assert written.output.startswith("the quick brown fox jumps over the")
    exported = cli.invoke(app, ["export", model, "--to", "hf", "-o", str(tmp_path / "hf")])
    assert exported.exit_code == 0, exported.output
    settings = json.loads((tmp_path / "hf" / "tokenizer_config.json").read_text())
    assert settings["eos_token"] == "<|eos|>"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "{file}", "--set", "train.stps=3"], "train.yaml.train.stps: unknown key, value 3. Did you mean 'steps'"),
        (["train", "{file}x"], "cannot be read"),
        (["generate", "{folder}", "--prompt", "a"], "no checkpoint is in it"),
        (["export", "{folder}", "--to", "tf", "-o", "x"], "not a format that a run is exported to"),
        (["export", "{folder}", "--to", "hf", "-o", "x"], "no checkpoint is in it"),
    ],
)
def test_wrong_requests_are_sentences_and_exit_code_2(file, capsys, arguments, message) -> None:
    given = [each.format(file=file, folder=file.parent) for each in arguments]
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err

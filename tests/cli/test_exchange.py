"""`export` and `import` from the terminal: out, in again, and what is said when the request is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from exchange_corpus import write_corpus

from corpus_forge.tokens.train import train_bpe


def test_tokens_go_out_and_come_in_again(cli: Any, tmp_path) -> None:
    write_corpus(tmp_path / "tokens")
    (tmp_path / "t.json").write_bytes(train_bpe(["a b c"], 600))
    done = cli("export", tmp_path / "tokens", "--to", "nanogpt", "-o", tmp_path / "flat")
    assert (done.code, done.err) == (0, "")
    assert "export.json says what is in it" in done.out
    flags = ("--from", "nanogpt", "--tokenizer", tmp_path / "t.json", "--seq-len", 256, "--packing", "best_fit")
    done = cli("import", tmp_path / "flat" / "train.bin", *flags, "--source", "mine", "-o", tmp_path / "in")
    assert (done.code, done.err) == (0, "")
    assert cli("export", tmp_path / "in", "--to", "nanogpt", "-o", tmp_path / "again").code == 0
    first, again = (np.fromfile(tmp_path / name / "train.bin", np.uint16) for name in ("flat", "again"))
    assert again.tolist() == first.tolist()


def test_wrong_requests_end_with_2_and_a_sentence(cli: Any, tmp_path) -> None:
    folder = write_corpus(tmp_path / "tokens")
    done = cli("export", folder, "--to", "tfrecord", "-o", tmp_path / "x")
    assert (done.code, done.out) == (2, "")
    assert "--to tfrecord: not a format that a run is exported to." in done.err
    done = cli("import", tmp_path / "x", "--from", "megatron", "--tokenizer", tmp_path / "none.json", "-o", tmp_path / "y")
    assert (done.code, done.out) == (2, "")
    assert "none.json" in done.err

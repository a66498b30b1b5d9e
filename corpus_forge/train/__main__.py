"""`python -m corpus_forge.train CONFIG.yaml [a.b=value …]`, and the same under torchrun: needs no typer and no rich."""

from __future__ import annotations

import sys
from typing import Any

from corpus_forge.errors import CorpusForgeError


def main(arguments: list[str]) -> int:
    """Train and return the exit code."""
    if not arguments or arguments[0].startswith("-"):
        print("usage: python -m corpus_forge.train CONFIG.yaml [a.b=value ...]", file=sys.stderr)  # noqa: T201 - the terminal
        return 2
    try:
        from corpus_forge.train.config import load
        from corpus_forge.train.loop import train

        train(load(arguments[0], arguments[1:]), show)
    except CorpusForgeError as error:
        print(f"corpus-forge: {error}", file=sys.stderr)  # noqa: T201 - the terminal
        return error.exit_code
    return 0


def show(line: dict[str, Any]) -> None:
    """One line of metrics for people."""
    print(in_words(line), file=sys.stderr, flush=True)  # noqa: T201 - the terminal


def in_words(line: dict[str, Any]) -> str:
    """`step 10  loss 5.123  …`, or the scores of an evaluation."""
    if "eval" in line:
        scores = [f"{name} {_score(score)}" for name, score in line["eval"].items()]
        return f"step {line['step']}  held out: " + ", ".join(scores)
    mfu = "" if line["mfu"] is None else f"  mfu {line['mfu']:.1%}"
    spike = "  the loss jumps: its documents are in metrics.jsonl" if "spike" in line else ""
    return (
        f"step {line['step']}  loss {line['loss']:.4f}  lr {line['lr']:.2e}  {line['tokens_per_s']:,.0f} tokens/s{mfu}"
        f"  waits {line['data_wait_share']:.1%}  {line['eta_s']:,.0f} s to go{spike}"
    )


def _score(score: dict[str, Any]) -> str:
    bits = "" if score["bits_per_byte"] is None else f", {score['bits_per_byte']:.4f} bits/byte"
    return f"{score['nats_per_token']:.4f} nats/token{bits}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

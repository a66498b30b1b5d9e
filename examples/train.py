"""From web pages to a model: the quickstart's tokens, a tiny Transformer for 25 steps, some words: half a minute on 2 cores.

pip install 'corpus-forge[train]'; python examples/train.py [RUN [MODEL]]
"""

from __future__ import annotations

import sys

import corpus_forge as cf
from corpus_forge.tokens.tokenizer import load_tokenizer
from corpus_forge.train.config import parse
from corpus_forge.train.generate import generate_ids, load_model
from corpus_forge.train.loop import train


def main(run: str = "runs/quickstart", model: str = "models/tiny") -> None:
    tokens = cf.Pipeline.from_yaml("quickstart").run(run, executor="inline").tokens()

    reader = tokens.reader(batch_size=4, seed=1)
    print(f"{len(tokens)} rows; the first batch has documents {[list(each.doc_uid)[:2] for each in reader.peek(0)]}")

    file = {"tokens": run, "output": model, "model": {"preset": "tiny"}, "train": {"steps": 25, "batch_tokens": 2048}}
    last = train(parse(file), lambda line: print(f"step {line['step']:>3}  loss {line['loss']:.3f}"))
    print(f"{last['tokens']:,} tokens read")

    tokenizer = load_tokenizer(model)
    prompt = tokenizer.encode(["The "]).ids.tolist()
    made = generate_ids(load_model(model), prompt, 30)
    print(f"it writes: {tokenizer.decode([*prompt, *made])!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])

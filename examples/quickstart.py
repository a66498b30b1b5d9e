"""The quickstart from Python: run a shipped pipeline, see the funnel, ask why a page went, decode a row of tokens.

python examples/quickstart.py [RUN]
"""

from __future__ import annotations

import sys

import corpus_forge as cf


def main(output: str = "runs/quickstart") -> None:
    run = cf.Pipeline.from_yaml("quickstart").run(output, executor="inline")

    for step in run.report["funnel"]:
        print(f"{step['step']:<12} {step['documents_in']:>5} in {step['documents_out']:>5} out")

    gone = run.removed(rule="gopher_quality").to_pylist()[0]
    print(f"\n{gone['url']}\n  removed by {gone['rule']}, which measured {gone['value']:.3f}")

    why = run.explain(url=gone["url"])
    print("  " + ", ".join(f"{each['step']}: {each['verdict']}" for each in why["verdicts"]))

    tokens = run.tokens()
    print(f"\n{len(tokens)} rows of {tokens.seq_len} tokens; the first begins:\n  {tokens.decode(0)[:200]!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Texts that nobody wrote, at full size: seconds of a tenth and of the whole, and memory beside the text. Markdown out.

    python benchmarks/adversarial.py > table.md       # about ten minutes
    python benchmarks/adversarial.py --megabytes 10   # a taste

Every text is one document, in a process of its own. All signals of documents are measured, with words of both kinds that cut at
more than white space, and C4's rules clean it. Linear is: the whole takes at most 12 times the tenth. Memory may be 500 MB and
8 bytes a byte of the text.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from pathlib import Path

MILLION_LINES = 1_000_000
SENTENCE = "The quick brown fox, who is 3.5 years old, jumps over the lazy dog's back; isn't that so? "
MAKERS = {
    "one letter": lambda size: b"a" * size,
    "one line of words, half the size": lambda size: _filled(SENTENCE.encode(), size // 2),
    "a million one-letter lines": lambda size: b"a\n" * (MILLION_LINES * size // 100_000_000),
    "a million identical lines": lambda size: _filled(SENTENCE.encode() + b"\n", 91 * MILLION_LINES * size // 100_000_000),
    "different lines": lambda size: b"".join(b"%012d\n" % n for n in range(size // 13)),
    "newlines": lambda size: b"\n" * size,
    "random bytes, no UTF-8": lambda size: random.Random(7).randbytes(size),
    "lone surrogates, no UTF-8": lambda size: _filled("\ud800x \udfff".encode("utf-8", "surrogatepass"), size),
    "NULs": bytes,
    "right to left, combining marks": lambda size: _filled("שָׁלוֹם e\u0301\u0301\u0301 ".encode(), size),
    "marks without a blank": lambda size: _filled(b".,;)(:@'", size),
    "an address without end": lambda size: _filled(b"a@b.co/", size),
}


def _filled(unit: bytes, size: int) -> bytes:
    return unit * (size // len(unit))


def main() -> None:
    """One row a text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--texts", nargs="*", default=list(MAKERS), choices=MAKERS, metavar="TEXT", help=", ".join(MAKERS))
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(measured(arguments.child[0], int(arguments.child[1]))))
        return
    print("| text | MB | signals, s | times the tenth | uax29, s | times | C4's rules, s | times | MB beside the text |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in arguments.texts:
        small, whole = (_child(name, arguments.megabytes * 1_000_000 // part) for part in (10, 1))
        pairs = zip(whole["seconds"], small["seconds"], strict=True)
        cells = [f"{seconds:.2f} | {seconds / tenth:.1f}" for seconds, tenth in pairs]
        print(f"| {name} | {whole['size'] / 1e6:.0f} | {' | '.join(cells)} | {whole['memory'] / 1e6:.0f} |", flush=True)


def _child(name: str, size: int) -> dict:
    command = [sys.executable, __file__, "--child", name, str(size)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measured(name: str, size: int) -> dict:
    """Processor seconds of each kind of work, and the peak of memory beside the text."""
    import numpy as np
    import pyarrow as pa

    import corpus_forge as cf

    works = (
        cf.signals,
        lambda texts: cf.signals(texts, words="uax29"),
        lambda texts: cf.apply_rules(texts, "c4@datatrove"),
    )
    for work in works:
        work(["a text."])
    text = MAKERS[name](size)
    offsets = np.array([0, len(text)], np.int64)
    column = pa.Array.from_buffers(pa.large_string(), 1, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    Path("/proc/self/clear_refs").write_text("5")  # the peak from here on
    before, seconds = _status("VmRSS"), []
    for work in works:
        begun = time.process_time()
        work(column)
        seconds.append(time.process_time() - begun)
    return {"size": len(text), "seconds": seconds, "memory": _status("VmHWM") - before}


def _status(field: str) -> int:
    """Bytes, by the kernel's account of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))


if __name__ == "__main__":
    main()

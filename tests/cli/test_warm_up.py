"""The verb `warmup` says what was compiled, how long it took, and where it is kept."""

from __future__ import annotations

from corpus_forge.warm_up import Warmed


def test_the_verb(cli, monkeypatch):
    monkeypatch.setattr(
        "corpus_forge.warm_up.warm_up_apart", lambda names, processes: [Warmed(n, len(n) - 5, 1.25) for n in names]
    )
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/some/where")
    done = cli("warmup", "lines", "tokens")
    assert done.code == 0
    first, second, last = done.out.splitlines()
    assert (first.split(), second.split()) == (["lines", "ready", "1.2", "s"], ["tokens", "1", "compiled", "1.2", "s"])
    assert last.endswith("kept /some/where")


def test_unknown_kernels(cli):
    done = cli("warmup", "txt")
    assert (done.code, "no kernels are named 'txt'. Did you mean 'text'" in done.err) == (2, True)

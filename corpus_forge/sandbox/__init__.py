"""A guarded process that runs an extraction engine over pages, so that no page can take more down than itself.

    your process ──control──▶ helper ──fork──▶ child ─┐
         │  └─────── arena: pages, shared memory ────▶│ engine
         ◀───────────────── answers, in order ────────┘

* `guard.Sandbox`: what steps use. Sends a batch, collects answers, decides what a failure means.
* `helper.Helper`: starts and talks to the helper (`zygote.main`): a clean, single-threaded Python that has imported the
  engine and forks children on request, 1 to 3 ms each. Your process, which may be a Ray worker full of threads, never forks.
* `child.serve`: takes a batch, answers page by page. It has a limit on memory, may write no file, has no network where the
  kernel lets us, and is the first that a kernel short of memory would kill.
* `arena.Arena`: the pages of a batch in shared memory, written once and read where they lie, also by the next child.

The answers are the heartbeat: they come in the order of the pages, so the first page without an answer is the one in flight.
That names the culprit of a crash or a hang without bisection, keeps what was done before it, and needs no clock or
memory that a broken child could spoil.

One rule decides: **a failure counts when the page, alone in a fresh child, fails too.** So bad luck (a leak, the kernel's
memory killer, somebody's kill -9) costs time and never a document, and the result does not depend on how pages were batched.

Nothing is pickled: pages are bytes and offsets, answers are a letter, a length and UTF-8.
"""

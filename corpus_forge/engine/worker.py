"""What a worker does: run one task of a job, in any process, and answer with data.

The same function serves the inline executor and Ray. What a task raises becomes a small dictionary, so that the driver can
decide what it means without unpickling anybody's exception.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import time
import traceback
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from corpus_forge.config import pipeline_from_dict
from corpus_forge.engine.corpus import run_join, run_partition, run_reduce
from corpus_forge.engine.encode_task import run_encode
from corpus_forge.engine.mapping import run_map
from corpus_forge.engine.ordered import run_list, run_walk
from corpus_forge.engine.pack_task import run_pack
from corpus_forge.engine.publish import run_publish
from corpus_forge.engine.self_test import run_sample, run_self_test
from corpus_forge.engine.shuffle_task import run_shuffle
from corpus_forge.engine.sort_task import run_sort
from corpus_forge.engine.tasks import Context, Job, ShardRefusedError, Task
from corpus_forge.engine.tokenizer_task import run_tokenizer
from corpus_forge.engine.workspace import Workspace
from corpus_forge.errors import Interrupted, RequestError, RunError
from corpus_forge.io.source import Access
from corpus_forge.steps import load_names

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

RUNNERS: dict[str, Callable[[Context, Task], dict[str, Any]]] = {
    "map": run_map,
    "partition": run_partition,
    "reduce": run_reduce,
    "sample": run_sample,
    "self_test": run_self_test,
    "list": run_list,
    "walk": run_walk,
    "join": run_join,
    "publish": run_publish,
    "tokenizer": run_tokenizer,
    "encode": run_encode,
    "sort": run_sort,
    "pack": run_pack,
    "shuffle": run_shuffle,
}
"""The kinds of tasks. A runner commits, and returns the manifest."""


def execute(job_text: str, task_text: str) -> dict[str, Any]:
    """Run one task in this process. {"manifest": …} or {"error": {kind, message, trace}}; raises only Interrupted."""
    task = Task(**json.loads(task_text))
    began = time.monotonic()
    try:
        context = _context(job_text)
        manifest = context.workspace.manifest(task.fingerprint) or RUNNERS[task.kind](context, task)
    except Interrupted:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a task raises becomes data: the driver decides
        return {"error": _describe(error)}
    finally:
        return_memory()
    return {"manifest": manifest, "seconds": time.monotonic() - began, "pid": os.getpid()}


def return_memory() -> None:
    """Give freed pages back to the system, so that a worker's size is that of its largest task and not of all of them."""
    pa.default_memory_pool().release_unused()
    trim = getattr(_libc(), "malloc_trim", None)
    if trim is not None:
        trim(0)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


@lru_cache(maxsize=4)
def _context(job_text: str) -> Context:
    fields = json.loads(job_text)
    job = Job(**{**fields, "plugins": tuple(fields["plugins"])})
    load_names(job.plugins)
    config = pipeline_from_dict(dict(job.pipeline))
    return Context(job, config, Workspace(Path(job.root)), Access(allow_http=job.allow_http))


def _describe(error: BaseException) -> dict[str, str]:
    kind, cause = "bug", error.__cause__ if isinstance(error, RunError) else error
    if isinstance(cause, OSError) and cause.errno in DISK_ERRORS:
        kind = "disk"
    elif isinstance(error, MemoryError):
        kind = "memory"
    elif isinstance(error, (RequestError, ShardRefusedError)):
        kind = "refused"
    trace = "".join(traceback.format_exception(error))
    return {"kind": kind, "message": f"{type(error).__name__}: {error}", "trace": trace[-4000:]}

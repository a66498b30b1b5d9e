"""The files of a run: where they lie, and how one becomes visible.

    RUN/work/tasks/FP.json        manifest of a finished task; its presence is the commit
    RUN/work/data/FP.NAME         what the task made
    RUN/work/tmp/                 names that nobody else looks at
    RUN/work/inputs.json          content digests and pieces of the inputs, so that a rerun hashes nothing twice
    RUN/work/plan.json            the plan of the last run, to say what changed
    RUN/work/log.jsonl            what the driver saw, one event a line

Commit: temporary name → fsync → rename → manifest by exclusive create, the first one wins. A file without a manifest does not
exist; a manifest, never a directory listing, says what does. Names are made of digests only.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus_forge.errors import RequestError
from corpus_forge.io.atomic import commit_exclusively, publish_file, write_atomically

_counter = itertools.count()


class Workspace:
    """Paths below one run directory, and the commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.work = root / "work"
        self.tmp, self.data, self.tasks = self.work / "tmp", self.work / "data", self.work / "tasks"
        self._lock: int | None = None

    def refuse_foreign(self) -> None:
        """RequestError when the path holds something that is not a run."""
        foreign = self.root.is_dir() and any(self.root.iterdir()) and not self.is_run()
        if foreign or (self.root.exists() and not self.root.is_dir()):
            raise RequestError(f"{self.root}: not empty and not a run directory. Name another with -o.")

    def create(self) -> None:
        """Make the folders; RequestError where a run cannot be written."""
        self.refuse_foreign()
        try:
            for folder in (self.tmp, self.data, self.tasks):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RequestError(f"{self.root}: cannot be written: {error.strerror}. Name another directory with -o.") from error

    def is_run(self) -> bool:
        """Whether the directory was made by a run, killed in its first moment or not."""
        return (self.root / "run.json").is_file() or self.tmp.is_dir()

    def acquire(self) -> None:
        """Be the only driver of this run, and drop what a killed one left half written."""
        try:
            handle = os.open(self.work / "lock", os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise RequestError(f"{self.root}: cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise RequestError(
                f"{self.root}: another process is running this run. Wait for it, or name another with -o."
            ) from error
        self._lock = handle
        for leftover in self.tmp.iterdir():
            leftover.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Whether a driver holds the run right now. A killed one does not, whatever run.json still says."""
        try:
            handle = os.open(self.work / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        else:
            return False
        finally:
            os.close(handle)

    def release(self) -> None:
        """Let another driver in."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def scratch(self, name: str) -> Path:
        """A path in tmp/ that no other attempt uses."""
        return self.tmp / f"{os.getpid()}-{time.monotonic_ns()}-{next(_counter)}.{name}"

    def output(self, fp: str, name: str) -> Path:
        """Where the task `fp` keeps its file `name`."""
        return self.data / f"{fp}.{name}"

    def commit(self, fp: str, files: Mapping[str, Path], manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Make the scratch files and the manifest of a task visible; the manifest that counts is returned."""
        outputs = {}
        for name, scratch in sorted(files.items()):
            outputs[name] = scratch.stat().st_size
            publish_file(scratch, self.output(fp, name))
        record = {"fingerprint": fp, "outputs": outputs, **manifest}
        commit_exclusively(self.tasks / f"{fp}.json", json.dumps(record, sort_keys=True).encode(), self.tmp)
        return self.manifest(fp) or record

    def manifest(self, fp: str) -> dict[str, Any] | None:
        """The manifest of a finished task whose files are all there in full, else None."""
        path = self.tasks / f"{fp}.json"
        try:
            record = json.loads(path.read_bytes())
            whole = all(self.output(fp, name).stat().st_size == size for name, size in record["outputs"].items())
        except (FileNotFoundError, ValueError, KeyError):
            return None
        return record if whole else None

    def finished(self, fp: str) -> dict[str, Any] | None:
        """Like `manifest`, and a manifest that no longer holds is dropped so that the task can be committed again."""
        record = self.manifest(fp)
        if record is None:
            (self.tasks / f"{fp}.json").unlink(missing_ok=True)
        return record

    def read_json(self, name: str) -> Any:
        """A JSON file below the run directory, or None."""
        try:
            return json.loads((self.root / name).read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None

    def write_json(self, name: str, value: Any) -> None:
        """Replace a JSON file below the run directory at once."""
        folder = self.tmp if self.tmp.is_dir() else self.root
        content = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
        write_atomically(self.root / name, lambda file: file.write(content), folder)

    def log(self, event: str, **fields: Any) -> None:
        """Append an event for `status` and for people."""
        line = json.dumps({"time": round(time.time(), 3), "event": event, **fields}, sort_keys=True)
        with (self.work / "log.jsonl").open("a") as log:
            log.write(line + "\n")

    def events(self) -> list[dict[str, Any]]:
        """The log; a line cut short by a kill is left out."""
        path = self.work / "log.jsonl"
        lines = path.read_text().splitlines() if path.is_file() else []
        return [event for line in lines if (event := _parse(line))]

    def forget(self) -> None:
        """Leave no trace of a run that was refused before it began."""
        shutil.rmtree(self.work, ignore_errors=True)
        if self.root.is_dir() and not any(self.root.iterdir()):
            self.root.rmdir()

    def drop_work(self) -> tuple[int, int]:
        """Remove work/; (bytes, files) that went."""
        sizes = [entry.stat().st_size for entry in self.work.rglob("*") if entry.is_file() and not entry.is_symlink()]
        shutil.rmtree(self.work, ignore_errors=False)
        return sum(sizes), len(sizes)


def _parse(line: str) -> dict[str, Any] | None:
    try:
        return json.loads(line)
    except ValueError:
        return None

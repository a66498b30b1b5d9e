"""What a notebook holds: a `Pipeline` to check, plan and run, and a `Run` to look into.

    pipeline = Pipeline.from_yaml("quickstart")
    run = pipeline.run("runs/first", limit=200)
    run.removed(rule="gopher_quality.word_count")

Everything here is thin: the engine runs, report/ tells, this file only joins them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from corpus_forge.config import PipelineConfig, Problem, check_columns, load_pipeline, pipeline_from_dict
from corpus_forge.config.probe import probe
from corpus_forge.engine.observer import Observer
from corpus_forge.engine.plan import Plan
from corpus_forge.errors import ConfigError, CorpusForgeError, InputError, RequestError
from corpus_forge.io.source import Access
from corpus_forge.steps import load_names

if TYPE_CHECKING:
    import pyarrow as pa

    from corpus_forge.tokens.dataset import TokenDataset


class Pipeline:
    """A pipeline file, read and resolved."""

    def __init__(self, config: PipelineConfig) -> None:
        self.config = config

    @classmethod
    def from_yaml(cls, path: str | Path, overrides: Iterable[str] | str = (), plugins: Iterable[str] | str = ()) -> Pipeline:
        """Read a pipeline file or a shipped recipe's name; ConfigError lists everything that is wrong with it."""
        load_names(_listed(plugins))
        return cls(load_pipeline(path, _listed(overrides)))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], plugins: Iterable[str] | str = ()) -> Pipeline:
        """The same from a dictionary shaped like the YAML."""
        load_names(_listed(plugins))
        return cls(pipeline_from_dict(_plain(data)))

    def check(self, allow_http: bool = False, read: bool = True) -> list[Problem]:
        """All that can be known before spending: missing columns, models, paths; warnings by the first records, if `read`."""
        problems = list(check_columns(self.config))
        access = Access(allow_http=allow_http)
        for index, source in enumerate(self.config.sources):
            where = f"sources[{index}]"
            try:
                uris = source.locate(access)
                if read:
                    problems += [Problem(where, message, "warning") for message in probe(source, uris, access)]
            except CorpusForgeError as error:
                problems.append(Problem(where, str(error), "error"))
        return problems

    def plan(
        self,
        output: str | Path | None = None,
        executor: str = "auto",
        workers: int | None = None,
        address: str | None = None,
        limit: int | None = None,
        allow_http: bool = False,
    ) -> Plan:
        """What a run into `output` would do, and why. Writes nothing."""
        from corpus_forge.engine.run import Options, plan_pipeline

        _check_run_arguments(output, workers, limit)
        self._refuse_errors()
        root = Path(output) if output else self.default_output()
        options = Options(executor, workers, address, limit, access=Access(allow_http=allow_http))
        return plan_pipeline(self.config, root, options)

    def run(  # noqa: PLR0913, PLR0917 - the flags of `corpus-forge run`
        self,
        output: str | Path | None = None,
        executor: str = "auto",
        workers: int | None = None,
        address: str | None = None,
        limit: int | None = None,
        max_failed_shards: int = 0,
        max_quarantine: float | None = None,
        allow_http: bool = False,
        observer: Observer | None = None,
    ) -> Run:
        """Run into the directory `output` (default runs/NAME); what an earlier call finished there is reused."""
        from corpus_forge.engine.run import Options, run_pipeline

        _check_run_arguments(output, workers, limit, max_failed_shards, max_quarantine)
        self._refuse_errors()
        root = Path(output) if output else self.default_output()
        access = Access(allow_http=allow_http)
        options = Options(executor, workers, address, limit, max_failed_shards, max_quarantine, access)
        run_pipeline(self.config, root, options, observer)
        run = Run.open(root)
        run.write_report()
        return run

    def default_output(self) -> Path:
        """`runs/NAME` below the current directory."""
        return Path("runs") / self.config.name

    def _refuse_errors(self) -> None:
        errors = [problem for problem in check_columns(self.config) if problem.level == "error"]
        if len(errors) == 1:
            raise ConfigError(errors[0].where, errors[0].message)
        if errors:
            raise ConfigError("pipeline", f"{len(errors)} problems:\n" + "\n".join(f"  {p.where}: {p.message}" for p in errors))


class Run:
    """A run directory: what was kept, what was not and why, tokens, and the report."""

    def __init__(self, root: Path, record: dict[str, Any]) -> None:
        self.root, self.record = root, record

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """A run directory, finished or not; InputError when it is none."""
        from corpus_forge.engine.workspace import Workspace

        root = Path(path)
        record = Workspace(root).read_json("run.json")
        if record is None:
            raise InputError(f"{root}: not a run directory (no readable run.json). Name the directory that `run -o` wrote.")
        return cls(root, record)

    def documents(self) -> pa.Table:
        """Kept documents of all parts, in id order."""
        return self._parts("documents")

    def removed(self, rule: str | None = None, limit: int | None = None) -> pa.Table:
        """Removed documents with step, rule and value; only those of one rule, or of a rule family, when it is named."""
        from corpus_forge.report.lookup import with_rule

        table = self._parts("removed")
        table = with_rule(table, rule) if rule else table
        return table if limit is None else table.slice(0, limit)

    def quarantine(self) -> pa.Table:
        """Records that could not be handled, with the reason."""
        return self._parts("quarantine")

    def tokens(self) -> TokenDataset:
        """The packed sequences; InputError when the pipeline made none."""
        from corpus_forge.tokens.dataset import TokenDataset

        return TokenDataset(self.root / "tokens")

    @property
    def report(self) -> dict[str, Any]:
        """The funnel, reasons, tokens and throughput as a dictionary: report.json."""
        from corpus_forge.report.build import build_report

        return build_report(self.record)

    def write_report(self) -> Path:
        """Write report.json again."""
        from corpus_forge.engine.workspace import Workspace

        Workspace(self.root).write_json("report.json", self.report)
        return self.root / "report.json"

    def status(self) -> dict[str, Any]:
        """How far the run got: its status, stages, and what the log says last."""
        from corpus_forge.engine.workspace import Workspace

        space = Workspace(self.root)
        events = space.events()
        begun = max((i for i, event in enumerate(events) if event["event"] == "run"), default=0)
        counts = {name: sum(event["event"] == name for event in events[begun:]) for name in ("commit", "failure")}
        keys = ("name", "status", "started", "finished", "executor", "workers", "totals", "failed_shards", "stages")
        told = {key: self.record[key] for key in keys}
        if told["status"] == "running" and not space.is_running():
            told["status"] = "killed; run the same command again to go on"
        return {**told, "committed": counts["commit"], "failures": counts["failure"]}

    def explain(self, id: int | None = None, url: str | None = None) -> dict[str, Any]:  # noqa: A002 - the public name
        """One document's life: origin, each step's verdict with its value, and where its tokens are."""
        from corpus_forge.report.lookup import explain_document

        return explain_document(self.root, self.record, id=id, url=url)

    def whatif(self, changes: Mapping[str, Sequence[float | None]], plugins: Iterable[str] = ()) -> dict[str, Any]:
        """What other intervals would have kept, `{"gopher_quality.word_count": [80, 100000]}`, from stored signals.

        `sources` has documents, bytes and tokens gained and lost by source; `gained` and `lost` a few of them; `gained_ids` and
        `lost_ids` all; `flagged` how many kept documents have each rule's flag, before and after; `unknown` those, by filter,
        whose signals were not measured; `estimates` what is not decided again.
        """
        from corpus_forge.report.whatif import whatif

        load_names(plugins)
        if not (self.root / "removed").is_dir():
            raise InputError(f"{self.root}: no removed/ yet: the run is {self.record['status']}. Run it to the end first.")
        return whatif(self.root, self.record, changes)

    def verify(self, sample: int = 20, seed: int = 0) -> list[tuple[str, str]]:
        """What is wrong with the run, as (where, what); empty when all is well.

        Digests, boundaries and counts of the tokens, rows of documents/, removed/ and quarantine/, and `sample` documents,
        chosen by `seed`, read back from their tokens to their text.
        """
        from corpus_forge.report.verify import verify_run

        return [(finding.where, finding.what) for finding in verify_run(self.root, self.record, sample, seed)]

    def locate(self, urls: Sequence[str] = (), domains: Sequence[str] = (), ids: Sequence[int] = ()) -> pa.Table:
        """Every span of tokens of the documents meant: id, url, shard, row, start, stop. A domain means all below it too."""
        from corpus_forge.report.locate import Wanted, locate

        return locate(self.root, Wanted.of(_listed(urls), _listed(domains), ids))

    def redact_tokens(
        self, output: str | Path, urls: Sequence[str] = (), domains: Sequence[str] = (), ids: Sequence[int] = ()
    ) -> dict[str, Any]:
        """Write the tokens without those documents to the new folder `output`; what went, as in its redaction.json."""
        from corpus_forge.report.locate import Wanted
        from corpus_forge.report.redaction import redact

        return redact(self.root, Wanted.of(_listed(urls), _listed(domains), ids), output)

    def export(self, to: str, output: str | Path) -> Path:
        """Tokens as `megatron`, `nanogpt`, `llmc`, `datatrove`, `mds`, `litdata`, texts as `jsonl`, `parquet`, in a new folder.

        RequestError for an unknown format, a folder that exists, or a run that is not finished.
        """
        from corpus_forge.exchange.export import export

        if self.record["status"] != "complete":
            raise RequestError(f"{self.root}: the run is {self.record['status']}. Run it to the end first.")
        return export(self.root, to, output)

    def clean(self) -> dict[str, int]:
        """Drop work/: what is shown stays, and another run starts from nothing. Bytes and files that went."""
        from corpus_forge.engine.workspace import Workspace

        space = Workspace(self.root)
        if not space.work.is_dir():
            return {"bytes": 0, "files": 0}
        space.acquire()
        try:
            size, files = space.drop_work()
        finally:
            space.release()
        return {"bytes": size, "files": files}

    def _parts(self, folder: str) -> pa.Table:
        from corpus_forge.report.lookup import read_parts

        if not (self.root / folder).is_dir():
            raise InputError(f"{self.root}: no {folder}/ yet: the run is {self.record['status']}. Run it to the end first.")
        return read_parts(self.root / folder)

    def __repr__(self) -> str:
        totals = self.record["totals"]
        return f"Run({str(self.root)!r}, {self.record['status']}, kept {totals['kept']} of {totals['records_in']})"


def _listed(words: Iterable[str] | str) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def _plain(value: Any) -> Any:
    """What a YAML file would have held: paths as text, tuples as lists."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, PurePath) else value


def _check_run_arguments(
    output: str | Path | None, workers: int | None, limit: int | None, failed_shards: int = 0, share: float | None = None
) -> None:
    if output and "://" in str(output):
        raise RequestError(
            f"-o {output}: a run is written to a local or shared directory; object stores are for reading so far."
        )
    for flag, value, least in (("workers", workers, 1), ("limit", limit, 1), ("max-failed-shards", failed_shards, 0)):
        if value is not None and (not isinstance(value, int) or value < least):
            raise RequestError(f"--{flag} {value}: a whole number, at least {least}.")
    if share is not None and not 0 <= share <= 1:
        raise RequestError(f"--max-quarantine {share}: a share between 0 and 1.")

"""What a page can do, and what the sandbox says of it, with every other page untouched."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from corpus_forge.document import Fault
from corpus_forge.errors import RequestError, RunError
from corpus_forge.extract import extract_text, make_engine
from corpus_forge.sandbox.guard import Sandbox

PLANTED = [
    *[("segfault", "", "crash:SIGSEGV")] * 9,
    *[("overflow_stack", "", "crash:SIGSEGV")] * 2,
    *[("abort", "", "crash:SIGABRT")] * 4,
    *[("exit", "7", "exit:7")] * 6,
    *[("exit", "0", "exit:0")] * 2,
    *[("sys_exit", "3", "exit:3")] * 2,
    *[("hang_in_c", "", "timeout")] * 1,
    *[("hang_asleep", "", "timeout")] * 1,
    *[("allocate", "", "oom")] * 6,
    *[("raise", "", "exception:ValueError")] * 5,
    *[("wrong_type", "", "exception:TypeError")] * 2,
]


def pages_of(count: int) -> list[str]:
    return [f"<h1>Page {i}</h1>\r\n<p>{'wörd ' * (i % 97)}\0{i}</p>" for i in range(count)]


def test_forty_planted_faults_are_named_and_all_other_pages_are_as_without_a_sandbox(sandbox, poison):
    pages = pages_of(440)
    expected = {}
    for k, (fault, argument, reason) in enumerate(PLANTED):
        # 0 and 439 are among them, and neighbours at 407 and 408.
        row = {39: 439, 38: 408}.get(k, k * 11)
        pages[row] = poison(fault, argument)
        expected[row] = reason
    assert len(expected) == 40
    engine = make_engine("poison")
    texts, faults = sandbox.run(pa.array(pages))
    assert {row: fault.reason for row, fault in faults.items()} == expected
    assert texts.to_pylist() == [
        None if row in expected else extract_text(engine, page, None) for row, page in enumerate(pages)
    ]


def test_answers_do_not_depend_on_how_pages_are_batched(sandbox, poison):
    pages = pages_of(60)
    for row in (0, 1, 30, 59):
        pages[row] = poison("segfault")
    pages[2], pages[31] = poison("raise"), poison("allocate")
    whole, faults = sandbox.run(pa.array(pages))
    for size in (1, 7):
        texts, reasons = [], {}
        for start in range(0, len(pages), size):
            part, found = sandbox.run(pa.array(pages[start : start + size]))
            texts += part.to_pylist()
            reasons |= {start + row: fault for row, fault in found.items()}
        assert texts == whole.to_pylist()
        assert reasons == faults


@pytest.mark.parametrize(
    ("fault", "argument", "answer"),
    [
        ("raise", "", Fault("exception:ValueError", "not this page")),
        ("odd_message", "", Fault("exception:OddError", "")),
        ("huge", "", Fault("exception:KeyError", "'" + "x" * 499)),
        ("segfault", "", Fault("crash:SIGSEGV", "the engine's process ended by SIGSEGV")),
        ("exit", "250", Fault("exit:250", "the engine ended its process with exit code 250")),
        ("hoard", "", Fault("oom", "the page needs more memory than the limit")),
        ("hang_asleep", "", Fault("timeout", "no answer within 1 s")),
        ("hang_up", "", Fault("crash:hung_up", "the engine closed the connection of its process and went on")),
        (
            "scribble",
            "",
            Fault("crash:garbled", "the engine's process answered with bytes that make no sense: its memory was overwritten"),
        ),
    ],
)
def test_a_fault_has_a_reason_to_count_by_and_a_sentence(poison, fault, argument, answer):
    memory = (64 if fault == "hoard" else 512) << 20
    with Sandbox({"engine": "poison"}, timeout=1.0, memory=memory) as box:
        texts, faults = box.run(pa.array(["<p>before</p>", poison(fault, argument), "<p>after</p>"]))
    assert texts.to_pylist() == ["before", None, "after"]
    assert faults == {1: answer}


def test_pages_before_the_culprit_are_not_run_again(sandbox, poison, tmp_path):
    for i in range(10):
        (tmp_path / f"{i}").touch()
    take = poison("take", tmp_path)
    texts, faults = sandbox.run(pa.array([take, take, poison("segfault"), take]))
    assert texts.null_count == 1
    assert list(faults) == [2]
    assert len(list(tmp_path.iterdir())) == 7


@pytest.mark.parametrize(("kills", "survives"), [(1, True), (3, True), (4, False)])
def test_a_page_whose_child_is_killed_from_outside_is_tried_alone_three_times(sandbox, poison, tmp_path, kills, survives):
    for i in range(kills):
        (tmp_path / f"{i}").touch()
    texts, faults = sandbox.run(pa.array([poison("killed_until", tmp_path)]))
    assert texts.to_pylist() == (["never seen"] if survives else [None])
    assert {row: fault.reason for row, fault in faults.items()} == ({} if survives else {0: "crash:SIGKILL"})


def test_a_page_that_takes_its_time_is_not_a_page_that_hangs(sandbox, poison):
    pages = [poison("nap", 0.4)] * 4
    texts, faults = sandbox.run(pa.array(pages))
    assert texts.to_pylist() == ["never seen"] * 4
    assert faults == {}


def test_a_page_cannot_write_a_file(sandbox, poison, tmp_path):
    target = tmp_path / "written"
    _, faults = sandbox.run(pa.array([poison("write_file", target)]))
    assert faults[0].reason == "exception:OSError"
    assert not target.exists() or target.stat().st_size == 0


def test_a_page_has_no_network_where_the_kernel_lets_us_cut_it(sandbox, poison):
    sandbox.run(pa.array(["x"]))
    helper = sandbox.processes.helper_pid
    if Path(f"/proc/{helper}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
        pytest.skip("this kernel or container does not let a process leave its network namespace")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        _, faults = sandbox.run(pa.array([poison("connect", server.getsockname()[1])]))
    assert faults[0].reason == "exception:OSError"


def test_a_page_sees_no_credentials(poison, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("MY_API_TOKEN", "hunter2")
    monkeypatch.setenv("HARMLESS", "seen")
    names = ["AWS_SECRET_ACCESS_KEY", "MY_API_TOKEN", "HARMLESS", "PYTHONHASHSEED"]
    with Sandbox({"engine": "poison"}) as box:
        _, faults = box.run(pa.array([poison("environment", name) for name in names]))
    assert [faults[row].detail for row in range(4)] == [
        "AWS_SECRET_ACCESS_KEY=None",
        "MY_API_TOKEN=None",
        "HARMLESS=seen",
        "PYTHONHASHSEED=0",
    ]


def test_children_are_the_first_that_a_kernel_short_of_memory_kills(sandbox):
    sandbox.run(pa.array(["x"]))
    child = Path(f"/proc/{sandbox.processes.child_pid}")
    assert (child / "oom_score_adj").read_text() == "1000\n"
    assert "Max core file size        0                    0" in (child / "limits").read_text()


def test_what_a_page_starts_dies_with_it(sandbox, poison):
    _, faults = sandbox.run(pa.array([poison("spawn_and_hang", "4321.125")]))
    assert faults[0].reason == "timeout"
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if _command(p) == b"sleep\x004321.125\x00"]


def test_a_page_of_64_mib_passes_and_its_memory_is_given_back(sandbox):
    page = "<p>" + "lorem ipsum dolor sit amet " * ((64 << 20) // 27)
    texts, faults = sandbox.run(pa.array(["<p>small</p>", page, "<p>small</p>"], pa.large_string()))
    assert faults == {}
    assert texts[0].as_py() == texts[2].as_py() == "small"
    assert texts[1].as_py() == page[3:]
    assert sandbox.arena.size == os.fstat(sandbox.arena.fd).st_size == 32 << 20


def test_unknown_engines_are_refused_at_once():
    with pytest.raises(RequestError, match=r"no extraction engine is named 'resiliparze'\. Did you mean 'resiliparse'\?"):
        Sandbox({"engine": "resiliparze"})


def test_an_engine_that_cannot_be_loaded_is_an_error_of_the_run_and_not_of_each_page():
    with Sandbox({"engine": "unloadable"}) as box, pytest.raises(RunError, match="a_library_that_nobody_has"):
        box.run(pa.array(["x"]))


def test_no_pages_no_processes():
    with Sandbox({"engine": "poison"}) as box:
        texts, faults = box.run(pa.array([], pa.string()))
        assert (texts, faults) == (pa.array([], pa.large_string()), {})
        assert box.processes.helper_pid == 0


def _command(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

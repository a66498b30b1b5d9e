"""One conversation with a child, with a test playing the child."""

from __future__ import annotations

import socket
import threading

import pytest

from corpus_forge.sandbox import child, talk, verdict
from corpus_forge.sandbox.protocol import ANSWER, BATCH, FAULT, MAX_TEXT_BYTES, TEXT, pack_fault, unpack_fault
from corpus_forge.sandbox.talk import Talk


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with theirs:
        conversation = Talk(ours)
        yield conversation, theirs
        conversation.close()


def test_a_batch_goes_out_as_four_numbers(ends):
    conversation, theirs = ends
    conversation.ask(4096, 64, 3, 64)
    assert BATCH.unpack(theirs.recv(100)) == (4096, 64, 3, 64)


def test_answers_are_put_together_however_they_are_cut(ends):
    conversation, theirs = ends
    stream = ANSWER.pack(TEXT, 3) + b"abc" + ANSWER.pack(TEXT, 0) + ANSWER.pack(FAULT, 4) + b"a\0bc"

    def drip():
        for i in range(len(stream)):
            theirs.sendall(stream[i : i + 1])

    thread = threading.Thread(target=drip)
    thread.start()
    assert [conversation.answer(5) for _ in range(3)] == [(TEXT, b"abc"), (TEXT, b""), (FAULT, b"a\0bc")]
    thread.join()


def test_silence_is_a_timeout_also_when_bytes_keep_dripping_in(ends, monkeypatch):
    conversation, theirs = ends
    monkeypatch.setattr(talk, "POLL_S", 0.01)
    theirs.sendall(ANSWER.pack(TEXT, 100) + b"only the beginning")
    with pytest.raises(TimeoutError):
        conversation.answer(0.12)


def test_time_that_this_process_did_not_run_does_not_count(ends, monkeypatch):
    conversation, _ = ends
    clock = iter([0.0, 3600.0, 3600.05, 3600.1])
    monkeypatch.setattr(talk.time, "monotonic", lambda: next(clock))
    answers = iter([None, None, (TEXT, b"late")])
    monkeypatch.setattr(conversation, "_take", lambda: next(answers))
    assert conversation.answer(2.0) == (TEXT, b"late")


def test_a_child_that_has_gone_is_the_end_of_the_conversation(ends):
    conversation, theirs = ends
    theirs.sendall(ANSWER.pack(TEXT, 3) + b"ab")
    theirs.close()
    with pytest.raises(EOFError):
        conversation.answer(5)


@pytest.mark.parametrize("header", [ANSWER.pack(b"?", 1), ANSWER.pack(TEXT, -1), ANSWER.pack(TEXT, MAX_TEXT_BYTES + 1)])
def test_nonsense_is_refused_before_anything_is_allocated_for_it(ends, header):
    conversation, theirs = ends
    theirs.sendall(header)
    with pytest.raises(ValueError, match="answer"):
        conversation.answer(5)


def test_too_long_a_text_is_a_limit_and_not_sent(monkeypatch):
    class Echo:
        version = "1"

        def extract(self, html, url):
            return html

    monkeypatch.setattr(child, "MAX_TEXT_BYTES", 4)
    frame = child._answer(Echo(), memoryview(b"abcde"), [0, 5, -1, 0])
    assert unpack_fault(frame[ANSWER.size :]) == ("limit:text_bytes", "the text has 5 bytes; at most 4 are taken")
    assert child._answer(Echo(), memoryview(b"abcde"), [1, 5, -1, 0]) == ANSWER.pack(TEXT, 4) + b"bcde"


def test_a_page_that_is_no_utf_8_is_a_fault_of_that_page():
    frame = child._answer(None, memoryview(b"a\xff"), [0, 2, -1, 0])  # type: ignore[arg-type]
    assert unpack_fault(frame[ANSWER.size :])[0] == "exception:UnicodeDecodeError"


def test_a_fault_survives_the_way_with_what_utf_8_cannot_hold():
    assert unpack_fault(pack_fault("exception:E", "a\0b\ud800")) == ("exception:E", "a\0b?")


@pytest.mark.parametrize(
    ("status", "reason"),
    [(11, "crash:SIGSEGV"), (6 | 0x80, "crash:SIGABRT"), (7 << 8, "exit:7"), (0, "exit:0"), (34, "crash:SIGRTMIN")],
)
def test_the_end_of_a_process_has_a_name(status, reason):
    assert verdict.of_end(status)[0] == reason


def test_an_end_that_nobody_saw_counts_as_a_kill_from_outside():
    assert verdict.of_end(None)[0] == verdict.KILLED == "crash:SIGKILL"

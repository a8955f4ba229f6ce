"""Crops for workers and their scores, by number and worker."""

from pipeline.fleet.relay import Relay
from pipeline.worker.messages import Classified, Classify, Command

ROWS = ((1.0, 0.0, 0.0), (0.0, 0.5, 0.5))


def number(command: Command) -> int:
    assert isinstance(command, Classify)
    return command.number


def test_each_answer_finds_its_question() -> None:
    relay, sent = Relay(), list[Command]()
    first, second = (relay.ask(0, sent.append, crops) for crops in (b"one", b"two"))
    assert [command.crops for command in sent if isinstance(command, Classify)] == [b"one", b"two"]
    relay.answered(0, Classified(number(sent[1]), ROWS))
    assert (first.done(), second.result(0)) == (False, ROWS)
    relay.answered(0, Classified(number(sent[0]), ROWS[:1]))
    assert first.result(0) == ROWS[:1]


def test_the_death_of_a_worker_answers_what_it_was_asked_and_no_more() -> None:
    relay, sent = Relay(), list[Command]()
    lost, kept = relay.ask(0, sent.append, b"one"), relay.ask(1, sent.append, b"two")
    relay.died(0)
    assert (lost.result(0), kept.done()) == ((), False)
    relay.answered(0, Classified(number(sent[0]), ROWS))
    relay.answered(1, Classified(number(sent[1]), ROWS))
    assert kept.result(0) == ROWS

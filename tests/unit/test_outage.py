from pipeline.sinks.outage import Outage


def test_an_outage_is_told_once_and_tried_at_intervals() -> None:
    outage = Outage(retry_s=10)
    assert outage.may_try(0)
    assert [outage.refused(1), outage.refused(11)] == [True, False]
    assert [outage.may_try(20), outage.may_try(21)] == [False, True]


def test_it_is_over_when_the_output_has_worked_for_the_interval() -> None:
    outage = Outage(retry_s=10)
    outage.refused(1)
    assert [outage.worked(11), outage.worked(20), outage.worked(21), outage.worked(22)] == [False, False, True, False]
    assert outage.refused(23)


def test_what_never_failed_has_no_outage_to_end() -> None:
    assert not Outage(retry_s=10).worked(5)

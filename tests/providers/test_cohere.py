"""Samples of cohere: what each exchange tells, in whatever pieces it comes and wherever it breaks off."""

from tests.providers.sampling import Sample, check, every


@every("cohere")
def test_a_sample_tells_what_was_worked_out_by_hand(case: Sample) -> None:
    check(case)

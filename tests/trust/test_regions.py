"""The regions are those of their clouds, in the form that hosts have."""

import re

import pytest

from tallystick.trust.regions import AWS, GOOGLE, SHARED


@pytest.mark.parametrize("region", AWS)
def test_a_region_of_aws(region: str) -> None:
    assert re.fullmatch(r"[a-z]{2}(-gov)?-(central|north|south|east|west|northeast|southeast)-\d", region)


@pytest.mark.parametrize("region", GOOGLE)
def test_a_region_of_google(region: str) -> None:
    assert re.fullmatch(r"us|eu|[a-z]+-(central|north|south|east|west|northeast|southeast|southwest)\d{1,2}", region)


def test_the_shared_domains() -> None:
    assert dict(SHARED) == {"amazonaws.com": AWS, "api.aws": AWS, "googleapis.com": GOOGLE, "ghe.com": ()}

"""What all tests share: the flag that rewrites the golden transcripts, and no time limits."""

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # how busy a machine is says nothing of us
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        action="store_true",
        help="rewrite the transcripts in tests/golden from what the commands say now",
    )

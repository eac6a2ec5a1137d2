"""What all tests share: the flag that rewrites the golden transcripts."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        action="store_true",
        help="rewrite the transcripts in tests/golden from what the commands say now",
    )

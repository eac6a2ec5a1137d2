"""Devices: what some machines compute and move in a second, as YAML, with their sources."""

from __future__ import annotations

DEVICES = ("a100", "ryzen_7840u", "exynos_2400_npu", "raspberry_pi_5", "stm32f746")


def file_of(name: str) -> str:
    """Return the path of the file that holds a shipped device."""
    return f"{__path__[0]}/{name}.yaml"

"""Devices: what some machines compute, move and hold, as YAML, with their sources."""

from __future__ import annotations

MICROCONTROLLERS = (
    "stm32f746", "stm32h747", "stm32l476", "stm32u585", "nrf52840", "arduino_nano_33_ble", "rp2040",
    "rp2350", "esp32s3", "imxrt1062",
)  # fmt: skip
"""Those that say how much RAM they have."""
TIMED = ("a100", "h200", "ryzen_7840u", "exynos_2400_npu", "raspberry_pi_5", "stm32f746")
"""Those that say what they compute and move, so that there is a least time on them."""
DEVICES = ("a100", "h200", "ryzen_7840u", "exynos_2400_npu", "raspberry_pi_5", *MICROCONTROLLERS)


def file_of(name: str) -> str:
    """Return the path of the file that holds a shipped device."""
    return f"{__path__[0]}/{name}.yaml"

"""Devices: what some machines compute, move and hold, as YAML, with their sources."""

from __future__ import annotations

DEVICES = {
    "a100": "time", "h200": "time", "ryzen_7840u": "time", "exynos_2400_npu": "time",
    "raspberry_pi_5": "time", "stm32f746": "time memory", "stm32h747": "memory",
    "stm32l476": "memory", "stm32u585": "memory", "nrf52840": "memory",
    "arduino_nano_33_ble": "memory", "rp2040": "memory", "rp2350": "memory", "esp32s3": "memory",
    "imxrt1062": "memory",
}  # fmt: skip
"""Each with what can be worked out on it: the least `time`, what its `memory` has to hold."""
TIMED = tuple([name for name, known in DEVICES.items() if "time" in known])
MICROCONTROLLERS = tuple([name for name, known in DEVICES.items() if "memory" in known])


def file_of(name: str) -> str:
    """Return the path of the file that holds a shipped device."""
    return f"{__path__[0]}/{name}.yaml"

"""numpy, which is an extra of bncalc: who cannot do without it imports it from here."""

from bncalc.errors import UsageError

try:
    import numpy as np
except ModuleNotFoundError:
    message = "a space of designs needs numpy: pip install 'bncalc[sweep]'"
    raise UsageError(message) from None

__all__ = ["np"]

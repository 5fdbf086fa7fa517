"""The sample newsroom's sounds, made on demand: the same name makes the same bytes."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Callable

RATE = 8_000  # samples a second: a horn has nothing above 4 kHz
LOUDEST = 20_000  # of 32,767


def foghorn() -> bytes:
    """One long blast: a low note and its fifth that swell, hold, and fall off with the grunt of an old horn."""
    seconds = 4.0
    samples = array("h")
    for number in range(int(seconds * RATE)):
        at = number / RATE
        swell = min(1.0, at / 0.4) * min(1.0, (seconds - at) / 0.9)
        pitch = 92.0 - 14.0 * max(0.0, at - 3.2)
        tone = sum(math.sin(math.tau * pitch * part * at) / part for part in (1, 1.5, 2, 3, 4))
        samples.append(int(LOUDEST * swell * tone / 3))
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return kept.getvalue()


SOUNDS: dict[str, Callable[[], bytes]] = {"foghorn": foghorn}

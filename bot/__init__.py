"""The program around the game: settings, wiring, intake, workers, delivery, HTTP, command line, playground."""

import os

# The library's pauses come as timedelta, which its next version makes the only way.
os.environ.setdefault("PTB_TIMEDELTA", "1")

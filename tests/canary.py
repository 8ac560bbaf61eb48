"""A token that no output may ever show: every test's captured output is searched for it."""

import pytest

CANARY_TOKEN = "4242424242:CANARYcanaryCANARYcanaryCANARYcanary"
CANARY_SECRET = "canary-webhook-secret-that-must-not-be-seen"


def fail_if_seen(report: pytest.TestReport) -> None:
    """Turn a test into a failed one if what it wrote holds a canary."""
    written = [
        text for name, text in report.sections if name.startswith(("Captured stdout", "Captured stderr"))
    ]
    if any(canary in text for text in written for canary in (CANARY_TOKEN, CANARY_SECRET)):
        report.outcome = "failed"
        report.longrepr = "a canary secret was written to the output"

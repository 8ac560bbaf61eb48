"""The command ``audit``: prove that the books add up, on any database URL, without writing."""

import json
import sys
from dataclasses import asdict

from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings
from db.schema import reading_engine
from services.audit import Report
from services.audit import run_audit as look

CLEAN, BROKEN, UNREADABLE = 0, 1, 2


def run_audit(settings: Settings, *, as_json: bool) -> int:
    """Print the findings and return the exit code: 0 if all is right, 1 if not, 2 if it can't be read."""
    path = settings.database_url.path
    if path is not None and not path.exists():
        print(f"there is no database at {path}; start the bot once, or set DATABASE_URL", file=sys.stderr)
        return UNREADABLE
    engine = reading_engine(settings.database_url.sync_url)
    try:
        with engine.connect() as connection:
            report = look(connection, _say if not as_json and sys.stderr.isatty() else lambda _: None)
    except SQLAlchemyError as error:
        print(f"the database can't be read: {getattr(error, 'orig', error)}".splitlines()[0], file=sys.stderr)
        return UNREADABLE
    finally:
        engine.dispose()
    print(_as_json(report) if as_json else _as_text(report))
    return CLEAN if report.is_clean else BROKEN


def _say(check: str) -> None:
    print(f"  … {check}", file=sys.stderr)


def _as_json(report: Report) -> str:
    findings = [asdict(finding) | {"holds": finding.holds} for finding in report.findings]
    shown = {"clean": report.is_clean, "findings": findings, "sums": report.sums, "totals": report.totals}
    return json.dumps(shown, default=str, indent=1)


def _as_text(report: Report) -> str:
    lines = [f"{'ok ' if finding.holds else 'BAD'}  {finding.check}" for finding in report.findings]
    for finding in report.findings:
        if finding.row is not None:
            lines.append(f"\n{finding.check}: not so for {dict(finding.row)}")
            break
    lines.append("")
    lines.append("  ".join(f"{name} {value:,}" for name, value in report.sums.items()))
    lines.append("  ".join(f"{name} {value:,}" for name, value in report.totals.items()))
    lines.append("the books are right" if report.is_clean else "THE BOOKS ARE WRONG")
    return "\n".join(lines)

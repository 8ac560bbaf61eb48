"""What makes a leased row free to be taken over; inbox, outbox and turns share it."""

from sqlalchemy import Boolean, ColumnElement, Table, bindparam, or_

ALONE = bindparam("alone", type_=Boolean)
"""True where no other process can be at work: then what others seem to own is free as well."""


def is_free(table: Table) -> ColumnElement[bool]:
    """Return the condition that nobody works on a row, by ``now``, ``owner`` and ``alone``."""
    return or_(
        table.c.lease_until.is_(None),
        table.c.lease_until < bindparam("now"),
        ALONE & (table.c.lease_owner != bindparam("owner")),
    )

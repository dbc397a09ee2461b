"""Gapless sequence numbers, in the order of commits."""

from typing import Any
from uuid import UUID

from django.db import connection, models


def next_number(model: type[models.Model], pk: UUID, field: str) -> int:
    """Increment the counter `field` of a row and return it. The row stays locked until the commit.

    Uses UPDATE … RETURNING, which the ORM does not support. Raises the model's DoesNotExist.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    counter: Any = model._meta.get_field(field)
    key: Any = model._meta.pk
    column, name = (connection.ops.quote_name(db_field.column) for db_field in (counter, key))
    sql = f"UPDATE {table} SET {column} = {column} + 1 WHERE {name} = %s RETURNING {column}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [key.get_db_prep_value(pk, connection)])
        row = cursor.fetchone()
    if row is None:
        raise model.DoesNotExist(f"{model.__name__} {pk}")  # type: ignore[attr-defined]
    return int(row[0])

"""What a statement asks of the database beyond what an organisation's criteria limit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Delete, Table, Update
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import AliasedReturnsRows

from tracker.models import Base, Owned

OWNED_TABLES = frozenset(
    mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned)
)


def touches_owned(statement: Any) -> bool:
    """Whether rows of organisations are asked for."""
    return any(
        isinstance(element, Table) and element in OWNED_TABLES for element in visitors.iterate(statement)
    )


def beyond_criteria(state: ORMExecuteState) -> str:
    """Why the criteria, which concern entities alone, would not limit the whole statement; blank where they do."""
    statement: Any = state.statement
    if not state.is_select:
        # Neither an insert nor a statement inside a query is limited, whatever its rows are read as.
        changes = isinstance(statement, Update | Delete)
        if not changes or state.parameters:
            return "rows of values cannot be limited to an organisation"
        if not isinstance(statement.table, Table):
            return "what is changed under another name cannot be limited to an organisation"
        if state.is_update and any(column.key == "organisation_id" for column in statement._values or ()):
            return "a row never moves to another organisation"
    for element in visitors.iterate(statement):
        # What was reached through a class; the most of every statement.
        if "parententity" in element._annotations:
            continue
        if _is_raw(element):
            return "words of SQL cannot be limited to an organisation"
        if getattr(element, "is_dml", False) and element is not statement:
            return "a change inside a query cannot be limited to an organisation"
        if any(map(_is_bare, _asked(element))):
            return "tables are limited to an organisation only through their classes"
    return ""


def _is_raw(element: Any) -> bool:
    """Whether this is SQL in words, or a table that nobody here knows; the * of count(*) is none."""
    match element.__visit_name__:
        case "column":
            return bool(element.is_literal) and element.name != "*"
        case "table":
            return not isinstance(element, Table) or element.metadata is not Base.metadata
        case "textclause" | "textual_select":
            return True
        case _:
            return False


def _asked(element: Any) -> tuple[Any, ...]:
    """What this names of the database: a column its table, a query what it shows, where from and what it joins."""
    match element.__visit_name__:
        case "column":
            return () if element.table is None else (element.table,)
        case "select":
            joins = [part for target, _on, left, _ in element._setup_joins for part in (target, left)]
            named = (*element._raw_columns, *element._from_obj, *joins)
            return tuple(part for part in named if part is not None)
        case "join":
            return (element.left, element.right)
        case _:
            return ()


def _is_bare(element: Any) -> bool:
    """Whether this is an owned table, by itself or under other names, that was not reached through its class."""
    while "parententity" not in element._annotations:
        if not isinstance(element, AliasedReturnsRows):
            return element in OWNED_TABLES
        element = element.element
    return False

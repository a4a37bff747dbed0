"""Many operations as one, so that Django builds the models of the state once and not again for every operation."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model


class AtOnce(Operation):
    """CreateModel and AddField operations of a new app; the tables are made from the state they end in.

    Foreign keys may go in circles: PostgreSQL gets their constraints after all tables.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # With rendered models at hand, each new one would render all its relatives again.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self._models(app_label, schema_editor, to_state.apps):
            schema_editor.create_model(model)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in reversed(self._models(app_label, schema_editor, from_state.apps)):
            schema_editor.delete_model(model)

    def describe(self) -> str:
        return f"Apply {len(self.operations)} operations at once"

    def _models(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, apps: Apps) -> list[type[Model]]:
        names = [operation.name for operation in self.operations if isinstance(operation, CreateModel)]
        models = [apps.get_model(app_label, name) for name in names]
        return [model for model in models if self.allow_migrate_model(schema_editor.connection.alias, model)]

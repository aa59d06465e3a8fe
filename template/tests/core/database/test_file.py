"""The SQLite file: a new one is accessible only to its owner."""

from pathlib import Path

from ...conftest import MakeApp
from ...support.scratch import engine_of


def test_new_file_is_accessible_only_to_its_owner(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(database_url=f"sqlite:///{tmp_path / 'new.db'}")
    with engine_of(app).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE things (id INTEGER)")
        files = sorted(tmp_path.glob("new.db*"))
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert files[0].name == "new.db"


def test_existing_file_keeps_its_permissions(make_app: MakeApp, tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    file.touch(0o640)
    with engine_of(make_app(database_url=f"sqlite:///{file}")).connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    assert file.stat().st_mode & 0o777 == 0o640

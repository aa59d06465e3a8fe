"""compose.yaml gives each service only the secrets that it needs."""

from pathlib import Path

import pytest
import yaml

from tools.image.compose import secrets
from tools.matrix import questions
from tools.matrix.rendered import rendered


def project(database: str) -> Path:
    answers = {"database": database, "rate_limit_storage": "redis", "upstream": "openai"}
    return rendered(questions.answers(answers))


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_every_secret_and_configuration_is_declared_and_used(database: str) -> None:
    compose = yaml.safe_load((project(database) / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"].values()
    assert {name for told in services for name in secrets(told)} == set(compose["secrets"])
    mounted = {each["source"] for told in services for each in told.get("configs", [])}
    assert mounted == set(compose.get("configs", {}))
    for told in compose.get("configs", {}).values():
        assert (project(database) / told["file"]).is_file()


@pytest.mark.parametrize("database", ["postgresql", "mariadb"])
def test_service_connects_with_the_role_that_cannot_alter_tables(database: str) -> None:
    services = yaml.safe_load((project(database) / "compose.yaml").read_text(encoding="utf-8"))[
        "services"
    ]
    for name, role in {"service": "runtime", "migrate": "owner"}.items():
        of_database = {k: v for k, v in secrets(services[name]).items() if "database" in k}
        assert of_database == {f"database_{role}_url": "database_url"}
        told = services[name]["environment"]
        assert told["DATABASE_URL_FILE"] == "/run/secrets/database_url"
        assert "DATABASE_URL" not in told

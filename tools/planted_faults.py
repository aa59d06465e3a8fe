"""Faults to plant in the template, each with the check that must find it first."""

from dataclasses import dataclass
from pathlib import Path

PACKAGE = "template/src/{{package_name}}"


@dataclass(frozen=True)
class Fault:
    """Replaces `old` with `new` in `file`.

    Without `old`, appends `new` to the file. Without both, deletes the file.
    """

    check: str
    file: str
    old: str = ""
    new: str = ""

    def plant(self, template: Path) -> None:
        """Plant the fault in the template."""
        path = template / self.file
        if not self.old and not self.new:
            path.unlink()
            return
        text = path.read_text(encoding="utf-8")
        assert self.old in text, f"{self.file} has changed: update this fault"
        changed = text.replace(self.old, self.new, 1) if self.old else text + self.new
        path.write_text(changed, encoding="utf-8")


FAULTS = {
    "a task that needs trust": Fault("render", "copier.yml", new='\n_tasks:\n  - "true"\n'),
    "a name that is nowhere defined": Fault(
        "render", "template/README.md.jinja", "{{ title }}", "{{ titel }}"
    ),
    "a slip of syntax": Fault(
        "files", f"{PACKAGE}/core/middleware/request_log.py", "def init_app(", "deff init_app("
    ),
    "a slip in TOML": Fault("files", "template/pyproject.toml.jinja", "[tool.ruff]", "[tool.ruff"),
    "a slip in JavaScript": Fault(
        "files", f"{PACKAGE}/core/api/swagger_ui/start.js", "SwaggerUIBundle({", "SwaggerUIBundle(("
    ),
    "an answer in a template of Flask": Fault(
        "files",
        f"{PACKAGE}/core/api/swagger_ui/templates/swagger_ui_page.html",
        "{{ title }}",
        "{{ project_name }}",
    ),
    "a tag that nobody renders": Fault("leftovers", "template/noxfile.py", new="# TODO\n"),
    "a link to nothing": Fault(
        "leftovers", "template/README.md.jinja", new="\nSee [more](docs/more.md).\n"
    ),
    "a version that does not exist": Fault(
        "install", "template/pyproject.toml.jinja", "flask>=3.1.3,<3.2", "flask>=3.1.3,<3.1.3"
    ),
    "a line that is not formatted": Fault(
        "style", f"{PACKAGE}/core/middleware/request_log.py", new="QUOTED = 'so'\n"
    ),
    "a wrong type": Fault(
        "types", f"{PACKAGE}/core/middleware/request_log.py", new='\n\nCOUNT: int = "one"\n'
    ),
    # In the module that pytest collects first, so that the run does not wait for the others.
    "a test that fails": Fault(
        "own",
        "template/tests/doctor/test_causes_file.py",
        new='\n\ndef test_planted() -> None:\n    assert len("x") == 2\n',
    ),
    "a missing migration": Fault("migrations", "template/migrations/versions/0002_api_keys.py"),
    "a column without a migration": Fault(
        "migrations",
        f"{PACKAGE}/core/auth/api_keys.py",
        "    name: Mapped[str]",
        "    planted: Mapped[str | None]\n    name: Mapped[str]",
    ),
    "a header removed": Fault(
        "service", f"{PACKAGE}/core/middleware/headers.py", '"X-Frame-Options"', '"X-F-O"'
    ),
    "an endpoint that answers 500": Fault(
        "service",
        f"{PACKAGE}/core/health.py",
        "    found = states()\n",
        "    found = states().planted\n",
    ),
    "a document with a schema that it does not use": Fault(
        "document", f"{PACKAGE}/core/api/components.py", '{*OWN, "PaginationMetadata"}', "{*OWN}"
    ),
    "a page without its layout": Fault(
        "api_page",
        f"{PACKAGE}/core/api/swagger_ui/start.js",
        '"BaseLayout"',
        '"StandaloneLayout"',
    ),
    "a refusal of another shape": Fault(
        "refusals",
        f"{PACKAGE}/core/errors.py",
        'content_type="application/problem+json"',
        'content_type="application/problem-json"',
    ),
    "a member of an object twice": Fault(
        "hostile",
        f"{PACKAGE}/core/api/json_body.py",
        "object_pairs_hook=_unique",
        "object_pairs_hook=dict",
    ),
    "threads that the pool does not fit": Fault(
        "doctor", "template/.env.jinja", new="WEB_THREADS=4\n"
    ),
    "an exit code that is not 0": Fault(
        "stop",
        f"{PACKAGE}/core/server/serve.py",
        "    wsgiapp.run()\n",
        "    try:\n        wsgiapp.run()\n    except SystemExit:\n        sys.exit(3)\n",
    ),
}

# Each fault is in the part that an answer adds, and fails the variants with that answer: their
# service does not work, or their files are invalid.
OF_ANSWERS = {
    ("database", "sqlite"): Fault(
        "service", f"{PACKAGE}/core/database/engine.py", '"BEGIN IMMEDIATE"', '"BEGIN IMMEDIATELY"'
    ),
    ("database", "postgresql"): Fault(
        "service", f"{PACKAGE}/core/database/engine.py", '"SET timezone = ', '"SET time_zone = '
    ),
    ("database", "mariadb"): Fault(
        "service",
        f"{PACKAGE}/core/database/engine.py",
        '"SET SESSION time_zone',
        '"SET SESSION timezone',
    ),
    ("rate_limit_storage", "memory"): Fault(
        "service",
        f"{PACKAGE}/core/middleware/counting.py",
        "before.ends <= now",
        "before.end <= now",
    ),
    ("rate_limit_storage", "redis"): Fault(
        "service",
        f"{PACKAGE}/core/middleware/shared_counting.py",
        "register_script(COUNT",
        "register_scripts(COUNT",
    ),
    ("auth", "api_key"): Fault(
        "service",
        f"{PACKAGE}/core/auth/api_keys.py",
        "row.expires_at <= now()",
        "row.expires_at > now()",
    ),
    ("auth", "jwt"): Fault(
        "service",
        f"{PACKAGE}/core/auth/jwt.py",
        '"value": settings.jwt_audience',
        '"value": settings.jwt_issuer',
    ),
    ("auth", "none"): Fault(
        "service",
        f"{PACKAGE}/core/auth/owner.py",
        "return verified_owner() or ANYBODY",
        "return g.owner",
    ),
    ("upstream", "openai"): Fault(
        "service",
        f"{PACKAGE}/core/upstream/completions.py",
        'sent["choices"][0]',
        'sent["choices"][1]',
    ),
    ("deploy.docker", True): Fault(
        "files", "template/Dockerfile.jinja", "WORKDIR /app", "WORKDIR app"
    ),
    ("ci", "github"): Fault("files", "template/.github/workflows/ci.yml", "runs-on:", "runs_on:"),
    ("ci", "gitlab"): Fault(
        "files", "template/.gitlab-ci.yml.jinja", "  script:\n", "  scripts:\n"
    ),
    ("example", True): Fault(
        "service",
        f"{PACKAGE}/experiments/views.py",
        "@blueprint.response(201, ExperimentOut())",
        "@blueprint.response(200, ExperimentOut())",
    ),
}

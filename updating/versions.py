"""Choose the version of the template to update to."""

from dataclasses import dataclass
from typing import Any

from .errors import Stop
from .template import Template


@dataclass(frozen=True)
class Versions:
    """The commits of the template before and after the update, and their names."""

    before: str
    name_before: str
    after: str
    name_after: str


def chosen(
    template: Template, answers: dict[str, Any], data: dict[str, str], revision: str | None
) -> Versions:
    """Return the current version and the one to update to: `revision`, or the newest release.

    If only answers change and the current version has these questions, the version stays the same.

    Raises:
        Stop: the template has no such version or question.
    """
    name_before = str(answers["_commit"])
    before = template.commit(name_before)
    after = template.commit(revision or template.newest())
    is_asked_already = data and data.keys() <= template.questions(before)
    if not revision and (is_asked_already or not template.is_newer(after, before)):
        after = before
    for question in data:
        template.check_question(after, question)
    if after != before and not template.is_newer(after, before):
        raise Stop(f"{revision} is older than {name_before}: to go back, revert the update.")
    return Versions(before, name_before, after, template.name(after))

"""What Schemathesis cannot know from the document."""

import re
import uuid
from typing import Any

import schemathesis


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Give each call its own Idempotency-Key: a second use of one is a conflict, however valid."""
    key = (case.headers or {}).get("Idempotency-Key")
    if key and re.fullmatch("[!-~]{1,255}", str(key)):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex

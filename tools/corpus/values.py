"""Fields of an experiment: values that do not fit the column, look-alikes and unknown fields."""

from typing import Any

from .probe import Probe, changing, creating, experiment

EMOJI = "\N{GRINNING FACE}"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
BLANKS = ("", " ", "\t\r\n", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\N{EM SPACE}", "\x1f")

LOOK_ALIKES: list[Any] = [
    True,
    False,
    None,
    "10",
    "",
    "ten",
    1.9,
    10.5,
    "1_0",
    " 10",
    [],
    [10],
    {},
]
FAR = [2**31, 2**32, 2**63, 2**64, -(2**63) - 1, 10**90]
STATUSES = [
    "DRAFT",
    "Draft",
    " draft",
    "draft ",
    "Status.DRAFT",
    "name",
    "",
    "unknown",
    "__class__",
]
REFUSED: dict[str, list[Any]] = {
    "name": [1, True, None, [], {}, "a" * 101, EMOJI * 101, *BLANKS],
    "query": [1, None, ["x"], {"a": 1}, 1.5, "a" * 10_001, EMOJI * 10_001, "a" * 100_000, *BLANKS],
    "limit": [*LOOK_ALIKES, 0, 101, -1, *FAR, "\N{ARABIC-INDIC DIGIT ONE}"],
    "temperature": [
        *[True, None, "1", "", "NaN", "Infinity", "1e400", [], [1], {}],
        *[-0.01, 2.01, 0.123, 1e-300, 0.1 + 0.2, 1e300, -1e300, 10**18, 2**63],
    ],
    "status": [*STATUSES, 0, True, None, [], ["draft"], {}, {"draft": 1}, 1.5, "draft\u200b"],
    "parameters": [None, [], "", "{}", 1, True, [{}], 1.5],
}
TOO_BIG: dict[str, Any] = {
    "the largest double": {"a": 1.7976931348623157e308},
    "2 to the 63 as a fraction": {"a": [float(2**63)]},
    "2^63 in the parameters": {"a": 2**63},
    "2^64 in the parameters": {"a": [{"b": 2**64}]},
    "below -2^63 in the parameters": {"a": -(2**63) - 1},
    "90 digits in the parameters": {"a": 10**90},
    "parameters of 16,385 bytes": {"a": "a" * 16_377},
    "parameters of 30,000 bytes": {"a": "\N{EURO SIGN}" * 10_000},
}
NO_FIELDS: dict[str, Any] = {
    "id": 1,
    "owner": "somebody",
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
    "version": 7,
    "etag": '"7"',
    "__proto__": {"admin": True},
    "__class__": "x",
    "constructor": {"prototype": {}},
    "NAME": "x",
    "name ": "x",
    "na\u200bme": "x",
    "": "x",
    "_schema": "x",
    "json": "x",
    "query.text": "x",
    "$where": "1",
    "limit[$gt]": 1,
    "a" * 10_000: 1,
    EMOJI: 1,
}
MISSING = {
    "no fields": "{}",
    "no name": '{"query": "x"}',
    "no query": '{"name": "x"}',
    "10,000 unknown fields": "{" + ", ".join(f'"x{n}": 1' for n in range(10_000)) + "}",
}
TEXTS = {
    "SQL": "'; DROP TABLE experiments; --",
    "a template": "{{7*7}}${7*7}<%= 7*7 %>#{7*7}%s%n%(name)s",
    "markup": "<script>alert(1)</script>",
    "a command": "$(reboot) `reboot` | reboot",
    "a path": "../../etc/passwd",
    "JNDI": "${jndi:ldap://localhost/a}",
    "a formula": "=1+1",
    "wildcards": "%_*?\\",
    "control characters": "a\x01\x02\x07\x08\x1b[2J\x7f\x80\x9f",
    "line breaks": "a\r\nb\x0b\x0c\x85\u2028\u2029c",
    "noncharacters": "\ufffe\uffff\ufdd0\U0001fffe\U0010ffff",
    "a byte order mark inside": "a\ufeffb",
    "the replacement character": "\ufffd",
    "right to left": "\u202eabc\u2066\u2069\u200f",
    "invisible characters": "\u200b\u200c\u2060\u00ad",
    "combining marks": "e" + "\u0301" * 90,
    "composed": "\u00e9",
    "decomposed": "e\u0301",
    "a letter that grows": "\u0130\u00df\ufb03",
    "a family": FAMILY,
    "the longest in emoji": EMOJI * 100,
    "spaces around": "  x  ",
    "private use": "\ue000\U000f0000",
    "unassigned": "\U000e0fff",
    "backslashes": "\\' \\\" \\\\ \\0",
}
GOOD: dict[str, dict[str, Any]] = {
    "the longest query": {"query": EMOJI * 10_000},
    "the least limit": {"limit": 1},
    "the greatest limit": {"limit": 100},
    "the greatest limit as a fraction": {"limit": 100.0},
    "the least temperature": {"temperature": 0},
    "minus no temperature": {"temperature": -0.0},
    "the greatest temperature": {"temperature": 2.0},
    "a temperature of hundredths": {"temperature": 0.29},
    "no parameters": {"parameters": {}},
    "parameters with odd keys": {"parameters": {"__proto__": {}, "": 0, "\x01": 1, EMOJI: [None]}},
    "parameters like SQL": {"parameters": {"'; --": "%s %(a)s :b $1 ?"}},
    "parameters of 16,384 bytes": {"parameters": {"a": "a" * 16_376}},
}


def shown(value: Any) -> str:
    return f"{value!r:.30}" if len(repr(value)) < 30 else f"{value!r:.30} ({len(repr(value))})"


PROBES = [
    *(
        Probe(f"{field} {shown(value)}", creating(experiment(**{field: value})), 422)
        for field, values in REFUSED.items()
        for value in values
    ),
    *(Probe(name, creating(experiment(parameters=value)), 422) for name, value in TOO_BIG.items()),
    *(
        Probe(f"a field {shown(name)}", creating(experiment(**{name: value})), 422)
        for name, value in NO_FIELDS.items()
    ),
    *(Probe(name, creating(body), 422) for name, body in MISSING.items()),
    *(
        Probe(f"{name} as it is", creating(experiment(**same)), 201, back=same)
        for name, text in TEXTS.items()
        for same in [{"name": text, "query": text, "parameters": {text: text}}]
    ),
    *(Probe(name, creating(experiment(**sent)), 201, back=sent) for name, sent in GOOD.items()),
    Probe("a name that is taken", creating(experiment(name="{taken}")), 409),
    Probe("another case of a name", creating(experiment(name="{TAKEN}")), 201),
    Probe("a space after a name", creating(experiment(name="{taken} ")), 201),
    Probe("a change of the id", changing('{"id": 1}'), 422),
    Probe("a change of the owner", changing('{"owner": "somebody"}'), 422),
    Probe("a change to no name", changing('{"name": null}'), 422),
    Probe("a change that changes nothing", changing("{}"), 200, back={"limit": 10}),
    Probe("a change to the same", changing('{"name": "{taken}"}'), 200),
]

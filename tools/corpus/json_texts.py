"""Bodies that are not strict JSON or not an object, and unusual ones that are valid."""

from .probe import Probe, Text, as_bytes, changing, creating

START = '{"name": "{name}", "query": "x", "parameters": {"a": '


def holding(value: Text) -> bytes:
    """A create request with this JSON text, well-formed or not, in its parameters."""
    return creating(START.encode() + as_bytes(value) + b"}}")


def nested(levels: int) -> str:
    """Arrays nested so deep that the whole body has this many levels."""
    inner = levels - 2
    return "[" * inner + "]" * inner


VALUES: dict[str, Text] = {
    "NUL": '"\\u0000"',
    "NUL as it is": '"\0"',
    "NUL in a key": '{"\\u0000": 1}',
    "a tab as it is": '"\t"',
    "a line break as it is": '"\n"',
    "a high surrogate alone": '"\\ud800"',
    "a low surrogate alone": '"\\udc00"',
    "surrogates in the wrong order": '"\\ude00\\ud83d"',
    "a surrogate in a key": '{"\\udfff": 1}',
    "a surrogate and half an escape": '"\\ud83d\\u"',
    "an encoded surrogate": b'"\xed\xa0\x80"',
    "an encoded pair of surrogates": b'"\xed\xa0\xbd\xed\xb8\x80"',
    "a byte that is not UTF-8": b'"\xff"',
    "half a character": b'"\xc3"',
    "an overlong slash": b'"\xc0\xaf"',
    "beyond Unicode": b'"\xf4\x90\x80\x80"',
    "an escape that is none": '"\\x41"',
    "an escape cut short": '"\\u12"',
    "an escape in foreign digits": '"\\u\N{ARABIC-INDIC DIGIT ONE}000"',
    "an escape with a sign": '"\\u+041"',
    "a string without its end": '"',
    "single quotes": "'x'",
    "no quotes": "x",
    "a key without quotes": "{b: 1}",
    "a key that is a number": "{1: 1}",
    "a key twice": '{"b": 1, "b": 1}',
    "a key twice, once escaped": '{"b": 1, "\\u0062": 2}',
    "a comma at the end of an object": '{"b": 1,}',
    "a comma at the end of an array": "[1,]",
    "no comma": "[1 2]",
    "a hole": "[1,,2]",
    "the wrong bracket": "[1}",
    "a comment": "1 /* one */",
    "a line of comment": "1 // one\n",
    "a hash comment": "1 # one\n",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "undefined": "undefined",
    "True": "True",
    "1e400": "1e400",
    "-1e400": "-1e400",
    "an exponent of 20 digits": "1e99999999999999999999",
    "4,000 digits": "9" * 4000,
    "5,000 digits": "9" * 5000,
    "minus 5,000 digits": "-" + "9" * 5000,
    "500,000 digits": "9" * 500_000,
    "a zero before a number": "01",
    "a plus before a number": "+1",
    "a number without digits before the point": ".5",
    "a number without digits after the point": "1.",
    "a number without exponent": "1e",
    "hexadecimal": "0x10",
    "an underscore in a number": "1_0",
    "a number in foreign digits": "\N{ARABIC-INDIC DIGIT ONE}",
    "a fullwidth number": "\N{FULLWIDTH DIGIT ONE}",
    "only a minus": "-",
    "33 levels": nested(33),
    "40,000 levels": nested(40_000),
    "40,000 levels of objects": '{"a":' * 40_000 + "1" + "}" * 40_000,
    "40,000 levels without their end": "[" * 40_000,
    "a form feed between tokens": "\f1",
    "a no-break space between tokens": "\N{NO-BREAK SPACE}1",
}
TEXTS: dict[str, Text] = {
    "an empty body": "",
    "blanks": " \r\n\t ",
    "an open brace": "{",
    "two objects": "{}{}",
    "two lines of JSON": "{}\n{}",
    "something after the end": '{"query": "x"} x',
    "NUL after the end": "{}\0",
    "a byte order mark": "\N{ZERO WIDTH NO-BREAK SPACE}{}",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-16 without a mark": '{"a": "b"}'.encode("utf-16-le"),
    "UTF-32": "{}".encode("utf-32"),
    "gzip without saying so": b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xab\xae\5\0C\xbf\xa6\xa3\2\0\0\0",
    "a guard against hijacking": ")]}',\n{}",
    "a form": "name=x&query=y",
    "XML": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "YAML": "name: x\nquery: y",
    "a pickle": b"\x80\4\x95\0\0\0\0\0\0\0\0}\x94.",
    "MessagePack": b"\x82\xa4name\xa1x",
    "a name twice": '{"name": "a", "query": "x", "name": "b"}',
}
NO_OBJECTS = ("null", "[]", "[{}]", '"x"', "1", "1.5", "true", "[null]", '""', "0", "false")
ODD: dict[str, tuple[str, object]] = {
    "32 levels": (nested(32), None),
    "the largest integer": ("9223372036854775807", 2**63 - 1),
    "the smallest integer": ("-9223372036854775808", -(2**63)),
    "the largest fraction": ("9223372036854774784.0", 9223372036854774784.0),
    "the smallest number": ("5e-324", 5e-324),
    "minus zero": ("-0.0", -0.0),
    "a sum of floats": ("0.30000000000000004", 0.1 + 0.2),
    "an escaped emoji": ('"\\ud83d\\ude00"', "\N{GRINNING FACE}"),
    "an escaped slash": ('"\\/\\b\\f\\n\\r\\t\\\\\\""', '/\b\f\n\r\t\\"'),
    "line separators as they are": ('"\u2028\u2029"', "\u2028\u2029"),
    "DEL as it is": ('"\x7f"', "\x7f"),
    "an empty key": ('{"": ""}', {"": ""}),
    "5,000 empty objects": ("[" + "{}," * 4999 + "{}]", [{}] * 5000),
    "a text of 16,000 letters": ('"' + "a" * 16_000 + '"', "a" * 16_000),
    "a key of 10,000 letters": ('{"' + "a" * 10_000 + '": 1}', {"a" * 10_000: 1}),
    "5,000 decimals": ("0." + "1" * 5000, 1 / 9),
    "blanks between tokens": (" \r\n\t1 \r\n\t", 1),
}


def odd(name: str, text: str, value: object) -> Probe:
    parameters = {"a": nested_value(30) if value is None else value}
    return Probe(name, holding(text), 201, back={"parameters": parameters})


def nested_value(levels: int) -> list[object]:
    value: list[object] = []
    for _ in range(levels - 1):
        value = [value]
    return value


PROBES = [
    *(Probe(name, holding(text), 400) for name, text in VALUES.items()),
    Probe("100,000 values", holding(f"[{'1,' * 99_999}1]"), 413),
    Probe("10,000 empty objects", holding("[" + "{}," * 9999 + "{}]"), 422),
    Probe("a text of 100,000 letters", holding('"' + "a" * 100_000 + '"'), 422),
    Probe("100,000 levels", holding(nested(100_000)), 413),
    *(Probe(name, creating(text), 400) for name, text in TEXTS.items()),
    *(Probe(f"{text} instead of an object", creating(text), 422) for text in NO_OBJECTS),
    Probe("half a change", changing('{"limit": 7'), 400),
    Probe("an empty change", changing(""), 400),
    Probe("null for a change", changing("null"), 422),
    Probe("an array for a change", changing('[{"limit": 7}]'), 422),
    *(odd(name, text, value) for name, (text, value) in ODD.items()),
]

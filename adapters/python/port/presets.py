"""The protocol's presets: options that are functions."""

from .frame import unsupported


def function(name, data):
    if name not in PRESETS:
        raise unsupported(f"the adapter has no preset `{name}`")
    return PRESETS[name](data)


def fixed_alphabet(data):
    def generate(options):
        letters = "k" * max(0, options["length"] - 8)
        return (options["prefix"] or "") + letters + f"{data.count():08d}"

    return generate


def from_header(value):
    def get(ctx):
        found = ctx.request.headers.get("x-custom-key")
        return value(found) if found else None

    return lambda _: get


def starts_with_ok(asked):
    return asked["key"].startswith("ok_")


async def async_starts_with_ok(asked):
    return starts_with_ok(asked)


PRESETS = {
    "generator:fixed-alphabet": fixed_alphabet,
    "getter:x-custom-key": from_header(str),
    "getter:number": from_header(lambda _: 42),
    "validator:starts-with-ok": lambda _: starts_with_ok,
    "validator:async-starts-with-ok": lambda _: async_starts_with_ok,
    "permissions:from-owner": lambda _: lambda owner, _ctx: {"owner": [owner]},
}

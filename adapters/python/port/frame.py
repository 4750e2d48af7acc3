"""Lines of the protocol, and the replies that are not `ok`."""

import json

MAX_LINE = 4 * 1024 * 1024


class Instead(Exception):
    """A reply that is not `ok`: `error`, `unsupported` or `failure`."""

    def __init__(self, member, value):
        super().__init__(value)
        self.reply = {member: value}


def unsupported(reason):
    return Instead("unsupported", reason)


def line(reply):
    return json.dumps(reply, separators=(",", ":")).encode() + b"\n"


class Lines:
    """Bytes in, whole lines out."""

    def __init__(self):
        self._rest = b""

    def feed(self, data):
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [one for one in whole if one.strip()]

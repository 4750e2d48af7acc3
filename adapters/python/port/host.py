"""The host: one process for each deployment, forked from this one, which has imported the port already.

A deployment in a process of its own has a clock of its own and shares no variable of a module with another one. The
host only passes lines on, so it needs neither threads nor an event loop, and may fork at any time.
"""

import contextlib
import gc
import importlib.metadata
import json
import os
import selectors
import signal
import socket
import traceback

from . import deployment
from .frame import Instead, Lines, line

CAPABILITIES = [
    "server-calls",
    "actors",
    "clock",
    "exact-clock",
    "multiple-configurations",
    "sessions-from-keys",
    "custom-functions",
    "organizations",
    "persistence",
    "delayed-storage",
]


def hello():
    return {
        "protocol": 1,
        "implementation": {
            "name": "better-auth-server-py",
            "version": importlib.metadata.version("better-auth-server"),
            "language": "python",
            "url": "https://pypi.org/project/better-auth-server/",
        },
        "edition": "1.7",
        "capabilities": CAPABILITIES,
    }


class Child:
    """A deployment's process, and the requests that it has not answered."""

    def __init__(self, name, pid, link):
        self.name, self.pid, self.link = name, pid, link
        self.lines = Lines()
        self.waiting = set()
        self.stop = None


class Host:
    def __init__(self):
        # What the port or a library prints must not get between the replies.
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._children = {}
        self._started = 0
        self._watched = selectors.DefaultSelector()

    def run(self):
        # What is there now is never freed, so that a child need not copy it.
        gc.freeze()
        lines = Lines()
        self._watched.register(0, selectors.EVENT_READ, None)
        while True:
            for key, _ in self._watched.select():
                if key.data is not None:
                    self._from_child(key.data)
                    continue
                data = os.read(0, 1 << 16)
                if not data:
                    return self._end()
                for one in lines.feed(data):
                    self._from_keyspec(json.loads(one))

    def _from_keyspec(self, request):
        try:
            if request["op"] == "hello":
                return self._reply(request["id"], {"ok": hello()})
            if request["op"] == "start":
                child = self._fork()
            elif request.get("deployment") in self._children:
                child = self._children[request["deployment"]]
            else:
                raise Instead("failure", f"there is no deployment {request.get('deployment')}")
        except Instead as instead:
            return self._reply(request["id"], instead.reply)
        if request["op"] == "stop":
            # Answered when the process is gone, and its port with it.
            child.stop = request["id"]
            with contextlib.suppress(OSError):
                child.link.shutdown(socket.SHUT_WR)
            return
        child.waiting.add(request["id"])
        with contextlib.suppress(OSError):
            child.link.sendall(line(request))

    def _from_child(self, child):
        try:
            data = child.link.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            return self._gone(child)
        for one in child.lines.feed(data):
            reply = json.loads(one)
            child.waiting.discard(reply["id"])
            self._write(one + b"\n")

    def _fork(self):
        self._started += 1
        name = f"d{self._started}"
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            self._become(name, theirs)
        theirs.close()
        child = Child(name, pid, ours)
        self._children[name] = child
        self._watched.register(ours, selectors.EVENT_READ, child)
        return child

    def _become(self, name, link):
        """The new process: it keeps nothing that is the host's."""
        try:
            for key in list(self._watched.get_map().values()):
                if key.data is not None:
                    key.data.link.close()
            self._watched.close()
            os.close(self._out)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            deployment.serve(name, link)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)

    def _gone(self, child):
        self._watched.unregister(child.link)
        child.link.close()
        os.waitpid(child.pid, 0)
        del self._children[child.name]
        for request in child.waiting:
            self._reply(request, {"failure": f"the process of {child.name} ended"})
        if child.stop is not None:
            self._reply(child.stop, {"ok": {}})

    def _reply(self, request, reply):
        self._write(line({"id": request, **reply}))

    def _write(self, data):
        while data:
            data = data[os.write(self._out, data) :]

    def _end(self):
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)

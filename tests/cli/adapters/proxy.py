"""An adapter that misbehaves: the reference behind it answers well, and the mode says what becomes of the answers.

    proxy.py KEYSPEC STATE MODE...

STATE is a folder: `pids` gets the process id of everything that was started, `reached` appears when something slow
has begun, and files named after modes remember what happened once already.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

KEYSPEC, STATE, *MODES = sys.argv[1:]
BEGUN = {}
BASE_URLS = []
DEPLOYMENTS = []
MOVED = []


def on(mode):
    return mode in MODES


def once(mode):
    """Is the mode on, and is this the first time in any process?"""
    if not on(mode):
        return False
    try:
        os.close(os.open(os.path.join(STATE, mode), os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False


def note_pid(pid):
    with open(os.path.join(STATE, "pids"), "a") as file:
        file.write(f"{pid}\n")


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def reply(frame):
    say(json.dumps(frame) + "\n")


def log(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def reached():
    open(os.path.join(STATE, "reached"), "w").close()


def for_ever():
    reached()
    while True:
        time.sleep(3600)


class Reference:
    """The reference as a child, asked one request at a time."""

    def __init__(self):
        faults = [mode.removeprefix("fault:") for mode in MODES if mode.startswith("fault:")]
        command = [KEYSPEC, "serve", "--adapter", *(word for fault in faults for word in ("--fault", fault))]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        note_pid(self.process.pid)

    def ask(self, frame):
        self.process.stdin.write(json.dumps(frame) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def before(request, reference):
    """What the mode does in place of asking the reference; `None` asks it."""
    op, id = request["op"], request["id"]
    if once(f"dies-at-{op}") or on(f"always-dies-at-{op}"):
        log(f"Traceback: no luck with {op}")
        os._exit(1)
    if once(f"hangs-at-{op}"):
        for_ever()
    if once(f"rubbish-at-{op}"):
        return [f"DEBUG: now comes {op}\n"]
    if once(f"floods-at-{op}"):
        try:
            while True:
                say("x" * 65536)
        except OSError:
            os._exit(1)
    if once(f"wrong-id-at-{op}"):
        return [json.dumps({"id": id + 1000, "ok": {}}) + "\n"]
    if on(f"fails-at-{op}"):
        return [json.dumps({"id": id, "failure": f"the database of {op} is away"}) + "\n"]
    if on(f"unsupported-{op}"):
        return [json.dumps({"id": id, "unsupported": f"there is no {op} here"}) + "\n"]
    if once(f"noisy-at-{op}"):
        line = "n" * 65535 + "\n"
        for _ in range(100 * 16):
            sys.stderr.write(line)
        sys.stderr.flush()
    if on(f"slow-{op}"):
        reached()
        time.sleep(0.1)
    if on("leaks-key") and op == "call" and (key := (request.get("body") or {}).get("key")):
        return [json.dumps({"id": id, "failure": leak(key)}) + "\n"]
    if on("leaks-key-in-log") and op == "call" and (key := (request.get("body") or {}).get("key")):
        keep(key)
        log("l" * 1990 + " " + key)
        os._exit(1)
    if on("leaks-key-in-rubbish") and op == "call" and (key := (request.get("body") or {}).get("key")):
        keep(key)
        return [f"DEBUG key={key}\n"]
    if on("invents-secrets") and op == "call":
        secret = "Sup3rSecretSup3rSecretSup3rSecret"
        keep(secret)
        return [json.dumps({"id": id, "ok": {"valid": None, "key": {"apiKey": secret, "accessToken": secret[::-1]}}}) + "\n"]
    if on("hostile") and op == "call":
        return [json.dumps({"id": id, "ok": {"valid": HOSTILE, "error": HOSTILE}}) + "\n"]
    if on("hostile-failure") and op == "call":
        return [json.dumps({"id": id, "failure": HOSTILE}) + "\n"]
    if on("hostile-unsupported") and op == "start" and request["config"]:
        return [json.dumps({"id": id, "unsupported": HOSTILE}) + "\n"]
    if on("keeps-port") and op == "stop":
        return [json.dumps({"id": id, "ok": {}}) + "\n"]
    if on("always-headers") and op == "call":
        request.setdefault("headers", {"x-always": "1"})
    if on("shared-state") and request.get("method") == "verifyApiKey" and request["deployment"] in DEPLOYMENTS:
        request["deployment"] = DEPLOYMENTS[0]
    if on("config-ignored") and op == "start" and "defaultPrefix" in request["config"]:
        request["config"] = {}
    if on("clock-stops") and op == "clock":
        request["advanceMs"] = 0
    if on("clock-unused") and op == "clock":
        MOVED.append((request["deployment"], request["advanceMs"]))
        request["advanceMs"] = 0
    if on("clock-shared") and op == "clock":
        for other in DEPLOYMENTS:
            if other != request["deployment"]:
                reference.ask({**request, "deployment": other})
    if on("same-actor") and op == "actor" and "actor" in BEGUN:
        return [json.dumps({"id": id, "ok": BEGUN["actor"]}) + "\n"]
    return None


HOSTILE = "\x1b[31mred\x1b[0m \x07bell \u202eturned\u202c ]]> <script>alert(1)</script> & \"quoted\"\nconforms · a line of its own\r\x00"


def issued(op, ok):
    """The secrets that a reply of the reference gives out."""
    if op == "call" and isinstance(ok, dict) and isinstance(ok.get("key"), str):
        yield ok["key"]
    if op == "actor" and ok:
        cookie = ok["headers"]["cookie"].split("=", 1)[1]
        yield cookie
        yield cookie.split(".")[0]


def leak(key):
    import base64
    import hashlib

    keep(key)
    raw = key.encode()
    digest = hashlib.sha256(raw)
    forms = [key, base64.b64encode(raw).decode(), digest.hexdigest(), base64.urlsafe_b64encode(digest.digest()).decode()]
    return "refused " + " / ".join(forms)


def keep(secret):
    if not isinstance(secret, str) or len(secret) < 8:
        return
    with open(os.path.join(STATE, "secrets"), "a") as file:
        file.write(secret + "\n")


def after(request, frame):
    """What the mode makes of the reference's reply."""
    op, ok = request["op"], frame.get("ok")
    if op == "hello" and ok:
        for mode in MODES:
            if mode.startswith("only:"):
                kept = mode.removeprefix("only:").split(",")
                ok["capabilities"] = [name for name in ok["capabilities"] if name in kept]
        if on("misspelt-capability"):
            ok["capabilities"] = [name.replace("server-calls", "server-call") for name in ok["capabilities"]]
        if on("nameless"):
            ok["implementation"] = {"name": "", "version": ""}
        if on("hostile"):
            ok["implementation"]["name"] = HOSTILE
        if on("other-protocol"):
            ok["protocol"] = 2
        if on("no-exact-clock"):
            ok["capabilities"].remove("exact-clock")
        if on("hostile-hello"):
            frame = {"id": frame["id"], "failure": HOSTILE}
    if op == "start" and ok:
        BASE_URLS.append(ok["baseUrl"])
        DEPLOYMENTS.append(ok["deployment"])
        if on("no-base-url"):
            del ok["baseUrl"]
            return [json.dumps(frame) + "\n"]
        if on("half-a-url"):
            ok["baseUrl"] = f"/api/auth/{len(BASE_URLS)}"
        if on("port-closed"):
            ok["baseUrl"] = f"http://127.0.0.1:{len(BASE_URLS)}/api/auth"
        if on("any-address"):
            ok["baseUrl"] = ok["baseUrl"].replace("127.0.0.1", "0.0.0.0")
        if on("slash"):
            ok["baseUrl"] += "/"
        if on("no-base-path"):
            ok["baseUrl"] = ok["baseUrl"].removesuffix("/api/auth")
        if on("not-loopback"):
            ok["baseUrl"] = ok["baseUrl"].replace("127.0.0.1", "10.0.0.1")
        if on("same-port"):
            ok["baseUrl"] = BASE_URLS[0]
        if on("seconds"):
            ok["now"] //= 1000
    if op == "clock" and ok and on("seconds"):
        ok["now"] //= 1000
    if op == "clock" and ok and on("clock-unused"):
        ok["now"] += sum(ms for deployment, ms in MOVED if deployment == request["deployment"])
    if op == "clock" and ok and on("clock-runs"):
        MOVED.append(7)
        ok["now"] += sum(MOVED)
    if op == "actor" and ok:
        if on("stale-actor"):
            ok["headers"]["cookie"] = ok["headers"]["cookie"].split("=")[0] + "=of-yesterday"
        if on("no-headers"):
            ok["headers"] = {}
        if on("no-origin"):
            del ok["headers"]["origin"]
        if on("capital-cookie"):
            ok["headers"] = {name.title(): value for name, value in ok["headers"].items()}
            keep(ok["headers"]["Cookie"].split("=", 1)[1])
        BEGUN["actor"] = ok
    if op == "call" and "failure" in frame and on("error-for-unknown"):
        frame = {"id": frame["id"], "error": {"message": "no such deployment"}}
    if op == "call" and "error" in frame and on("no-code"):
        frame["error"].pop("code", None)
    if op == "call" and ok and on("keys-hidden"):
        ok.pop("key", None)
    if op == "call" and ok and ok.get("valid") is True and once("flaky"):
        ok["valid"] = False
    if on("notes-secrets"):
        for secret in issued(op, ok):
            keep(secret)
    if once(f"twice-at-{op}"):
        return [json.dumps(frame) + "\n"] * 2
    return [json.dumps(frame) + "\n"]


def read(requests):
    for line in sys.stdin:
        requests.put(json.loads(line))
    requests.put(None)


def another(requests, held):
    """The next request; while a reply is held back, only if it is at hand. `None` at the end of the input."""
    try:
        return requests.get(timeout=0.3 if held else None)
    except queue.Empty:
        return {}


def main():
    note_pid(os.getpid())
    if on("grandchild"):
        note_pid(subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL).pid)
    reference = Reference()
    requests = queue.Queue()
    threading.Thread(target=read, args=(requests,), daemon=True).start()
    held = None
    while (request := another(requests, held)) is not None:
        if not request:
            reply(held)
            held = None
            continue
        lines = before(request, reference)
        if lines is None:
            lines = after(request, reference.ask(request))
        if on("mixed-ids") and (request.get("body") or {}).get("name", "").startswith("wiring"):
            frame = json.loads(lines[0])
            if held is None:
                held = frame
                continue
            held["id"], frame["id"] = frame["id"], held["id"]
            reply(held)
            lines, held = [json.dumps(frame) + "\n"], None
        for line in lines:
            say(line)
    if on("deaf"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for_ever()
    reference.process.stdin.close()
    reference.process.wait()


if __name__ == "__main__":
    main()

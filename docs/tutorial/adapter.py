"""The adapter of pocket: keyspec asks on standard input, one JSON object a line, and is answered on standard output."""

import json
import sys
import time
import traceback

import server

ANSWERS = {}
CAPABILITIES = []


class Instead(Exception):
    """A reply that is not `ok`: `error`, `unsupported` or `failure`."""

    def __init__(self, member, value):
        super().__init__(value)
        self.reply = {member: value}


def answers(op):
    """Makes a function the answer to an operation of the protocol."""

    def keep(function):
        ANSWERS[op] = function
        return function

    return keep


@answers("hello")
def hello(request):
    return {
        "protocol": 1,
        "implementation": {"name": "pocket", "version": "0.1.0", "language": "python"},
        "edition": "1.7.5",
        "capabilities": CAPABILITIES,
    }


def reply(request):
    try:
        if request["op"] not in ANSWERS:
            raise Instead("unsupported", f"the adapter has no `{request['op']}`")
        return {"ok": ANSWERS[request["op"]](request)}
    except Instead as instead:
        return instead.reply
    except Exception as error:
        traceback.print_exc()
        return {"failure": repr(error)}


DEPLOYMENTS = {}


class Deployment:
    """A service that listens, with a clock that can be ahead of the machine's."""

    def __init__(self, options):
        self.ahead = 0
        self.service = server.Service(options, self.now)
        self.http = server.listen(self.service)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def now(self):
        return int(time.time() * 1000) + self.ahead


def deployment(request):
    if request["deployment"] not in DEPLOYMENTS:
        raise Instead("failure", f"no deployment is called {request['deployment']}")
    return DEPLOYMENTS[request["deployment"]]


def options(config):
    """The options, if pocket has them all."""
    if not isinstance(config, dict):
        raise Instead("unsupported", "pocket has one configuration")
    for name, value in config.items():
        no_rate_limit = name == "rateLimit" and list(value) == ["enabled"]
        defaults = name == "permissions" and list(value) == ["defaultPermissions"]
        if not no_rate_limit and not (defaults and "preset" not in value["defaultPermissions"]):
            raise Instead("unsupported", f"pocket cannot be configured with {name} = {json.dumps(value)}")
    return config


@answers("start")
def start(request):
    if request["setup"] not in ({}, {"storage": "memory"}):
        raise Instead("unsupported", f"pocket has no setup {json.dumps(request['setup'])}")
    started = Deployment(options(request["config"]))
    name = f"d{started.http.server_port}"
    DEPLOYMENTS[name] = started
    return {"deployment": name, "baseUrl": f"{started.url}{server.BASE}", "now": started.now()}


@answers("stop")
def stop(request):
    stopped = deployment(request)
    del DEPLOYMENTS[request["deployment"]]
    stopped.http.shutdown()
    stopped.http.server_close()
    return {}


CAPABILITIES.append("actors")


@answers("actor")
def actor(request):
    where = deployment(request)
    user, token = where.service.sign_up(request["name"], f"{request['name']}@pocket.example")
    return {"userId": user["id"], "headers": {"cookie": f"{server.COOKIE}={token}", "origin": where.url}}


CAPABILITIES.append("server-calls")


@answers("call")
def call(request):
    service = deployment(request).service
    if request["method"] not in server.OPERATIONS:
        raise Instead("unsupported", f"pocket has no {request['method']}")
    caller = server.Caller(None, trusted=True)
    if "headers" in request:
        caller = service.caller(request["headers"].get("cookie", ""))
    operation = server.OPERATIONS[request["method"]]
    try:
        return operation(service, caller, request.get("body", {}), request.get("query", {}))
    except server.Refused as refused:
        raise Instead("error", {"status": refused.status, "code": refused.code, "message": refused.message})
    except Exception as thrown:
        raise Instead("error", {"status": 500, "message": repr(thrown)})


CAPABILITIES.append("clock")


@answers("clock")
def clock(request):
    where = deployment(request)
    where.ahead += request["advanceMs"]
    return {"now": where.now()}


if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **reply(request)}), flush=True)

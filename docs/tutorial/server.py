"""pocket: API keys in memory. It knows nothing of keyspec."""

import hashlib
import json
import secrets
import string
import threading
import traceback
from datetime import datetime, timezone
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

BASE = "/api/auth"
COOKIE = "pocket.session_token"
ROUTES = {}
OPERATIONS = {}


class Refused(Exception):
    """pocket says no, with a status and a code."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Caller:
    """Who asks: the server itself, a user with a session, or nobody."""

    def __init__(self, user, trusted=False):
        self.user, self.trusted = user, trusted


class Service:
    """One deployment: its options, its clock, its users, their keys."""

    def __init__(self, options, now):
        self.options, self.now = options, now
        self.users, self.sessions, self.keys = {}, {}, {}
        self.lock = threading.RLock()

    def sign_up(self, name, email):
        user = {"id": secrets.token_hex(16), "name": name, "email": email}
        token = secrets.token_hex(16)
        self.users[user["id"]] = user
        self.sessions[token] = user
        return user, token

    def caller(self, cookies):
        cookie = SimpleCookie(cookies).get(COOKIE)
        return Caller(self.sessions.get(cookie.value) if cookie else None)


def operation(name, method=None, path=None):
    """Makes a function an operation, which clients reach at a path and the server by its name."""

    def keep(function):
        OPERATIONS[name] = function
        if path:
            ROUTES[method, BASE + path] = function
        return function

    return keep


@operation("getSession", "GET", "/get-session")
def get_session(service, caller, body, query):
    return {"user": caller.user, "session": {"userId": caller.user["id"]}} if caller.user else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self):
        url = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))
        service = self.server.service
        function = ROUTES.get((self.command, url.path))
        try:
            if function is None:
                raise Refused(404, "NOT_FOUND", "Not found")
            body = json.loads(sent) if sent else {}
            if not isinstance(body, dict):
                raise Refused(400, "VALIDATION_ERROR", "The body is no object")
            caller = service.caller(self.headers.get("cookie", ""))
            with service.lock:
                status, reply = 200, function(service, caller, body, dict(parse_qsl(url.query)))
        except json.JSONDecodeError:
            status, reply = 400, {"code": "BAD_REQUEST", "message": "This is no JSON"}
        except Refused as refused:
            status, reply = refused.status, {"code": refused.code, "message": refused.message}
        except Exception:
            traceback.print_exc()
            status, reply = 500, {"code": "INTERNAL_SERVER_ERROR", "message": "pocket went wrong"}
        text = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *words):
        pass


def listen(service):
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.service = service
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    return http


DATES = ("lastRefillAt", "lastRequest", "expiresAt", "createdAt", "updatedAt")
SERVER_ONLY = (
    "remaining", "refillAmount", "refillInterval",
    "rateLimitEnabled", "rateLimitMax", "rateLimitTimeWindow", "permissions",
)


def digest(key):
    return hashlib.sha256(key.encode()).hexdigest()


def iso(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def show(row):
    return {name: iso(value) if name in DATES and value is not None else value for name, value in row.items()}


def owner(caller, body):
    """The user whose key it is: the server names one, a client is one."""
    if caller.trusted and "userId" in body:
        return body["userId"]
    if caller.user is None:
        raise Refused(401, "UNAUTHORIZED_SESSION", "Unauthorized or invalid session")
    return caller.user["id"]


def refuse_server_only(caller, body):
    if not caller.trusted and any(name in body for name in SERVER_ONLY):
        raise Refused(400, "SERVER_ONLY_PROPERTY", "Only the server can set this property")


def own_key(service, caller, key_id):
    """A key of the caller's. Somebody else's looks like none at all."""
    if caller.user is None:
        raise Refused(401, "UNAUTHORIZED", "Unauthorized")
    return key_of(service, caller.user["id"], key_id)


def key_of(service, user_id, key_id):
    for row in service.keys.values():
        if row["id"] == key_id and row["referenceId"] == user_id:
            return row
    raise Refused(404, "KEY_NOT_FOUND", "API Key not found")


@operation("createApiKey", "POST", "/api-key/create")
def create(service, caller, body, query):
    refuse_server_only(caller, body)
    user_id = owner(caller, body)
    now = service.now()
    prefix = body.get("prefix")
    key = (prefix or "") + "".join(secrets.choice(string.ascii_letters) for _ in range(64))
    row = {
        "id": secrets.token_hex(16), "configId": "default", "referenceId": user_id,
        "name": body.get("name"), "start": key[:6], "prefix": prefix, "enabled": True,
        "remaining": body.get("remaining"), "requestCount": 0, "lastRequest": None,
        "refillAmount": None, "refillInterval": None, "lastRefillAt": None,
        "rateLimitEnabled": False, "rateLimitMax": None, "rateLimitTimeWindow": None,
        "expiresAt": now + body["expiresIn"] * 1000 if body.get("expiresIn") else None,
        "createdAt": now, "updatedAt": now, "metadata": None,
        "permissions": body.get("permissions", service.options.get("permissions", {}).get("defaultPermissions")),
    }
    service.keys[digest(key)] = row
    return {**show(row), "key": key}


@operation("getApiKey", "GET", "/api-key/get")
def get(service, caller, body, query):
    return show(own_key(service, caller, query.get("id")))


@operation("listApiKeys", "GET", "/api-key/list")
def list_keys(service, caller, body, query):
    if caller.user is None:
        raise Refused(401, "UNAUTHORIZED", "Unauthorized")
    rows = [show(row) for row in service.keys.values() if row["referenceId"] == caller.user["id"]]
    return {"apiKeys": rows, "total": len(rows)}


@operation("updateApiKey", "POST", "/api-key/update")
def update(service, caller, body, query):
    user_id = owner(caller, body)
    refuse_server_only(caller, body)
    row = key_of(service, user_id, body.get("keyId"))
    changes = {name: body[name] for name in ("name", "enabled", "remaining", "permissions") if name in body}
    if not changes:
        raise Refused(400, "NO_VALUES_TO_UPDATE", "No values to update")
    row.update(changes)
    return show(row)


@operation("deleteApiKey", "POST", "/api-key/delete")
def delete(service, caller, body, query):
    row = own_key(service, caller, body.get("keyId"))
    service.keys = {key: kept for key, kept in service.keys.items() if kept is not row}
    return {"success": True}


@operation("verifyApiKey")
def verify(service, caller, body, query):
    with service.lock:
        row = service.keys.get(digest(body["key"]))
        code = why_not(service, row, body.get("permissions"))
        if code:
            return {"valid": False, "error": {"code": code, "message": code}, "key": None}
        if row["remaining"] is not None:
            row["remaining"] -= 1
        row["lastRequest"] = service.now()
        return {"valid": True, "error": None, "key": show(row)}


def why_not(service, row, needed):
    if row is None:
        return "INVALID_API_KEY"
    if not row["enabled"]:
        return "KEY_DISABLED"
    if row["expiresAt"] is not None and service.now() > row["expiresAt"]:
        return "KEY_EXPIRED"
    granted = row["permissions"] or {}
    if needed is not None and not all(set(needed[name]) <= set(granted.get(name, [])) for name in needed):
        return "KEY_NOT_FOUND"
    return "USAGE_EXCEEDED" if row["remaining"] == 0 else None

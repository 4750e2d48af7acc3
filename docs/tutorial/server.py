"""pocket: API keys in memory. It knows nothing of keyspec."""

import hashlib
import json
import math
import re
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
        self.rate_limit = options.get("rateLimit", {}).get("enabled", True)
        self.users, self.sessions, self.keys = {}, {}, {}
        self.swept = None
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

    def sent(self):
        """The bytes of the body, which has a length or comes in chunks."""
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        chunks = []
        while length := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(length))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def body(self, sent):
        if self.command == "GET":
            return {}
        if sent and self.headers.get_content_type() != "application/json":
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send JSON")
        body = json.loads(sent) if sent else None
        if not isinstance(body, dict):
            raise Refused(400, "VALIDATION_ERROR", "The body is no object")
        return body

    def answer(self):
        url, sent = urlsplit(self.path), self.sent()
        service = self.server.service
        function = ROUTES.get((self.command, url.path))
        try:
            if function is None:
                raise Refused(404, "NOT_FOUND", "Not found")
            body = self.body(sent)
            query = parse_qsl(url.query, keep_blank_values=True)
            if len(dict(query)) < len(query):
                raise Refused(400, "VALIDATION_ERROR", "A parameter is there twice")
            caller = service.caller(self.headers.get("cookie", ""))
            with service.lock:
                status, reply = 200, function(service, caller, body, dict(query))
        except (ValueError, RecursionError):
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

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *words):
        pass


def listen(service):
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.service = service
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    return http


DAY = 24 * 60 * 60
DATES = ("lastRefillAt", "lastRequest", "expiresAt", "createdAt", "updatedAt")
SERVER_ONLY = (
    "remaining", "refillAmount", "refillInterval",
    "rateLimitEnabled", "rateLimitMax", "rateLimitTimeWindow", "permissions",
)


def text(value):
    return isinstance(value, str)


def flag(value):
    return isinstance(value, bool)


def number(value, least=-math.inf):
    return isinstance(value, (int, float)) and not flag(value) and least <= value < math.inf


def prefix(value):
    return text(value) and re.fullmatch("[A-Za-z0-9_-]+", value) is not None


def actions(value):
    """Permissions: resources with lists of actions."""
    lists = value.values() if isinstance(value, dict) else [None]
    return all(isinstance(names, list) and all(text(name) for name in names) for names in lists)


def or_null(test, **bounds):
    return lambda value: value is None or test(value, **bounds)


LIMITS = {
    "rateLimitEnabled": flag,
    "rateLimitMax": number,
    "rateLimitTimeWindow": number,
    "refillAmount": lambda value: number(value, least=1),
    "refillInterval": number,
    "expiresIn": or_null(number, least=1),
    "configId": text,
    "name": text,
    "userId": text,
}
CREATE = {**LIMITS, "prefix": prefix, "remaining": or_null(number, least=0), "permissions": actions}
UPDATE = {**LIMITS, "keyId": text, "enabled": flag, "remaining": lambda value: number(value, least=1),
          "permissions": or_null(actions)}
VERIFY = {"key": text, "configId": or_null(text), "permissions": actions}


def check(sent, fields, required=()):
    for name, test in fields.items():
        if (name in sent or name in required) and not test(sent.get(name)):
            raise Refused(400, "VALIDATION_ERROR", f"{name} is not as it should be")


def check_client(caller, body):
    harmless = ("remaining",) if body.get("remaining") is None else ()
    if not caller.trusted and any(name in body for name in SERVER_ONLY if name not in harmless):
        raise Refused(400, "SERVER_ONLY_PROPERTY", "Only the server can set this property")


def check_name(name):
    if not 1 <= len(name) <= 32:
        raise Refused(400, "INVALID_NAME_LENGTH", "The name is too short or too long")


def check_expiry(seconds):
    if seconds is not None and seconds < DAY:
        raise Refused(400, "EXPIRES_IN_IS_TOO_SMALL", "A key lasts a day at least")
    if seconds is not None and seconds > 365 * DAY:
        raise Refused(400, "EXPIRES_IN_IS_TOO_LARGE", "A key lasts a year at most")


def check_refill(body):
    amount, interval = body.get("refillAmount"), body.get("refillInterval")
    if amount and not interval:
        raise Refused(400, "REFILL_AMOUNT_AND_INTERVAL_REQUIRED", "There is no refillInterval")
    if interval and not amount:
        raise Refused(400, "REFILL_INTERVAL_AND_AMOUNT_REQUIRED", "There is no refillAmount")


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


def user_of(caller):
    if caller.user is None:
        raise Refused(401, "UNAUTHORIZED", "Unauthorized")
    return caller.user["id"]


def key_of(service, user_id, key_id):
    """A key of this user. Somebody else's looks like none at all."""
    for row in service.keys.values():
        if row["id"] == key_id and row["referenceId"] == user_id:
            return row
    raise Refused(404, "KEY_NOT_FOUND", "API Key not found")


def sweep(service):
    """Expired keys are cleared away now and then."""
    now = service.now()
    if service.swept is None or now - service.swept >= 10_000:
        service.swept = now
        remove(service, lambda row: row["expiresAt"] is not None and row["expiresAt"] < now)


def remove(service, unwanted):
    service.keys = {key: row for key, row in service.keys.items() if not unwanted(row)}


@operation("createApiKey", "POST", "/api-key/create")
def create(service, caller, body, query):
    check(body, CREATE)
    check_client(caller, body)
    user_id = owner(caller, body)
    if body.get("userId", user_id) != user_id:
        raise Refused(401, "UNAUTHORIZED_SESSION", "The session says who you are")
    if body.get("metadata") not in (None, False, 0, ""):
        raise Refused(400, "METADATA_DISABLED", "Metadata is disabled")
    check_refill(body)
    check_expiry(body.get("expiresIn"))
    if len(body.get("prefix", "")) > 32:
        raise Refused(400, "INVALID_PREFIX_LENGTH", "The prefix is too long")
    if body.get("name"):
        check_name(body["name"])
    sweep(service)
    now = service.now()
    key = body.get("prefix", "") + "".join(secrets.choice(string.ascii_letters) for _ in range(64))
    row = {
        "id": secrets.token_hex(16), "configId": "default", "referenceId": user_id,
        "name": body.get("name"), "start": key[:6], "prefix": body.get("prefix"), "enabled": True,
        "remaining": body.get("remaining"), "requestCount": 0, "lastRequest": None, "lastRefillAt": None,
        "refillAmount": body.get("refillAmount"), "refillInterval": body.get("refillInterval"),
        "rateLimitEnabled": body.get("rateLimitEnabled", service.rate_limit),
        "rateLimitMax": body.get("rateLimitMax", 10),
        "rateLimitTimeWindow": body.get("rateLimitTimeWindow", 1000 * DAY),
        "expiresAt": expiry(now, body.get("expiresIn")), "createdAt": now, "updatedAt": now, "metadata": None,
        "permissions": body.get("permissions", service.options.get("permissions", {}).get("defaultPermissions")),
    }
    service.keys[digest(key)] = row
    return {**show(row), "key": key}


def expiry(now, seconds):
    return None if seconds is None else now + int(seconds * 1000)


@operation("getApiKey", "GET", "/api-key/get")
def get(service, caller, body, query):
    shown = show(key_of(service, user_of(caller), query.get("id")))
    sweep(service)
    return shown


@operation("listApiKeys", "GET", "/api-key/list")
def list_keys(service, caller, body, query):
    page = {name: query[name] for name in ("limit", "offset") if name in query}
    if any(re.fullmatch("[0-9]{1,9}", value) is None for value in page.values() if value):
        raise Refused(400, "VALIDATION_ERROR", "limit and offset are whole numbers")
    page = {name: int(value or 0) for name, value in page.items()}
    if query.get("sortDirection", "asc") not in ("asc", "desc"):
        raise Refused(400, "VALIDATION_ERROR", "sortDirection is asc or desc")
    user_id, scope = user_of(caller), query.get("configId", "default")
    rows = [row for row in service.keys.values() if row["referenceId"] == user_id and row["configId"] == scope]
    field = query.get("sortBy")
    if rows and field in rows[0]:
        rows.sort(key=lambda row: (row[field] is not None, json.dumps(row[field]) if text(row[field]) else row[field]),
                  reverse=query.get("sortDirection") == "desc")
    start = page.get("offset", 0)
    shown = [show(row) for row in rows[start:start + page.get("limit", len(rows))]]
    sweep(service)
    return {"apiKeys": shown, "total": len(rows), **page}


@operation("updateApiKey", "POST", "/api-key/update")
def update(service, caller, body, query):
    check(body, UPDATE, required=["keyId"])
    user_id = owner(caller, body)
    if body.get("userId", user_id) != user_id:
        raise Refused(401, "UNAUTHORIZED_SESSION", "The session says who you are")
    check_client(caller, body)
    row = key_of(service, user_id, body["keyId"])
    if "name" in body:
        check_name(body["name"])
    check_expiry(body.get("expiresIn"))
    check_refill(body)
    changes = {name: body[name] for name in ("name", "enabled", *SERVER_ONLY) if name in body}
    if "expiresIn" in body:
        changes["expiresAt"] = expiry(service.now(), body["expiresIn"])
    if not changes:
        raise Refused(400, "NO_VALUES_TO_UPDATE", "No values to update")
    row.update(changes)
    sweep(service)
    return show(row)


@operation("deleteApiKey", "POST", "/api-key/delete")
def delete(service, caller, body, query):
    check(body, {"keyId": text}, required=["keyId"])
    unwanted = key_of(service, user_of(caller), body["keyId"])
    remove(service, lambda row: row is unwanted)
    sweep(service)
    return {"success": True}


@operation("deleteAllExpiredApiKeys")
def delete_all_expired(service, caller, body, query):
    service.swept = None
    sweep(service)
    return {"success": True, "error": None}


class Invalid(Exception):
    """A key cannot be used: the code, what else is said of it, and whether it goes for good."""

    def __init__(self, code, gone=False, **more):
        super().__init__(code)
        self.error = {"code": code, "message": code, **more}
        self.gone = gone


@operation("verifyApiKey")
def verify(service, caller, body, query):
    check(body, VERIFY, required=["key"])
    with service.lock:
        row = service.keys.get(digest(body["key"]))
        try:
            if row is None or body.get("configId") not in (None, "", "default"):
                raise Invalid("INVALID_API_KEY")
            use(service, row, body.get("permissions"))
        except Invalid as invalid:
            if invalid.gone:
                remove(service, lambda other: other is row)
            return {"valid": False, "error": invalid.error, "key": None}
        return {"valid": True, "error": None, "key": show(row)}


def use(service, row, needed):
    """Counts a use, unless there is a reason against it: then it costs nothing."""
    now = service.now()
    if not row["enabled"]:
        raise Invalid("KEY_DISABLED")
    if row["expiresAt"] is not None and now > row["expiresAt"]:
        raise Invalid("KEY_EXPIRED", gone=True)
    if needed is not None and not permits(row["permissions"] or {}, needed):
        raise Invalid("KEY_NOT_FOUND")
    changes = {**count(service, row, now), **quota(row, now), "lastRequest": now}
    row.update(changes)


def permits(granted, needed):
    return bool(needed) and all(names and set(names) <= set(granted.get(name, [])) for name, names in needed.items())


def count(service, row, now):
    """The rate limit. A window begins with the first use after the last one has passed."""
    window, most = row["rateLimitTimeWindow"], row["rateLimitMax"]
    if not (service.rate_limit and row["rateLimitEnabled"]):
        return {}
    since = None if row["lastRequest"] is None else now - row["lastRequest"]
    if since is None or since > window:
        return {"requestCount": 1}
    if row["requestCount"] >= most:
        raise Invalid("RATE_LIMITED", details={"tryAgainIn": math.ceil(window - since)})
    return {"requestCount": row["requestCount"] + 1}


def quota(row, now):
    """What is left of a key, and its refill."""
    left, amount, interval = row["remaining"], row["refillAmount"], row["refillInterval"]
    if left is None:
        return {}
    last = row["createdAt"] if row["lastRefillAt"] is None else row["lastRefillAt"]
    if amount and interval and now - last > interval:
        return {"remaining": amount - 1, "lastRefillAt": now}
    if left <= 0:
        raise Invalid("USAGE_EXCEEDED", gone=amount is None)
    return {"remaining": left - 1}

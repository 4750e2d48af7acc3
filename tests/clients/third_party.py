"""The client `better-auth-client` from PyPI, unchanged, against a server: `third_party.py BASE_URL`."""

import sys
from urllib.parse import urlsplit

from better_auth_client import APIError, AuthClient

url = urlsplit(sys.argv[1])
origin = f"{url.scheme}://{url.netloc}"


def client():
    return AuthClient(origin, base_path=url.path, headers={"origin": origin})


def refused(call, status, code, **arguments):
    try:
        result = call(**arguments)
    except APIError as error:
        assert (error.status, error.code) == (status, code), f"{error} {error.body}"
        assert error.message
    else:
        raise AssertionError(f"accepted: {result}")


alice = {"name": "Alice", "email": "alice@example.com", "password": "correct horse battery"}

with client() as auth, client() as nobody:
    # Accounts and sessions.
    signed_up = auth.sign_up.email(**alice)
    assert signed_up["user"]["email"] == alice["email"]
    refused(nobody.sign_up.email, 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", **alice)
    session = auth.get_session()
    assert session["user"]["id"] == signed_up["user"]["id"]
    assert session["session"]["token"] == signed_up["token"]
    assert auth.sign_out() == {"success": True}
    assert auth.get_session() is None
    refused(auth.sign_in.email, 401, "INVALID_EMAIL_OR_PASSWORD", email=alice["email"], password="wrong password")
    signed_in = auth.sign_in.email(email=alice["email"], password=alice["password"])
    assert signed_in["user"]["id"] == signed_up["user"]["id"]

    # Keys.
    created = auth.api_key.create(name="dashboard", prefix="dash_", expiresIn=86400 * 7)
    assert created["key"].startswith("dash_") and len(created["key"]) == 69
    assert created["referenceId"] == signed_up["user"]["id"]
    refused(auth.api_key.create, 400, "SERVER_ONLY_PROPERTY", name="greedy", permissions={"files": ["write"]})
    refused(auth.api_key.create, 400, "VALIDATION_ERROR", name=7)
    refused(nobody.api_key.create, 401, "UNAUTHORIZED_SESSION", name="anonymous")
    refused(nobody.api_key.list, 401, "UNAUTHORIZED")

    listed = auth.api_key.list(limit=10)
    assert [item["id"] for item in listed["apiKeys"]] == [created["id"]]
    assert (listed["total"], listed["limit"]) == (1, 10)
    assert "key" not in listed["apiKeys"][0]
    assert auth.api_key.get(id=created["id"])["name"] == "dashboard"
    assert auth.api_key.update(keyId=created["id"], name="renamed")["name"] == "renamed"
    assert auth.api_key.delete(keyId=created["id"]) == {"success": True}
    refused(auth.api_key.get, 404, "KEY_NOT_FOUND", id=created["id"])

print("ok")

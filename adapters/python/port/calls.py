"""Server-side calls: the methods of the plugin, with just the members of the request."""

import json
import traceback

from better_auth.types import APIError, AuthRequest, Ctx, dump_json

from .frame import Instead, unsupported


async def call(auth, plugin, request):
    method = METHODS.get(request["method"])
    if method is None:
        raise unsupported(f"better-auth-server has no server-side {request['method']}")
    if request["method"] in ("createApiKey", "updateApiKey") and "headers" in request:
        raise unsupported(
            "the methods of better-auth-server for creating and updating are trusted, whatever the headers: "
            "a client's rules are those of its HTTP routes"
        )
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    ctx = Ctx(auth=auth, request=AuthRequest(method="POST", path="/", headers=headers))
    body = request.get("body")
    if body is not None and not isinstance(body, dict):
        raise unsupported("the methods of better-auth-server take named arguments, so a body is an object")
    try:
        returned = await method(plugin, ctx, body or {})
    except APIError as error:
        details = (error.extra or {}).get("details")
        refusal = {"status": error.status, "code": error.code, "message": error.message, "details": details}
        raise Instead("error", {name: value for name, value in refusal.items() if value is not None}) from None
    except Exception as error:
        # Thrown at whoever called: an answer of the port's, though none that it meant to give.
        traceback.print_exc()
        raise Instead("error", {"message": f"{type(error).__name__}: {error}"}) from None
    return json.loads(dump_json(returned))


async def create(plugin, ctx, body):
    return await plugin.create_api_key(ctx, **body)


async def update(plugin, ctx, body):
    return await plugin.update_api_key(ctx, **body)


async def verify(plugin, ctx, body):
    names = {"key": "key", "configId": "config_id", "permissions": "permissions"}
    return await plugin.verify_api_key(ctx, **{names[name]: value for name, value in body.items() if name in names})


async def delete_all_expired(plugin, ctx, _):
    return await plugin.delete_all_expired_api_keys(ctx)


async def session(_, ctx, __):
    """What the integrations' `session` and `require_session` ask."""
    return await ctx.auth.load_session(ctx.request)


METHODS = {
    "createApiKey": create,
    "updateApiKey": update,
    "verifyApiKey": verify,
    "deleteAllExpiredApiKeys": delete_all_expired,
    "getSession": session,
}

"""The plugin's options, from the names of Better Auth to those of the port. Values are passed on as they are."""

import re

from better_auth.plugins_ext import ApiKeyPlugin

from . import presets
from .frame import unsupported

# What the port reads; the rest it would ignore in silence.
OPTIONS = {
    "configId": None,
    "apiKeyHeaders": None,
    "disableKeyHashing": None,
    "defaultKeyLength": None,
    "defaultPrefix": None,
    "maximumPrefixLength": None,
    "minimumPrefixLength": None,
    "maximumNameLength": None,
    "minimumNameLength": None,
    "requireName": None,
    "enableMetadata": None,
    "enableSessionForAPIKeys": None,
    "references": None,
    "storage": None,
    "startingCharactersConfig": {"shouldStore", "charactersLength"},
    "keyExpiration": {"defaultExpiresIn", "disableCustomExpiresTime", "minExpiresIn", "maxExpiresIn"},
    "rateLimit": {"enabled", "timeWindow", "maxRequests"},
    "permissions": {"defaultPermissions"},
    "customKeyGenerator": None,
    "customAPIKeyGetter": None,
    "customAPIKeyValidator": None,
}


def plugin(config, data):
    """The port's plugin with a configuration, or a list of them."""
    if isinstance(config, list):
        return ApiKeyPlugin([options(one, data) for one in config])
    return ApiKeyPlugin(options(config, data))


def options(config, data):
    return {snake(name): option(name, value, data) for name, value in config.items()}


def option(name, value, data):
    if name not in OPTIONS:
        raise unsupported(f"better-auth-server has no option `{name}`")
    if name == "storage" and value != "database":
        raise unsupported("better-auth-server keeps keys in the database only")
    if is_preset(value):
        return presets.function(value["preset"], data)
    members = OPTIONS[name]
    if members is None or not isinstance(value, dict):
        return value
    for member in value.keys() - members:
        raise unsupported(f"better-auth-server has no option `{name}.{member}`")
    return {
        snake(member): presets.function(inner["preset"], data) if is_preset(inner) else inner
        for member, inner in value.items()
    }


def is_preset(value):
    return isinstance(value, dict) and value.keys() == {"preset"}


def snake(name):
    """`enableSessionForAPIKeys` is `enable_session_for_api_keys`."""
    name = name.replace("APIKey", "ApiKey")
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()

"""What a start asks for beside the plugin's options."""

from dataclasses import dataclass
from typing import Any

from better_auth.access_control import ORG_DEFAULT_ROLES, ORG_DEFAULT_STATEMENTS, create_access_control
from better_auth.plugins_ext import OrganizationPlugin

from .frame import unsupported

KEY_ACTIONS = ["create", "read", "update", "delete"]


@dataclass
class Setup:
    sqlite: bool = False
    delay: bool = False
    organizations: Any = None
    data: "str | None" = None

    @classmethod
    def read(cls, members):
        setup = cls()
        for name, value in members.items():
            if name == "storage" and value in ("memory", "sqlite"):
                setup.sqlite = value == "sqlite"
            elif name == "delay":
                setup.delay = value
            elif name == "organizations":
                setup.organizations = value or None
            elif name == "data":
                setup.data = value
            elif value is not False:
                raise unsupported(f"better-auth-server has no `{name}` = {value!r}")
        if setup.data and not setup.sqlite:
            raise unsupported("data outlive a deployment with `storage` = \"sqlite\" only")
        return setup


def organizations(setup):
    """The plugin for organizations, where asked for. No mail is sent: an invitation is accepted by its id."""
    if setup.organizations is None:
        return []
    options = {"require_email_verification_on_invitation": False}
    roles = {} if setup.organizations is True else setup.organizations.get("roles", {})
    if roles:
        control = create_access_control({**ORG_DEFAULT_STATEMENTS, "apiKey": KEY_ACTIONS})
        options["ac"] = control
        options["roles"] = {
            name: control.new_role(union(role.statements, roles.get(name, {})))
            for name, role in ORG_DEFAULT_ROLES.items()
        }
    return [OrganizationPlugin(**options)]


def union(permissions, further):
    return {
        resource: list(dict.fromkeys([*permissions.get(resource, []), *further.get(resource, [])]))
        for resource in {**permissions, **further}
    }

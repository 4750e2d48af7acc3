// What a start asks for beside the plugin's options: `setup` of the adapter protocol, checked.
import { Unsupported } from "./frame.mjs";

const ROLES = ["owner", "admin", "member"];

function flag(name, value) {
  if (typeof value !== "boolean") throw new TypeError(`setup.${name} must be true or false`);
  return value;
}

/** Each member: its value where a start leaves it out, and how it is checked. */
const members = {
  storage: {
    absent: "memory",
    check: (value, release) => {
      if (value === "memory") return value;
      if (value !== "sqlite") throw new Unsupported(`the adapter has no storage ${JSON.stringify(value)}`);
      if (!release.hasSqlite) throw new Unsupported("node-sqlite3-wasm is not installed beside the release");
      return value;
    },
  },
  secondaryStorage: {
    absent: false,
    check: (value, release) => {
      if (flag("secondaryStorage", value) && !release.hasSecondaryStorage) {
        throw new Unsupported(`better-auth ${release.version} keeps keys in the database only`);
      }
      return value;
    },
  },
  delay: { absent: false, check: (value) => flag("delay", value) },
  deferred: {
    absent: false,
    check: (value, release) => {
      if (flag("deferred", value) && !release.hasBackgroundTasks) {
        throw new Unsupported(`better-auth ${release.version} has no handler of background tasks`);
      }
      return value;
    },
  },
  organizations: {
    absent: undefined,
    check: (value, release) => {
      if (value === false) return undefined;
      if (!release.hasOrganizationKeys) {
        throw new Unsupported(`better-auth ${release.version} has no keys of organizations`);
      }
      return { roles: value === true ? {} : checkRoles(value?.roles ?? {}) };
    },
  },
  openapi: { absent: false, check: (value) => flag("openapi", value) },
  data: {
    absent: undefined,
    check: (value) => {
      if (typeof value !== "string" || value === "") throw new TypeError("setup.data must be a path");
      return value;
    },
  },
};

function checkRoles(roles) {
  for (const [name, permissions] of Object.entries(roles)) {
    if (!ROLES.includes(name)) throw new Unsupported(`the adapter has no role ${JSON.stringify(name)}`);
    if (!Object.values(permissions ?? {}).every(Array.isArray)) {
      throw new TypeError(`setup.organizations.roles.${name} must hold lists of actions`);
    }
  }
  return roles;
}

/** The setup with all its members, or an exception where `release` cannot be set up that way. */
export function readSetup(release, setup) {
  const asked = setup ?? {};
  for (const name of Object.keys(asked)) {
    if (!Object.hasOwn(members, name)) {
      throw new Unsupported(`the adapter has no setup ${JSON.stringify(name)}`);
    }
  }
  const read = Object.fromEntries(
    Object.entries(members).map(([name, { absent, check }]) => [
      name,
      asked[name] === undefined || asked[name] === null ? absent : check(asked[name], release),
    ]),
  );
  if (read.data !== undefined && read.storage !== "sqlite") {
    throw new Unsupported('setup.data needs the storage "sqlite"');
  }
  return read;
}

// A signed-in client may set the permissions of its own API keys, up to a ceiling that the server sets.
// For Better Auth 1.4 and later, unmodified. README.md says what this guarantees, and what it does not.
//
// How: what a client asks for is taken out of the request before the release's own endpoint sees it. So all of the
// release's rules for clients hold, and nothing but permissions is freed. When that endpoint has checked everything
// and asks which permissions the new key has by default, it is told what was asked for, or the refusal is thrown.
// So a key is written once, with what it keeps.

/** @typedef {Map<string, string[]>} Permissions Resources with their actions. In a map every name is an ordinary one. */

/**
 * What one configuration lets clients do.
 *
 * @typedef {object} Rules
 * @property {string | undefined} configId
 * @property {boolean} allowed
 * @property {Permissions | undefined} ceiling Undefined is no ceiling; an empty one grants nothing.
 * @property {boolean} clamps Whether what is above the ceiling is left out, instead of refused.
 * @property {any} defaults The option `defaultPermissions`, as it was given.
 */

/**
 * What a client asks for, and of which configuration.
 *
 * @typedef {{ rules: Rules, permissions: Permissions | "malformed" }} Asked
 */

/** Under this name the context of the endpoint carries what is asked for. No request can name a symbol. */
const ASKED = Symbol("the permissions that a client asks for");

/** How much a refusal names. A reply must not grow with what was sent. Characters. */
const NAMED = 4000;

/** @type {import("./self-grant.d.mts").SelfGrant} */
export const selfGrant = (apiKey, configurations, options) => {
  const isList = Array.isArray(configurations);
  /** @type {any[]} */
  const given = isList ? configurations : [configurations ?? {}];
  const allRules = given.map(readRules);

  const granting = given.map((configuration, index) => {
    /** @type {(owner: string, ctx: any) => unknown} */
    const defaultPermissions = (owner, ctx) => permissionsOfNewKey(allRules[index], owner, ctx);
    return { ...configuration, permissions: { ...configuration.permissions, defaultPermissions } };
  });
  /** @type {any} */
  const plugin = apiKey(isList ? granting : granting[0], options);
  const { createApiKey, getApiKey } = plugin.endpoints;

  /**
   * The release calls this when it has checked the rest of a request, and then writes the key.
   *
   * @param {Rules} rules
   * @param {string} owner
   * @param {any} ctx
   */
  async function permissionsOfNewKey(rules, owner, ctx) {
    /** @type {Asked | undefined} */
    const asked = ctx[ASKED];
    if (asked === undefined) {
      const defaults = await defaultsOf(rules, owner, ctx);
      if (!defaults || !rules.allowed || !isClient(ctx)) return defaults;
      // The ceiling does not cap the defaults. A key that acts as a session may not widen itself by them.
      const held = await heldByKey(ctx);
      return held === undefined ? defaults : capped(Object.entries(defaults), held, rules, () => aboveKey(ctx));
    }
    if (asked.rules !== rules) throw new Error("self-grant: the release took another configuration than the one named");
    if (asked.permissions === "malformed") throw malformed(ctx);
    if (!ctx.context.session) throw ctx.error("UNAUTHORIZED", plugin.$ERROR_CODES.UNAUTHORIZED_SESSION);
    const ceiling = lower(rules.ceiling, await heldByKey(ctx));
    return capped([...asked.permissions], ceiling, rules, (excess) => aboveCeiling(ctx, excess));
  }

  /**
   * What the key that acts as the session holds, or undefined if the session is the user's own.
   *
   * Only a session that is in the store is the user's own. Whether the request carries a key does not tell: an endpoint
   * that renews the session's cookie makes one for a key's session, too.
   *
   * @param {any} ctx
   * @returns {Promise<Permissions | undefined>}
   */
  async function heldByKey({ context, headers }) {
    if (!context.session) return undefined;
    const { id, token } = context.session.session;
    const stored = await context.internalAdapter.findSession(token);
    if (stored?.session.id === id) return undefined;
    for (const { configId } of allRules) {
      const key = await getApiKey({ context, headers, query: { id, configId } }).catch(ignoreNotFound);
      if (isUsable(key)) return new Map(Object.entries(key.permissions ?? {}));
    }
    return new Map();
  }

  /** @param {any} ctx */
  const endpoint = (ctx) => createApiKey(asksNothing(ctx, allRules));
  return {
    ...plugin,
    endpoints: { ...plugin.endpoints, createApiKey: Object.assign(endpoint, createApiKey) },
  };
};

/**
 * The options of a configuration. What is no ceiling must not pass for one, nor for none.
 *
 * @param {any} configuration
 * @returns {Rules}
 */
function readRules(configuration) {
  const {
    allowClientPermissions = false,
    maxPermissions,
    whenAboveMaximum = "refuse",
    defaultPermissions,
  } = configuration?.permissions ?? {};
  if (typeof allowClientPermissions !== "boolean") {
    throw new TypeError("permissions.allowClientPermissions must be true or false");
  }
  if (whenAboveMaximum !== "refuse" && whenAboveMaximum !== "clamp") {
    throw new TypeError('permissions.whenAboveMaximum must be "refuse" or "clamp"');
  }
  const entries = maxPermissions === undefined ? undefined : entriesOf(maxPermissions);
  if (maxPermissions !== undefined && !entries?.every(([, actions]) => isListOfStrings(actions))) {
    throw new TypeError("permissions.maxPermissions must be an object of lists of strings");
  }
  return {
    configId: configuration?.configId,
    allowed: allowClientPermissions,
    // A copy: what becomes of the option's object later changes nothing.
    ceiling: entries && new Map(entries.map(([resource, actions]) => [resource, [...actions]])),
    clamps: whenAboveMaximum === "clamp",
    defaults: defaultPermissions,
  };
}

/**
 * The endpoint's context without the permissions that a client may ask for; ASKED has them.
 *
 * Everything else stays as it is, and is refused by the release: a trusted call's permissions, those that the
 * configuration leaves to the server, and those of a wrong shape.
 *
 * @param {any} ctx
 * @param {Rules[]} allRules
 */
function asksNothing(ctx, allRules) {
  const body = ctx?.body;
  if (!isClient(ctx) || body?.permissions === undefined) return ctx;
  const rules = namedBy(body.configId, allRules);
  if (!rules?.allowed) return ctx;
  const entries = entriesOf(body.permissions);
  const wrong = entries?.filter(([, actions]) => !isListOfStrings(actions));
  // The releases' parser finds what is wrong, but it passes over one name.
  if (entries === undefined || wrong?.some(([resource]) => resource !== "__proto__")) return ctx;
  const { permissions: _, ...others } = body;
  /** @type {Asked} */
  const asked = { rules, permissions: wrong?.length === 0 ? new Map(entries) : "malformed" };
  return { ...ctx, body: others, [ASKED]: asked };
}

/**
 * The rules of the configuration that the releases take for a `configId`: the default one if it is unknown.
 *
 * @param {any} configId
 * @param {Rules[]} allRules
 */
function namedBy(configId, allRules) {
  const named = configId ? allRules.find((rules) => rules.configId === configId) : undefined;
  return named ?? allRules.find((rules) => !rules.configId || rules.configId === "default");
}

/**
 * As the releases tell a client from a trusted call.
 *
 * @param {any} ctx
 */
function isClient(ctx) {
  return Boolean(ctx?.request || ctx?.headers);
}

/**
 * @param {Rules} rules
 * @param {string} owner
 * @param {any} ctx
 */
function defaultsOf({ defaults }, owner, ctx) {
  return typeof defaults === "function" ? defaults(owner, ctx) : defaults;
}

/**
 * The members of a plain object, its own only; undefined for anything else.
 *
 * @param {any} value
 * @returns {[string, any][] | undefined}
 */
function entriesOf(value) {
  if (value === null || typeof value !== "object") return undefined;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : undefined;
}

/** @param {any} value */
function isListOfStrings(value) {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/**
 * The permissions as the release takes them, not above the ceiling; or the refusal, thrown.
 *
 * @param {[string, string[]][]} permissions
 * @param {Permissions | undefined} ceiling
 * @param {Rules} rules
 * @param {(excess: [string, string[]][]) => unknown} refusal
 */
function capped(permissions, ceiling, { clamps }, refusal) {
  if (ceiling === undefined) return Object.fromEntries(permissions);
  if (clamps) return Object.fromEntries(meet(permissions, ceiling));
  const excess = exceeding(permissions, ceiling);
  if (excess.length > 0) throw refusal(excess);
  return Object.fromEntries(permissions);
}

/**
 * What of `permissions` is above the ceiling: resources that it does not name, with all their actions, and the
 * actions beyond it.
 *
 * @param {[string, string[]][]} permissions
 * @param {Permissions} ceiling
 * @returns {[string, string[]][]}
 */
function exceeding(permissions, ceiling) {
  return permissions.flatMap(([resource, actions]) => {
    const allowed = ceiling.get(resource);
    if (allowed === undefined) return [[resource, actions]];
    const names = new Set(allowed);
    const beyond = actions.filter((action) => !names.has(action));
    return beyond.length > 0 ? [[resource, beyond]] : [];
  });
}

/**
 * The resources that both name, with the actions that both have.
 *
 * @param {[string, string[]][]} permissions
 * @param {Permissions} ceiling
 * @returns {[string, string[]][]}
 */
function meet(permissions, ceiling) {
  return permissions.flatMap(([resource, actions]) => {
    const allowed = ceiling.get(resource);
    if (allowed === undefined) return [];
    const names = new Set(allowed);
    return [[resource, actions.filter((action) => names.has(action))]];
  });
}

/**
 * The lower of two ceilings, of which there may be none.
 *
 * @param {Permissions | undefined} one
 * @param {Permissions | undefined} other
 */
function lower(one, other) {
  if (one === undefined || other === undefined) return one ?? other;
  return new Map(meet([...one], other));
}

/** @param {any} error */
function ignoreNotFound(error) {
  if (error?.statusCode !== 404 && error?.status !== "NOT_FOUND") throw error;
  return undefined;
}

/** @param {any} key */
function isUsable(key) {
  return Boolean(key?.enabled) && (!key.expiresAt || new Date(key.expiresAt).getTime() >= Date.now());
}

/**
 * @param {any} ctx
 * @param {[string, string[]][]} excess
 */
function aboveCeiling(ctx, excess) {
  return ctx.error("FORBIDDEN", {
    code: "PERMISSIONS_EXCEED_MAXIMUM",
    message: "The permissions exceed what a client may set.",
    details: named(excess),
  });
}

/**
 * The beginning of what exceeds, and whether there is more.
 *
 * @param {[string, string[]][]} excess
 */
function named(excess) {
  let room = NAMED;
  const beginning = excess.flatMap(([resource, actions]) => {
    room -= resource.length + 1;
    if (room < 0) return [];
    return [[resource, actions.filter((action) => (room -= action.length + 1) >= 0)]];
  });
  const exceeding = Object.fromEntries(beginning);
  return room < 0 ? { exceeding, more: true } : { exceeding };
}

/** The client has named nothing, so nothing is named. @param {any} ctx */
function aboveKey(ctx) {
  return ctx.error("FORBIDDEN", {
    code: "PERMISSIONS_EXCEED_MAXIMUM",
    message: "The default permissions exceed those of the key that is used.",
  });
}

/** @param {any} ctx */
function malformed(ctx) {
  return ctx.error("BAD_REQUEST", {
    code: "VALIDATION_ERROR",
    message: "[body.permissions.__proto__] Invalid input: expected a list of strings",
  });
}

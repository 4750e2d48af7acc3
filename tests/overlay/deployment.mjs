// A deployment with the overlay in this process, and users who send it requests.
import { selfGrant } from "./self-grant.mjs";

const ORIGIN = "http://127.0.0.1:3000";
const SECRET = "a secret that is long enough for every release";

/** Scrypt would cost more time than all the rest. */
const cheapPassword = {
  hash: async (password) => `plain:${password}`,
  verify: async ({ hash, password }) => hash === `plain:${password}`,
};

const { betterAuth } = await import("better-auth");
const { memoryAdapter } = await import("better-auth/adapters/memory");
const { apiKey } = await import("@better-auth/api-key");
const old = {
  betterAuth: (await import("better-auth-1.4")).betterAuth,
  memoryAdapter: (await import("better-auth-1.4/adapters/memory")).memoryAdapter,
  apiKey: (await import("better-auth-1.4/plugins")).apiKey,
};

/** A release before the plugin became a package of its own, and one after. */
export const RELEASES = { "1.7": { betterAuth, memoryAdapter, apiKey }, "1.4": old };

/** The ceiling of most tests. */
export const CEILING = { files: ["read", "write"], users: ["read"] };

/** A configuration in which clients may set permissions up to `CEILING`. */
export function allowing(permissions = {}, others = {}) {
  return {
    rateLimit: { enabled: false },
    ...others,
    permissions: { allowClientPermissions: true, maxPermissions: CEILING, ...permissions },
  };
}

/** A user's browser or program: it sends its headers with each request. */
export class Client {
  constructor(deployment, headers, userId) {
    this.deployment = deployment;
    this.headers = headers;
    this.userId = userId;
  }

  /** The same user with other headers beside. */
  with(headers) {
    return new Client(this.deployment, { ...this.headers, ...headers }, this.userId);
  }

  /** Sends a request; resolves to `{status, body, headers}`. */
  async send(method, path, body, headers = {}) {
    const init = { method, headers: { "content-type": "application/json", ...this.headers, ...headers } };
    if (body !== undefined) init.body = typeof body === "object" ? JSON.stringify(body) : body;
    const response = await this.deployment.auth.handler(new Request(this.deployment.baseUrl + path, init));
    const text = await response.text();
    let read = text;
    try {
      read = JSON.parse(text);
    } catch {
      // Refusals of the router have no body.
    }
    return { status: response.status, body: read, headers: response.headers };
  }

  post(path, body, headers) {
    return this.send("POST", path, body, headers);
  }

  /** Asks for a key. */
  create(body, headers) {
    return this.post("/api-key/create", body, headers);
  }

  /** A key, which must be given. */
  async key(body = {}) {
    const { status, body: key } = await this.create(body);
    if (status !== 200) throw new Error(`no key: ${status} ${JSON.stringify(key)}`);
    return key;
  }
}

export class Deployment {
  #users = 0;

  /**
   * @param {object | object[]} configurations of the API-key plugin
   * @param {object} [others] `release`, other `plugins` before and after, and options of Better Auth
   */
  constructor(configurations, { release = "1.7", before = [], after = [], ...options } = {}) {
    const { betterAuth, memoryAdapter, apiKey } = RELEASES[release];
    this.plugin = selfGrant(apiKey, configurations);
    const plugins = [...before, this.plugin, ...after];
    const tables = plugins.flatMap(({ schema = {} }) => Object.keys(schema));
    this.tables = Object.fromEntries(
      ["user", "session", "account", "verification", ...tables].map((name) => [name, []]),
    );
    this.auth = betterAuth({
      baseURL: ORIGIN,
      secret: SECRET,
      database: memoryAdapter(this.tables),
      emailAndPassword: { enabled: true, password: cheapPassword },
      rateLimit: { enabled: false },
      logger: { disabled: true },
      telemetry: { enabled: false },
      ...options,
      plugins,
    });
    this.baseUrl = ORIGIN + (options.basePath ?? "/api/auth").replace(/\/$/, "");
    this.nobody = new Client(this, {});
  }

  /** How many keys there are. */
  get keys() {
    return this.tables.apikey.length;
  }

  /** A new user with a session. */
  async user() {
    this.#users += 1;
    const account = { name: "user", email: `user-${this.#users}@example.com`, password: "correct horse" };
    const { status, body, headers } = await this.nobody.post("/sign-up/email", account, { origin: ORIGIN });
    if (status !== 200) throw new Error(`no user: ${status} ${JSON.stringify(body)}`);
    return new Client(this, { cookie: cookies(headers), origin: ORIGIN }, body.user.id);
  }

  /** A client that has a key, and nothing else. */
  holder({ key }, header = "x-api-key") {
    return new Client(this, { [header]: key });
  }

  /** A key that the server makes. */
  trusted(body) {
    return this.auth.api.createApiKey({ body });
  }

  /** Whether a key may do what is required. */
  async verifies({ key }, permissions) {
    return (await this.auth.api.verifyApiKey({ body: { key, permissions } })).valid;
  }
}

/** What a response sets, as a browser sends it back. */
export function cookies(headers) {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}

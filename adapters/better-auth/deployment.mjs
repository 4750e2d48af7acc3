// One deployment: an instance of Better Auth behind an HTTP server, with a clock and users of its own.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { DeploymentClock } from "./clock.mjs";
import { Refused, Unsupported } from "./frame.mjs";
import { resolvePresets } from "./preset.mjs";

const BASE_PATH = "/api/auth";
const PASSWORD = "correct horse battery staple";
const TABLES = ["user", "session", "account", "verification", "apikey"];
const METHODS = [
  "createApiKey",
  "verifyApiKey",
  "getApiKey",
  "updateApiKey",
  "deleteApiKey",
  "listApiKeys",
  "deleteAllExpiredApiKeys",
  "getSession",
];

/** An actor's session outlives every clock that a scenario moves. Milliseconds. */
const ACTOR_SESSION = 100 * 365 * 24 * 60 * 60 * 1000;

/** How long a stop waits for what is still under way. Milliseconds. */
const LAST_WORK = 500;

const secret = randomBytes(32).toString("hex");

/** Scrypt would cost more time than all the rest of a sign-up. */
const cheapPassword = {
  hash: async (password) => `plain:${password}`,
  verify: async ({ hash, password }) => hash === `plain:${password}`,
};

/** The plugin's options as this release names them. The README lists what is mapped. */
function releaseOptions(release, options) {
  const resolved = resolvePresets(options);
  if (!release.givesSessionsByDefault) return resolved;
  const { enableSessionForAPIKeys = false, ...others } = resolved;
  return { disableSessionForAPIKeys: !enableSessionForAPIKeys, ...others };
}

function checkSetup(setup) {
  for (const [name, value] of Object.entries(setup ?? {})) {
    if (name !== "storage") throw new Unsupported(`the adapter has no setup ${JSON.stringify(name)}`);
    if (value !== "memory") throw new Unsupported(`the adapter has no storage ${JSON.stringify(value)}`);
  }
}

function pluginOptions(release, config) {
  if (config === null || typeof config !== "object") {
    throw new TypeError("config must be an object or a list of objects");
  }
  if (!Array.isArray(config)) return releaseOptions(release, config);
  if (!release.hasConfigurationLists) {
    throw new Unsupported(`better-auth ${release.version} has no lists of configurations`);
  }
  return config.map((options) => releaseOptions(release, options));
}

/** The reply's `error` for what a call threw: what the release gave, and nothing else. */
function refusalOf(error) {
  if (error?.name !== "APIError") {
    console.error("adapter: the release threw:", error);
    return { status: 500, message: error instanceof Error ? error.message : String(error) };
  }
  const status = error.statusCode ?? error.status;
  const { code, message, details } = error.body ?? {};
  return { status: typeof status === "number" ? status : undefined, code, message, details };
}

/** Cookies as a browser sends them back, from the Set-Cookie headers of a response. */
function cookieHeader(response) {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}

/** A running deployment. */
export class Deployment {
  #clock = new DeploymentClock();
  #server = createServer((request, response) => this.#serve(request, response));
  #release;
  #plugin;
  #auth;
  #handler;
  #actorsMade = 0;
  #underWay = new Set();

  constructor(release) {
    this.#release = release;
  }

  /** Starts a deployment of `release` with the plugin's options. */
  static async start(release, config, setup) {
    checkSetup(setup);
    const options = pluginOptions(release, config ?? {});
    const deployment = new Deployment(release);
    try {
      await deployment.#run(() => deployment.#open(options));
    } catch (error) {
      await deployment.stop();
      throw error;
    }
    return deployment;
  }

  get baseUrl() {
    return this.origin + BASE_PATH;
  }

  get now() {
    return this.#clock.now;
  }

  /** Runs `action` in this deployment's time, and keeps count of it. */
  #run(action) {
    const work = this.#clock.run(action);
    const done = () => this.#underWay.delete(work);
    this.#underWay.add(work);
    work.then(done, done);
    return work;
  }

  async #open(options) {
    // A client may come back to a connection after any time: the server must not be the one to close it.
    this.#server.keepAliveTimeout = 0;
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#plugin = await this.#release.borrowPlugin();
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
    this.#auth = this.#release.betterAuth({
      baseURL: this.origin,
      basePath: BASE_PATH,
      secret,
      database: this.#release.memoryAdapter(Object.fromEntries(TABLES.map((table) => [table, []]))),
      emailAndPassword: { enabled: true, password: cheapPassword },
      rateLimit: { enabled: false },
      logger: { disabled: true },
      telemetry: { enabled: false },
      plugins: [this.#plugin(options)],
    });
    await this.#auth.$context;
    this.#handler = this.#release.toNodeHandler(this.#auth);
  }

  async #serve(request, response) {
    try {
      await this.#run(async () => this.#handler(request, response));
    } catch (error) {
      console.error(`adapter: the handler threw on ${request.method} ${request.url}:`, error);
      if (!response.headersSent) response.statusCode = 500;
      response.end();
    }
  }

  /** Makes a user with a signed-in session, without going over the network. */
  actor(name) {
    return this.#run(async () => {
      this.#actorsMade += 1;
      const email = `actor-${this.#actorsMade}@example.com`;
      const response = await this.#auth.handler(
        new Request(`${this.baseUrl}/sign-up/email`, {
          method: "POST",
          headers: { "content-type": "application/json", origin: this.origin },
          body: JSON.stringify({ name, email, password: PASSWORD }),
        }),
      );
      if (!response.ok) {
        throw new Error(`sign-up answered ${response.status}: ${await response.text()}`);
      }
      const { token, user } = await response.json();
      await this.#keepSignedIn(token);
      return { userId: user.id, headers: { cookie: cookieHeader(response), origin: this.origin } };
    });
  }

  async #keepSignedIn(token) {
    const { adapter } = await this.#auth.$context;
    await adapter.update({
      model: "session",
      where: [{ field: "token", value: token }],
      update: { expiresAt: new Date(this.now + ACTOR_SESSION) },
    });
  }

  /** Calls a server-side method with exactly the members given. */
  call(method, { body, query, headers }) {
    const endpoint = METHODS.includes(method) ? this.#auth.api[method] : undefined;
    if (typeof endpoint !== "function") {
      throw new Unsupported(`this release has no server-side method ${JSON.stringify(method)}`);
    }
    const context = {};
    if (body !== undefined) context.body = body;
    if (query !== undefined) context.query = query;
    if (headers !== undefined) context.headers = new Headers(headers);
    return this.#run(async () => {
      try {
        return await endpoint(context);
      } catch (error) {
        throw new Refused(refusalOf(error));
      }
    });
  }

  /** Moves the clock forward and returns its new time. */
  advance(milliseconds) {
    return this.#clock.advance(milliseconds);
  }

  /** Closes the port and every connection. */
  async stop() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    const idle = Promise.allSettled(this.#underWay).then(() => true);
    const timeout = new Promise((expire) => setTimeout(expire, LAST_WORK, false).unref());
    if (await Promise.race([idle, timeout])) await this.#returnPlugin();
  }

  /** Gives the copy of the plugin back, where it can be made to forget when it last swept. */
  async #returnPlugin() {
    const sweep = this.#auth?.api.deleteAllExpiredApiKeys;
    if (sweep === undefined) return;
    try {
      // A sweep at the beginning of 1970: it finds no key that old, and any later time is far from it.
      await new DeploymentClock(0).run(() => sweep({}));
      this.#release.returnPlugin(this.#plugin);
    } catch (error) {
      console.error("adapter: a copy of the plugin is not used again:", error);
    }
  }
}

// One deployment: an instance of Better Auth behind an HTTP server, with a clock and users of its own.
import { once } from "node:events";
import { createServer } from "node:http";

import { DeploymentClock } from "./clock.mjs";
import { DataFolder } from "./data-folder.mjs";
import { delayedDatabase, delayedStorage } from "./delay.mjs";
import { Refused, Unsupported } from "./frame.mjs";
import { organizationPlugin } from "./organizations.mjs";
import { resolvePresets } from "./preset.mjs";
import { SecondaryStorage } from "./secondary-storage.mjs";
import { readSetup } from "./setup.mjs";
import { upgrade } from "./upgrade.mjs";

const BASE_PATH = "/api/auth";
const PASSWORD = "correct horse battery staple";
const TABLES = ["user", "session", "account", "verification"];
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

/** Scrypt would cost more time than all the rest of a sign-up. */
const cheapPassword = {
  hash: async (password) => `plain:${password}`,
  verify: async ({ hash, password }) => hash === `plain:${password}`,
};

/** The plugin's options as this release names them. The README lists what is mapped. */
function releaseOptions(release, options, means) {
  if (options.storage === "secondary-storage" && !release.hasSecondaryStorage) {
    throw new Unsupported(`better-auth ${release.version} keeps keys in the database only`);
  }
  const resolved = resolvePresets(options, release, means);
  if (!release.givesSessionsByDefault) return resolved;
  const { enableSessionForAPIKeys = false, ...others } = resolved;
  return { disableSessionForAPIKeys: !enableSessionForAPIKeys, ...others };
}

function pluginOptions(release, config, means) {
  if (config === null || typeof config !== "object") {
    throw new TypeError("config must be an object or a list of objects");
  }
  if (!Array.isArray(config)) return releaseOptions(release, config, means);
  if (!release.hasConfigurationLists) {
    throw new Unsupported(`better-auth ${release.version} has no lists of configurations`);
  }
  return config.map((options) => releaseOptions(release, options, means));
}

/** The memory database's empty tables. */
function emptyTables(plugins) {
  const ofPlugins = plugins.flatMap(({ schema = {} }) =>
    Object.entries(schema).map(([name, { modelName }]) => modelName ?? name),
  );
  return Object.fromEntries([...TABLES, ...ofPlugins].map((table) => [table, []]));
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
  #server = createServer((request, response) => this.#serve(request, response));
  #release;
  #setup;
  #data;
  #clock;
  #plugin;
  #sqlite;
  #sessions;
  #auth;
  #handler;
  #underWay = new Set();

  constructor(release, setup) {
    this.#release = release;
    this.#setup = setup;
    this.#data = new DataFolder(setup.data);
    // Time does not go back for who left data behind.
    const { now } = new DeploymentClock();
    this.#clock = new DeploymentClock(Math.max(now, this.#data.state.now));
  }

  /** Starts a deployment of `release` with the plugin's options. */
  static async start(release, config, setup) {
    const deployment = new Deployment(release, readSetup(release, setup));
    try {
      await deployment.#run(() => deployment.#open(config ?? {}));
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
    return this.#track(this.#clock.run(action));
  }

  /** Keeps count of `work`, which a stop waits for. */
  #track(work) {
    const done = () => this.#underWay.delete(work);
    this.#underWay.add(work);
    work.then(done, done);
    return work;
  }

  async #open(config) {
    const options = pluginOptions(this.#release, config, this.#means());
    await this.#listen();
    this.#plugin = await this.#release.borrowPlugin();
    const plugins = [this.#release.plugin(this.#plugin, options)];
    if (this.#setup.organizations !== undefined) {
      plugins.push(await organizationPlugin(this.#release, this.#setup.organizations));
    }
    if (this.#setup.openapi) plugins.push(await this.#release.openApi());
    this.#auth = this.#release.betterAuth(await this.#withDatabase(this.#options(plugins)));
    await this.#auth.$context;
    this.#handler = this.#release.toNodeHandler(this.#auth);
  }

  /** What presets are made of. */
  #means() {
    const made = { counters: 0, storages: 0 };
    const next = (kind) => String((made[kind] += 1));
    return {
      newCounter: () => {
        const name = next("counters");
        return () => this.#data.count(name);
      },
      newStorage: () => this.#shown(this.#newStorage(`custom-storage-${next("storages")}`)),
    };
  }

  async #listen() {
    // A client may come back to a connection after any time: the server must not be the one to close it.
    this.#server.keepAliveTimeout = 0;
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Better Auth's options, but for the database. */
  #options(plugins) {
    const { secret, origins } = this.#data.state;
    const options = {
      baseURL: this.origin,
      basePath: BASE_PATH,
      secret,
      emailAndPassword: { enabled: true, password: cheapPassword },
      rateLimit: { enabled: false },
      logger: { disabled: true },
      telemetry: { enabled: false },
      plugins,
    };
    // Actors whom an earlier start on the same data has made come from its address.
    if (origins.length > 0) options.trustedOrigins = origins;
    this.#data.save({ origins: [...origins, this.origin] });
    if (this.#setup.secondaryStorage) {
      this.#sessions = this.#newStorage("secondary-storage");
      options.secondaryStorage = this.#shown(this.#sessions);
    }
    if (this.#setup.deferred) {
      options.advanced = { backgroundTasks: { handler: (task) => this.#finish(task) } };
    }
    return options;
  }

  #newStorage(name) {
    return new SecondaryStorage(this.#clock, this.#data.file(`${name}.jsonl`));
  }

  /** Whether accesses wait. Deferred work must: the release hands it over when it has already begun. */
  get #waits() {
    return this.#setup.delay || this.#setup.deferred;
  }

  /** A secondary storage as the release sees it. */
  #shown(storage) {
    return this.#waits ? delayedStorage(storage, (access) => this.#track(access)) : storage;
  }

  /** Takes a background task over from the release, whose reply does not wait for it. */
  #finish(task) {
    this.#track(task).catch((error) => console.error("adapter: a background task failed:", error));
  }

  async #withDatabase(options) {
    const complete = { ...options, database: await this.#openDatabase(options) };
    if (!this.#waits) return complete;
    // The release's own database adapter, taken from an instance that serves nobody.
    const { adapter } = await this.#release.betterAuth(complete).$context;
    const delayed = delayedDatabase(adapter, (access) => this.#track(access));
    return { ...options, database: () => delayed };
  }

  async #openDatabase(options) {
    if (this.#setup.storage === "memory") {
      return this.#release.memoryAdapter(emptyTables(options.plugins));
    }
    const database = this.#release.openSqlite(this.#data.file("database.sqlite"));
    this.#sqlite = database;
    await upgrade(this.#release, { ...options, database });
    return database;
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
      this.#data.save({ users: this.#data.state.users + 1 });
      const email = `actor-${this.#data.state.users}@example.com`;
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
    const expiresAt = new Date(this.now + ACTOR_SESSION);
    if (this.#sessions !== undefined) {
      const { session, user } = JSON.parse(this.#sessions.get(token));
      const lasting = JSON.stringify({ session: { ...session, expiresAt }, user });
      this.#sessions.set(token, lasting, ACTOR_SESSION / 1000);
      return;
    }
    const { adapter } = await this.#auth.$context;
    await adapter.update({
      model: "session",
      where: [{ field: "token", value: token }],
      update: { expiresAt },
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
    const now = this.#clock.advance(milliseconds);
    this.#data.save({ now });
    return now;
  }

  /** Closes the port, every connection and the database. */
  async stop() {
    if (this.#server.listening) {
      const closed = once(this.#server, "close");
      this.#server.close();
      this.#server.closeAllConnections();
      await closed;
      if (await this.#settled()) await this.#returnPlugin();
    }
    this.#sqlite?.close();
  }

  /** Waits for what is still under way; whether it came to an end in time. */
  async #settled() {
    const idle = Promise.allSettled(this.#underWay).then(() => true);
    const timeout = new Promise((expire) => setTimeout(expire, LAST_WORK, false).unref());
    return Promise.race([idle, timeout]);
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

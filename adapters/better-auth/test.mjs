// Tests of the adapter against an installed release: RELEASE_DIR=DIR node --test test.mjs
// With OLDER_RELEASE_DIRS=DIR,DIR,... the data that those releases leave, one after the other, are taken over too.
//
// They ask whether the adapter is wired properly, not whether the release conforms; what is expected
// here holds in every release.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const adapterFile = fileURLToPath(new URL("./adapter.mjs", import.meta.url));
const releaseDirectory = process.env.RELEASE_DIR ?? process.argv[2] ?? ".";

const olderDirectories = process.env.OLDER_RELEASE_DIRS?.split(",").filter(Boolean) ?? [];

const DAY = 24 * 60 * 60 * 1000;
const NO_RATE_LIMIT = { rateLimit: { enabled: false } };

/** An adapter process, and the replies that it owes. */
class AdapterProcess {
  #child;
  #waiting = new Map();
  #lastId = 0;
  log = "";

  constructor(directory = releaseDirectory) {
    const command = [adapterFile, "--release", directory];
    this.#child = spawn(process.execPath, command, { stdio: ["pipe", "pipe", "pipe"] });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#receive(line));
    this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
  }

  #receive(line) {
    const { id, ...outcome } = JSON.parse(line);
    assert.equal(Object.keys(outcome).length, 1, `one outcome: ${line}`);
    assert.ok(this.#waiting.has(id), `an id that was asked: ${line}`);
    this.#waiting.get(id)(outcome);
    this.#waiting.delete(id);
  }

  write(text) {
    this.#child.stdin.write(text);
  }

  /** The outcome of a request: an object with one member. */
  ask(op, members = {}) {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = new Promise((resolve) => this.#waiting.set(id, resolve));
    this.write(`${JSON.stringify({ id, op, ...members })}\n`);
    return reply;
  }

  /** What a request returned; anything but `ok` fails the test. */
  async get(op, members) {
    const outcome = await this.ask(op, members);
    assert.ok("ok" in outcome, `${op}: ${JSON.stringify(outcome)}\n${this.log}`);
    return outcome.ok;
  }

  /** Ends the process as a crash would. */
  async kill() {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }

  /** Ends standard input and returns the exit code. */
  async end() {
    const exit = once(this.#child, "exit");
    this.#child.stdin.end();
    const [code] = await exit;
    return code;
  }
}

let adapter;
let edition;
let capabilities;

before(async () => {
  adapter = new AdapterProcess();
  ({ edition, capabilities } = await adapter.get("hello", { protocol: 1 }));
});

after(() => adapter.end());

/** A deployment with a user. */
async function startWithActor(config = NO_RATE_LIMIT, host = adapter, setup = {}) {
  const started = await startDeployment(config, host, setup);
  const actor = await host.get("actor", { deployment: started.deployment, name: "alice" });
  return { ...started, actor };
}

async function startDeployment(config, host, setup) {
  const { deployment, baseUrl, now } = await host.get("start", { config, setup });
  const call = (method, members) => host.get("call", { deployment, method, ...members });
  const advance = (advanceMs) => host.get("clock", { deployment, advanceMs });
  const stop = () => host.get("stop", { deployment });
  return { deployment, baseUrl, now, call, advance, stop };
}

function post(url, headers, body) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const allHeaders = { "content-type": "application/json", ...headers };
  return fetch(url, { method: "POST", headers: allHeaders, body: text });
}

/** The keys in the body of a list, whose shape depends on the release. */
async function listKeys({ baseUrl, actor }) {
  const response = await fetch(`${baseUrl}/api-key/list`, { headers: actor.headers });
  assert.equal(response.status, 200);
  const body = await response.json();
  return Array.isArray(body) ? body : body.apiKeys;
}

test("hello names the release", async () => {
  assert.match(edition, /^1\.\d+\.\d+/);
  for (const name of ["server-calls", "actors", "clock", "exact-clock", "sessions-from-keys"]) {
    assert.ok(capabilities.includes(name), name);
  }
  assert.ok("failure" in (await adapter.ask("hello", { protocol: 2 })));
});

test("an actor creates and lists a key over HTTP, the server verifies it", async () => {
  const { baseUrl, actor, call, now } = await startWithActor();
  const created = await post(`${baseUrl}/api-key/create`, actor.headers, { name: "dashboard" });
  assert.equal(created.status, 200);
  const { key, name, createdAt } = await created.json();
  assert.equal(name, "dashboard");
  assert.equal(Date.parse(createdAt), now, "a frozen clock");
  assert.equal((await listKeys({ baseUrl, actor })).length, 1);
  const verified = await call("verifyApiKey", { body: { key } });
  assert.equal(verified.valid, true);
  assert.equal(verified.key.name, "dashboard");
  const anonymous = await post(`${baseUrl}/api-key/create`, {}, { name: "nobody" });
  assert.equal(anonymous.status, 401);
});

test("the server creates a key for a user", async () => {
  const { actor, call } = await startWithActor();
  const body = { userId: actor.userId, remaining: 5 };
  const { id, remaining } = await call("createApiKey", { body });
  assert.equal(remaining, 5);
  const own = await call("getApiKey", { query: { id }, headers: actor.headers });
  assert.equal(own.id, id);
});

test("two requests for one name give two users", async () => {
  const { deployment, actor } = await startWithActor();
  const other = await adapter.get("actor", { deployment, name: "alice" });
  assert.notEqual(other.userId, actor.userId);
  const session = await adapter.get("call", {
    deployment,
    method: "getSession",
    headers: other.headers,
  });
  assert.equal(session.user.id, other.userId);
  assert.equal(session.user.name, "alice");
});

test("a key expires when its deployment's clock passes the moment, and not in another deployment", async () => {
  const [early, late] = await Promise.all([startWithActor(), startWithActor()]);
  const create = ({ actor, call }) =>
    call("createApiKey", { body: { userId: actor.userId, expiresIn: DAY / 1000 } });
  const [earlyKey, lateKey] = await Promise.all([create(early), create(late)]);
  const verify = ({ call }, { key }) => call("verifyApiKey", { body: { key } });
  assert.deepEqual(await late.advance(DAY), { now: late.now + DAY });
  assert.equal((await verify(late, lateKey)).valid, true, "the moment itself still counts");
  await late.advance(1);
  assert.equal((await verify(late, lateKey)).error.code, "KEY_EXPIRED");
  assert.equal((await verify(early, earlyKey)).valid, true);
  assert.deepEqual(await early.advance(0), { now: early.now });
});

/** How many keys are listed when one has expired and the sweep has had its chance. */
async function keysAfterSweep({ baseUrl, actor, call, advance }) {
  await listKeys({ baseUrl, actor });
  const body = { userId: actor.userId, expiresIn: DAY / 1000 };
  await call("createApiKey", { body });
  await advance(2 * DAY);
  await listKeys({ baseUrl, actor });
  return (await listKeys({ baseUrl, actor })).length;
}

test("the clock of one deployment does not stop another from sweeping", async () => {
  // Not every release sweeps: what counts is that company makes no difference.
  const alone = new AdapterProcess();
  const expected = await keysAfterSweep(await startWithActor(NO_RATE_LIMIT, alone));
  await alone.end();
  const [late, early] = await Promise.all([startWithActor(), startWithActor()]);
  await late.advance(300 * DAY);
  await listKeys(late);
  assert.equal(await keysAfterSweep(early), expected);
  // Nor does it when the other has stopped, and the adapter uses its parts again.
  await Promise.all([late, early].map(({ deployment }) => adapter.get("stop", { deployment })));
  assert.equal(await keysAfterSweep(await startWithActor()), expected);
});

test("an actor stays signed in when the clock moves", async () => {
  const { baseUrl, actor, advance } = await startWithActor();
  await advance(1000 * DAY);
  assert.deepEqual(await listKeys({ baseUrl, actor }), []);
  const created = await post(`${baseUrl}/api-key/create`, actor.headers, {});
  assert.equal(created.status, 200);
});

test("a refused call keeps its shape", async () => {
  const { deployment, actor } = await startWithActor();
  const call = (method, members) => adapter.ask("call", { deployment, method, ...members });
  const { error } = await call("createApiKey", {
    body: { remaining: 1 },
    headers: actor.headers,
  });
  assert.equal(error.status, 400);
  assert.equal(typeof error.message, "string");
  assert.equal(typeof error.code, "string");
  const anonymous = await call("listApiKeys", { headers: {} });
  assert.equal(anonymous.error.status, 401);
  const invalid = await call("createApiKey", { body: { name: 7 } });
  assert.equal(invalid.error.status, 400);
});

test("what the adapter does not have is unsupported", async () => {
  const { deployment } = await startWithActor();
  const outcomes = await Promise.all([
    adapter.ask("start", { config: { customKeyGenerator: { preset: "none" } }, setup: {} }),
    adapter.ask("start", { config: {}, setup: { storage: "clay-tablets" } }),
    adapter.ask("start", { config: {}, setup: { weather: "fine" } }),
    adapter.ask("call", { deployment, method: "signUpEmail", body: {} }),
    adapter.ask("dance"),
  ]);
  for (const outcome of outcomes) assert.equal(typeof outcome.unsupported, "string");
  assert.ok("failure" in (await adapter.ask("actor", { deployment: "d0", name: "alice" })));
  assert.ok("failure" in (await adapter.ask("clock", { deployment, advanceMs: -1 })));
});

test("a list of configurations", async () => {
  const config = [{ configId: "default" }, { configId: "second", defaultPrefix: "second_" }];
  const outcome = await adapter.ask("start", { config, setup: {} });
  if (!capabilities.includes("multiple-configurations")) {
    assert.equal(typeof outcome.unsupported, "string");
    return;
  }
  const { deployment } = outcome.ok;
  const body = { userId: "u1", configId: "second" };
  const created = await adapter.get("call", { deployment, method: "createApiKey", body });
  assert.match(created.key, /^second_/);
  const twice = await adapter.ask("start", { config: [{}, {}], setup: {} });
  assert.ok("failure" in twice, "the release refuses configurations without names");
});

test("keys give sessions only where that is turned on", async () => {
  const sessionOf = async (config) => {
    const { actor, call } = await startWithActor({ ...NO_RATE_LIMIT, ...config });
    const { key } = await call("createApiKey", { body: { userId: actor.userId } });
    const session = await call("getSession", { headers: { "x-api-key": key } });
    return { session, userId: actor.userId };
  };
  const on = await sessionOf({ enableSessionForAPIKeys: true });
  assert.equal((on.session.user ?? on.session).id, on.userId);
  assert.equal((await sessionOf({})).session, null);
});

test("presets", async () => {
  const { actor, call } = await startWithActor({
    ...NO_RATE_LIMIT,
    enableSessionForAPIKeys: true,
    defaultKeyLength: 12,
    customKeyGenerator: { preset: "generator:fixed-alphabet" },
    customAPIKeyValidator: { preset: "validator:starts-with-ok" },
    customAPIKeyGetter: { preset: "getter:x-custom-key" },
    permissions: { defaultPermissions: { preset: "permissions:from-owner" } },
  });
  const create = (prefix) => call("createApiKey", { body: { userId: actor.userId, prefix } });
  const good = await create("ok_");
  assert.equal(good.key, "ok_kkkk00000001");
  const bad = await create("no_");
  assert.equal(bad.key, "no_kkkk00000002");
  const verify = (key) => call("verifyApiKey", { body: { key } });
  assert.equal((await verify(bad.key)).valid, false);
  const verified = await verify(good.key);
  assert.equal(verified.valid, true);
  const permissions = verified.key.permissions ?? null;
  // Early releases give the column as it is stored, or leave it out.
  const owner = typeof permissions === "string" ? JSON.parse(permissions) : permissions;
  if (owner !== null) assert.deepEqual(owner, { owner: [actor.userId] });
  const session = await call("getSession", { headers: { "x-custom-key": good.key } });
  assert.equal((session.user ?? session).id, actor.userId);
});

test("a getter that gives a number", async () => {
  const config = { enableSessionForAPIKeys: true, customAPIKeyGetter: { preset: "getter:number" } };
  const { deployment } = await startWithActor(config);
  const headers = { "x-custom-key": "anything" };
  const outcome = await adapter.ask("call", { deployment, method: "getSession", headers });
  assert.equal(outcome.error?.status, 400);
});

test("an asynchronous validator is accepted", async () => {
  const config = { customAPIKeyValidator: { preset: "validator:async-starts-with-ok" } };
  const { actor, call } = await startWithActor(config);
  const body = { userId: actor.userId, prefix: "ok_" };
  const { key } = await call("createApiKey", { body });
  assert.equal((await call("verifyApiKey", { body: { key } })).valid, true);
});

test("malformed JSON over HTTP is answered, and the server lives on", async () => {
  const { baseUrl, actor } = await startWithActor();
  const response = await post(`${baseUrl}/api-key/create`, actor.headers, "{");
  assert.ok([400, 500].includes(response.status), String(response.status));
  await response.text();
  assert.equal((await post(`${baseUrl}/api-key/create`, actor.headers, {})).status, 200);
});

test("fifty calls at once", async () => {
  const { baseUrl, actor, call } = await startWithActor();
  const body = { userId: actor.userId };
  const keys = await Promise.all(
    Array.from({ length: 25 }, () => call("createApiKey", { body })).concat(
      Array.from({ length: 25 }, async () =>
        (await post(`${baseUrl}/api-key/create`, actor.headers, {})).json(),
      ),
    ),
  );
  assert.equal(new Set(keys.map(({ key }) => key)).size, 50);
  const verified = await Promise.all(
    keys.map(({ key }) => call("verifyApiKey", { body: { key } })),
  );
  assert.ok(verified.every(({ valid }) => valid));
});

test("stop closes the port, and the data is gone", async () => {
  const { deployment, baseUrl, actor } = await startWithActor();
  await listKeys({ baseUrl, actor });
  assert.deepEqual(await adapter.get("stop", { deployment }), {});
  await assert.rejects(fetch(`${baseUrl}/api-key/list`));
  assert.ok("failure" in (await adapter.ask("actor", { deployment, name: "alice" })));
});

test("lines that are no requests are passed over", async () => {
  adapter.write("nonsense\n[]\n{}\n\nnull\n");
  assert.equal((await adapter.get("hello", { protocol: 1 })).protocol, 1);
  const tooLong = await adapter.ask("hello", { protocol: 1, filler: "x".repeat(5 * 1024 * 1024) });
  assert.match(tooLong.failure, /too long/);
  assert.equal((await adapter.get("hello", { protocol: 1 })).protocol, 1);
});

test("requests that were written ahead are answered before the end of input ends the adapter", async () => {
  const short = new AdapterProcess();
  const outcomes = [
    short.ask("hello", { protocol: 1 }),
    short.ask("start", { config: {}, setup: {} }),
    short.ask("actor", { deployment: "d1", name: "alice" }),
  ];
  assert.equal(await short.end(), 0);
  for (const outcome of await Promise.all(outcomes)) assert.ok("ok" in outcome);
});

/** Skips a test where the release lacks `capability`, having seen that the adapter says so. */
async function lacks(capability, setup, t) {
  if (capabilities.includes(capability)) return false;
  const outcome = await adapter.ask("start", { config: {}, setup });
  assert.equal(typeof outcome.unsupported, "string");
  t.skip(outcome.unsupported);
  return true;
}

/** A folder for `setup.data`, which goes with the test. */
function dataFolder(t) {
  const path = mkdtempSync(join(tmpdir(), "keyspec-adapter-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Creates, lists, verifies, updates and deletes a key. */
async function liveThrough({ baseUrl, actor, call }) {
  const created = await post(`${baseUrl}/api-key/create`, actor.headers, { name: "first" });
  assert.equal(created.status, 200);
  const { id, key } = await created.json();
  assert.equal((await call("verifyApiKey", { body: { key } })).valid, true);
  const update = { keyId: id, userId: actor.userId, name: "second", remaining: 2 };
  assert.equal((await call("updateApiKey", { body: update })).name, "second");
  const [listed, ...others] = await listKeys({ baseUrl, actor });
  assert.deepEqual([listed.name, others.length], ["second", 0]);
  const verified = await call("verifyApiKey", { body: { key } });
  assert.equal(verified.key.remaining, 1);
  await call("deleteApiKey", { body: { keyId: id }, headers: actor.headers });
  assert.equal((await call("verifyApiKey", { body: { key } })).valid, false);
}

test("keys live in SQLite", async (t) => {
  if (await lacks("persistence", { storage: "sqlite" }, t)) return;
  await liveThrough(await startWithActor(NO_RATE_LIMIT, adapter, { storage: "sqlite" }));
  const [one, other] = await Promise.all(
    [1, 2].map(() => startWithActor(NO_RATE_LIMIT, adapter, { storage: "sqlite" })),
  );
  await one.call("createApiKey", { body: { userId: one.actor.userId } });
  assert.equal((await listKeys(other)).length, 0, "deployments share nothing");
});

test("storage that takes its time", async (t) => {
  const setups = [{ delay: true }];
  if (capabilities.includes("persistence")) setups.push({ delay: true, storage: "sqlite" });
  for (const setup of setups) {
    const started = await startWithActor(NO_RATE_LIMIT, adapter, setup);
    await liveThrough(started);
    const { key } = await started.call("createApiKey", { body: { userId: started.actor.userId } });
    const begin = performance.now();
    const verified = await Promise.all(
      Array.from({ length: 10 }, () => started.call("verifyApiKey", { body: { key } })),
    );
    assert.ok(verified.every(({ valid }) => valid));
    assert.ok(performance.now() - begin >= 2);
  }
});

const SECONDARY = { ...NO_RATE_LIMIT, storage: "secondary-storage" };

test("keys live in the secondary storage", async (t) => {
  if (await lacks("secondary-storage", { secondaryStorage: true }, t)) return;
  for (const setup of [{}, { delay: true }]) {
    for (const fallbackToDatabase of [false, true]) {
      const config = { ...SECONDARY, fallbackToDatabase };
      await liveThrough(await startWithActor(config, adapter, { ...setup, secondaryStorage: true }));
    }
  }
  const custom = { ...SECONDARY, customStorage: { preset: "storage:memory" } };
  await liveThrough(await startWithActor(custom));
  const { deployment } = await startWithActor(SECONDARY);
  const body = { userId: "u1" };
  const without = await adapter.ask("call", { deployment, method: "createApiKey", body });
  assert.equal(without.error.status, 500, "the release asks for a secondary storage");
});

test("the secondary storage forgets by the deployment's clock", async (t) => {
  if (await lacks("secondary-storage", { secondaryStorage: true }, t)) return;
  const { actor, call, advance, baseUrl } = await startWithActor(SECONDARY, adapter, {
    secondaryStorage: true,
  });
  const body = { userId: actor.userId, expiresIn: DAY / 1000 };
  const { key } = await call("createApiKey", { body });
  await advance(DAY);
  assert.equal((await call("verifyApiKey", { body: { key } })).valid, true);
  await advance(1);
  assert.equal((await call("verifyApiKey", { body: { key } })).valid, false);
  await advance(1000 * DAY);
  const created = await post(`${baseUrl}/api-key/create`, actor.headers, {});
  assert.equal(created.status, 200, "the actor's session is there still");
});

test("presets and options that a release does not have are unsupported", async () => {
  if (capabilities.includes("secondary-storage")) return;
  const configs = [SECONDARY, { customStorage: { preset: "storage:memory" } }];
  for (const config of configs) {
    const outcome = await adapter.ask("start", { config, setup: {} });
    assert.equal(typeof outcome.unsupported, "string");
  }
});

test("deferred work is done soon", async (t) => {
  const config = { ...SECONDARY, deferUpdates: true };
  const setup = { secondaryStorage: true, deferred: true };
  const outcome = await adapter.ask("start", { config, setup });
  if ("unsupported" in outcome) return t.skip(outcome.unsupported);
  const { deployment } = outcome.ok;
  const call = (method, members) => adapter.get("call", { deployment, method, ...members });
  const { key, id } = await call("createApiKey", { body: { userId: "u1", remaining: 5 } });
  assert.equal((await call("verifyApiKey", { body: { key } })).valid, true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const verified = await call("verifyApiKey", { body: { key } });
  assert.equal(verified.key.id, id);
  assert.equal(verified.key.remaining, 3, "the first use was written down");
});

test("an OpenAPI document is served where it is asked for", async () => {
  const schema = async (setup) => {
    const { baseUrl } = await startWithActor({}, adapter, setup);
    return fetch(`${baseUrl}/open-api/generate-schema`);
  };
  const { openapi, paths } = await (await schema({ openapi: true })).json();
  assert.match(openapi, /^3\./);
  assert.ok(paths["/api-key/create"]);
  assert.equal((await schema({})).status, 404);
});

test("an organization owns keys, and its roles are told what they may do", async (t) => {
  if (await lacks("organizations", { organizations: true }, t)) return;
  const config = [{ configId: "default" }, { configId: "teams", references: "organization" }];
  const organizations = { roles: { member: { apiKey: ["read"] } } };
  const { deployment, baseUrl, actor } = await startWithActor(config, adapter, { organizations });
  const member = await adapter.get("actor", { deployment, name: "bob" });
  const ask = async (path, { headers }, body) => {
    const response = await post(`${baseUrl}/organization/${path}`, headers, body);
    assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
    return response.json();
  };
  const { id } = await ask("create", actor, { name: "Acme", slug: "acme" });
  const { user } = await adapter.get("call", {
    deployment,
    method: "getSession",
    headers: member.headers,
  });
  const invitation = { email: user.email, role: "member", organizationId: id };
  const invited = await ask("invite-member", actor, invitation);
  await ask("accept-invitation", member, { invitationId: invited.id });
  const key = { configId: "teams", organizationId: id };
  const created = await post(`${baseUrl}/api-key/create`, actor.headers, key);
  assert.equal((await created.json()).referenceId, id);
  assert.equal((await post(`${baseUrl}/api-key/create`, member.headers, key)).status, 403);
  const list = `${baseUrl}/api-key/list?organizationId=${id}`;
  const { apiKeys } = await (await fetch(list, { headers: member.headers })).json();
  assert.equal(apiKeys.length, 1);
  const plain = await startWithActor(config, adapter, { organizations: true });
  const own = await post(`${plain.baseUrl}/organization/create`, plain.actor.headers, {
    name: "Plain",
    slug: "plain",
  });
  assert.equal(own.status, 200);
  const role = { organizations: { roles: { janitor: { apiKey: ["read"] } } } };
  assert.ok("unsupported" in (await adapter.ask("start", { config, setup: role })));
});

test("data outlives a stop, a process that ends and one that is killed", async (t) => {
  const setup = { storage: "sqlite", data: dataFolder(t) };
  if (await lacks("persistence", setup, t)) return;
  if (capabilities.includes("secondary-storage")) setup.secondaryStorage = true;
  const inSecondary = setup.secondaryStorage ? { storage: "secondary-storage" } : {};
  const config = {
    ...NO_RATE_LIMIT,
    ...inSecondary,
    customKeyGenerator: { preset: "generator:fixed-alphabet" },
  };
  const first = await startWithActor(config, adapter, setup);
  const { actor } = first;
  const keys = [await first.call("createApiKey", { body: { userId: actor.userId } })];
  const { now } = await first.advance(DAY);
  await first.stop();

  const goOn = async (host) => {
    const next = await startDeployment(config, host, setup);
    assert.ok(next.now >= now, "time does not go back");
    for (const { key } of keys) {
      assert.equal((await next.call("verifyApiKey", { body: { key } })).valid, true);
    }
    assert.equal((await listKeys({ ...next, actor })).length, keys.length);
    const created = await post(`${next.baseUrl}/api-key/create`, actor.headers, {});
    assert.equal(created.status, 200, "the actor is signed in still");
    keys.push(await created.json());
    await host.get("actor", { deployment: next.deployment, name: "alice" });
    return next;
  };
  await (await goOn(adapter)).stop();
  const killed = new AdapterProcess();
  await goOn(killed);
  await killed.kill();
  await (await goOn(adapter)).stop();
  assert.equal(new Set(keys.map(({ key }) => key)).size, 4);

  const inMemory = { storage: "memory", data: setup.data };
  assert.ok("unsupported" in (await adapter.ask("start", { config, setup: inMemory })));
});

test("data of older releases is taken over", { skip: olderDirectories.length === 0 }, async (t) => {
  const setup = { storage: "sqlite", data: dataFolder(t) };
  const keys = [];
  let actor;
  for (const directory of [...olderDirectories, releaseDirectory]) {
    const host = new AdapterProcess(directory);
    try {
      const started = await startDeployment(NO_RATE_LIMIT, host, setup);
      actor ??= await host.get("actor", { deployment: started.deployment, name: "alice" });
      for (const { key } of keys) {
        assert.equal((await started.call("verifyApiKey", { body: { key } })).valid, true, directory);
      }
      assert.equal((await listKeys({ ...started, actor })).length, keys.length, directory);
      await host.get("actor", { deployment: started.deployment, name: "bob" });
      keys.push(await started.call("createApiKey", { body: { userId: actor.userId } }));
      await started.stop();
    } finally {
      await host.end();
    }
  }
});

// Keys that act as sessions: none mints a key that holds more than itself.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CEILING, Client, Deployment, allowing, cookies } from "./deployment.mjs";
import { ABOVE, granted, onEach, refused } from "./expect.mjs";
import { selfGrant } from "./self-grant.mjs";

const READ = { files: ["read"] };
const WRITE = { files: ["write"] };

function sessions(permissions, others) {
  return allowing(permissions, { enableSessionForAPIKeys: true, ...others });
}

onEach("a key mints what it holds, and no more", async (deploy) => {
  const deployment = deploy(sessions());
  const alice = await deployment.user();
  const holder = deployment.holder(await alice.key({ permissions: { files: ["read"], users: [] } }));
  for (const permissions of [READ, {}, { users: [] }, { files: ["read"], users: [] }]) {
    await granted(holder, { permissions }, permissions);
  }
  for (const [permissions, exceeding] of [
    [CEILING, { files: ["write"], users: ["read"] }],
    [WRITE, WRITE],
    [{ users: ["read"] }, { users: ["read"] }],
    [{ root: [] }, { root: [] }],
  ]) {
    assert.deepEqual((await refused(holder, { permissions }, 403, ABOVE)).details, { exceeding });
  }
  const child = deployment.holder(await holder.key({ permissions: {} }));
  await refused(child, { permissions: READ }, 403, ABOVE);
});

onEach("what a key holds is no ceiling of its own", async (deploy) => {
  const deployment = deploy(sessions());
  const alice = await deployment.user();
  const strong = await deployment.trusted({ userId: alice.userId, permissions: { root: ["all"], files: ["read"] } });
  const holder = deployment.holder(strong);
  await refused(holder, { permissions: { root: ["all"] } }, 403, ABOVE);
  await granted(holder, { permissions: READ }, READ);
});

onEach("a key without permissions holds nothing", async (deploy) => {
  const deployment = deploy(sessions());
  const alice = await deployment.user();
  for (const key of [await alice.key(), await alice.key({ permissions: {} })]) {
    const holder = deployment.holder(key);
    await refused(holder, { permissions: READ }, 403, ABOVE);
    await granted(holder, { permissions: {} }, {});
    await granted(holder, {}, null);
  }
});

onEach("no ceiling does not free a key", async (deploy) => {
  const deployment = deploy(sessions({ maxPermissions: undefined }));
  const alice = await deployment.user();
  const holder = deployment.holder(await alice.key({ permissions: READ }));
  await refused(holder, { permissions: WRITE }, 403, ABOVE);
  await granted(alice, { permissions: WRITE }, WRITE);
});

onEach("the defaults widen no key", async (deploy) => {
  const defaultPermissions = { files: ["read", "delete"] };
  const deployment = deploy(sessions({ defaultPermissions }));
  const alice = await deployment.user();
  const body = await refused(deployment.holder(await alice.key({ permissions: READ })), {}, 403, ABOVE);
  assert.equal(body.details, undefined, "the client named nothing");
  assert.doesNotMatch(JSON.stringify(body), /delete/);
  await granted(deployment.holder(await alice.key()), {}, defaultPermissions);
  const clamping = deploy(sessions({ defaultPermissions, whenAboveMaximum: "clamp" }));
  const bob = await clamping.user();
  await granted(clamping.holder(await bob.key({ permissions: READ })), {}, READ);
});

onEach("a clamping deployment clamps to both", async (deploy) => {
  const deployment = deploy(sessions({ whenAboveMaximum: "clamp" }));
  const alice = await deployment.user();
  const holder = deployment.holder(await alice.key({ permissions: { files: ["read"], users: ["read"] } }));
  const permissions = { files: ["read", "write"], users: ["write"], root: ["all"] };
  await granted(holder, { permissions }, { files: ["read"], users: [] });
});

onEach("every header and a getter", async (deploy) => {
  const customAPIKeyGetter = ({ headers }) => headers?.get("authorization")?.replace("Key ", "") ?? null;
  for (const [header, others] of [
    ["x-one", { apiKeyHeaders: ["x-one", "x-two"] }],
    ["X-TWO", { apiKeyHeaders: ["x-one", "x-two"] }],
    ["X-Api-Key", {}],
    ["authorization", { customAPIKeyGetter }],
  ]) {
    const deployment = deploy(sessions({}, others));
    const alice = await deployment.user();
    const key = await alice.key({ permissions: READ });
    const value = header === "authorization" ? `Key ${key.key}` : key.key;
    const holder = new Client(deployment, { [header]: value });
    await refused(holder, { permissions: WRITE }, 403, ABOVE);
    await granted(holder, { permissions: READ }, READ);
    await refused(alice.with({ [header]: value }), { permissions: WRITE }, 403, ABOVE);
  }
});

onEach("a key beside a cookie is the key", async (deploy) => {
  const deployment = deploy(sessions({}, { apiKeyHeaders: ["x-api-key", "x-two"] }));
  const [alice, mallory] = [await deployment.user(), await deployment.user()];
  const weak = await mallory.key({ permissions: READ });
  const strong = await mallory.key({ permissions: CEILING });
  for (const user of [alice, mallory]) {
    await refused(user.with({ "x-api-key": weak.key }), { permissions: WRITE }, 403, ABOVE);
    // The first header that is there decides.
    await refused(user.with({ "x-api-key": weak.key, "x-two": strong.key }), { permissions: WRITE }, 403, ABOVE);
    const made = await user.with({ "x-api-key": strong.key, "x-two": weak.key }).key({ permissions: WRITE });
    assert.equal(made.referenceId ?? made.userId, mallory.userId, "the key's owner owns what it makes");
  }
  await granted(alice.with({ "x-api-key": "" }), { permissions: WRITE }, WRITE);
  const twice = new Headers([["x-api-key", weak.key], ["x-api-key", strong.key]]);
  assert.notEqual((await deployment.nobody.create({ permissions: WRITE }, Object.fromEntries(twice))).status, 200);
});

onEach("a key where keys are no sessions is nobody", async (deploy) => {
  const deployment = deploy(allowing());
  const alice = await deployment.user();
  const key = await alice.key({ permissions: READ });
  await refused(deployment.holder(key), { permissions: READ }, 401, /^UNAUTHORIZED/);
  await granted(alice.with({ "x-api-key": key.key }), { permissions: WRITE }, WRITE);
});

onEach("the cookie of a key's session is the key's", async (deploy, release) => {
  const deployment = deploy(sessions(), { session: { cookieCache: { enabled: true, maxAge: 300 } } });
  const alice = await deployment.user();
  const key = await alice.key({ permissions: READ });
  const holder = deployment.holder(key);
  const renewed = await holder.post("/update-user", { name: "renewed" });
  assert.equal(renewed.status, 200);
  const cookie = cookies(renewed.headers);
  const laundered = new Client(deployment, { cookie, origin: alice.headers.origin });
  for (const client of [laundered, laundered.with({ "x-api-key": key.key })]) {
    const reply = await client.create({ permissions: WRITE });
    assert.ok([401, 403].includes(reply.status), `${release}: ${reply.status}`);
  }
  // Up to 1.6.15 the cookie alone is a session, for as long as its cache lasts.
  if (release === "1.4") {
    assert.match(cookie, /session_data/);
    await granted(laundered, { permissions: READ }, READ);
    await refused(laundered, { permissions: WRITE }, 403, ABOVE);
    for (const change of [{ enabled: false }, { enabled: true, permissions: {} }]) {
      await deployment.auth.api.updateApiKey({ body: { keyId: key.id, userId: alice.userId, ...change } });
      await refused(laundered, { permissions: READ }, 403, ABOVE);
    }
    await alice.post("/api-key/delete", { keyId: key.id });
    await refused(laundered, { permissions: READ }, 403, ABOVE);
  }
});

onEach("a key that is gone, disabled or used up while it is used holds nothing", async (deploy) => {
  const deployment = deploy(sessions());
  const alice = await deployment.user();
  const key = await alice.key({ permissions: READ });
  const { internalAdapter } = await deployment.auth.$context;
  const findSession = internalAdapter.findSession;
  const row = () => deployment.tables.apikey.find(({ id }) => id === key.id);
  const changes = [
    () => Object.assign(row(), { expiresAt: new Date(0) }),
    () => Object.assign(row(), { expiresAt: null, enabled: false }),
    () => deployment.tables.apikey.splice(deployment.tables.apikey.indexOf(row()), 1),
  ];
  for (const change of changes) {
    // The release has looked at the key; now it changes.
    internalAdapter.findSession = (...given) => (change(), findSession(...given));
    const reply = await deployment.holder(key).create({ permissions: READ });
    internalAdapter.findSession = findSession;
    assert.equal(reply.status, 403, JSON.stringify(reply.body));
    assert.equal(deployment.tables.apikey.length <= 1, true);
    const found = row();
    if (found) Object.assign(found, { expiresAt: null, enabled: true });
  }
});

onEach("what a key holds now counts", async (deploy) => {
  const deployment = deploy(sessions());
  const alice = await deployment.user();
  const key = await alice.key({ permissions: READ });
  const holder = deployment.holder(key);
  const set = (permissions) =>
    deployment.auth.api.updateApiKey({ body: { keyId: key.id, userId: alice.userId, permissions } });
  await set(WRITE);
  await granted(holder, { permissions: WRITE }, WRITE);
  await refused(holder, { permissions: READ }, 403, ABOVE);
  await set(null);
  await refused(holder, { permissions: WRITE }, 403, ABOVE);
});

onEach("sessions and keys in a secondary storage", async (deploy) => {
  const storage = new Map();
  const secondaryStorage = {
    get: (name) => storage.get(name) ?? null,
    set: (name, value) => void storage.set(name, value),
    delete: (name) => void storage.delete(name),
  };
  for (const others of [{}, { storage: "secondary-storage" }, { storage: "secondary-storage", fallbackToDatabase: true }]) {
    const deployment = deploy(sessions({}, others), { secondaryStorage });
    const alice = await deployment.user();
    await granted(alice, { permissions: WRITE }, WRITE);
    const holder = deployment.holder(await alice.key({ permissions: READ }));
    await granted(holder, { permissions: READ }, READ);
    const { status, body } = await holder.create({ permissions: WRITE });
    assert.deepEqual([status, body.code], [403, ABOVE]);
  }
});

onEach("a key's own update and server calls in its name", async (deploy) => {
  const deployment = deploy(sessions());
  const alice = await deployment.user();
  const key = await alice.key({ permissions: READ });
  const holder = deployment.holder(key);
  for (const permissions of [CEILING, WRITE, {}, null]) {
    assert.equal((await holder.post("/api-key/update", { keyId: key.id, permissions })).status, 400);
  }
  const headers = new Headers(holder.headers);
  const call = (permissions) => deployment.auth.api.createApiKey({ headers, body: { permissions } });
  await assert.rejects(call(WRITE), ({ statusCode }) => statusCode === 403);
  assert.deepEqual((await call(READ)).permissions, READ);
});

test("a key of one configuration bounds what it mints in another", async () => {
  const deployment = new Deployment([
    sessions({}, { configId: "default" }),
    allowing({}, { configId: "other" }),
    sessions({}, { configId: "third", apiKeyHeaders: "x-third" }),
  ]);
  const alice = await deployment.user();
  for (const [configId, header] of [["default", "x-api-key"], ["third", "x-third"]]) {
    const holder = deployment.holder(await alice.key({ configId, permissions: READ }), header);
    for (const target of ["default", "other", "third", "unknown"]) {
      await refused(holder, { configId: target, permissions: WRITE }, 403, ABOVE);
      assert.deepEqual((await holder.key({ configId: target, permissions: READ })).permissions, READ);
    }
  }
});

test("where clients may set nothing, a key's session gets the defaults as ever", async () => {
  const defaultPermissions = { files: ["delete"] };
  const deployment = new Deployment([
    sessions({}, { configId: "default" }),
    { configId: "closed", permissions: { defaultPermissions } },
  ]);
  const alice = await deployment.user();
  const holder = deployment.holder(await alice.key({ permissions: READ }));
  assert.deepEqual((await holder.key({ configId: "closed" })).permissions, defaultPermissions);
});

onEach("a key that is no session any longer is nobody", async (deploy) => {
  const deployment = deploy(sessions());
  const alice = await deployment.user();
  for (const change of [{ enabled: false }, { expiresAt: new Date(0) }]) {
    const key = await alice.key({ permissions: READ });
    Object.assign(deployment.tables.apikey.find(({ id }) => id === key.id), change);
    for (const client of [deployment.holder(key), alice.with({ "x-api-key": key.key })]) {
      const { status, body } = await client.create({ permissions: READ });
      assert.equal(status, 401, JSON.stringify(body));
    }
  }
});

onEach("a look at the key is no use of it", async (deploy) => {
  const deployment = deploy(sessions());
  const alice = await deployment.user();
  const key = await deployment.trusted({ userId: alice.userId, permissions: READ, remaining: 3 });
  const holder = deployment.holder(key);
  for (const permissions of [READ, WRITE]) await holder.create({ permissions });
  const { body } = await alice.send("GET", `/api-key/get?id=${key.id}`);
  assert.equal(body.remaining, 1);
});

test("in doubt about a session nothing is granted", async () => {
  const ask = (findSession, getApiKey) => {
    const createApiKey = async (ctx) => configuration.permissions.defaultPermissions("owner", ctx);
    let configuration;
    const plugin = selfGrant((given) => {
      configuration = given;
      return { id: "api-key", endpoints: { createApiKey, getApiKey } };
    }, allowing());
    const context = { session: { session: { id: "1", token: "t" } }, internalAdapter: { findSession } };
    const error = (status, body) => Object.assign(new Error(status), { body });
    return plugin.endpoints.createApiKey({ context, error, headers: new Headers(), body: { permissions: READ } });
  };
  const nothing = async () => null;
  const notFound = async () => Promise.reject(Object.assign(new Error("not found"), { status: "NOT_FOUND" }));
  const broken = async () => Promise.reject(new Error("the database is gone"));
  const another = async () => ({ session: { id: "2", token: "t" } });
  assert.deepEqual(await ask(async () => ({ session: { id: "1", token: "t" } }), broken), READ);
  for (const found of [nothing, another]) {
    await assert.rejects(ask(found, notFound), ({ body }) => body.code === ABOVE);
    await assert.rejects(ask(found, broken), /the database is gone/);
  }
  await assert.rejects(ask(broken, notFound), /the database is gone/);
});

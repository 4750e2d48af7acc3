// What the overlay promises, on two releases.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CEILING, Deployment, allowing } from "./deployment.mjs";
import { ABOVE, SERVER_ONLY, granted, onEach, refused } from "./expect.mjs";
import { selfGrant } from "./self-grant.mjs";

onEach("off by default", async (deploy) => {
  const configurations = [
    {},
    { permissions: { maxPermissions: CEILING } },
    { permissions: { allowClientPermissions: false, maxPermissions: CEILING } },
  ];
  for (const configuration of configurations) {
    const deployment = deploy(configuration);
    const alice = await deployment.user();
    for (const permissions of [{ files: ["read"] }, {}, { root: ["all"] }]) {
      await refused(alice, { permissions }, 400, SERVER_ONLY);
    }
    await granted(alice, {}, null);
  }
});

onEach("without a session nothing is told", async (deploy) => {
  const { nobody } = deploy(allowing());
  const replies = [{ files: ["read"] }, { files: ["delete"] }, {}].map(async (permissions) => {
    const reply = await refused(nobody, { permissions }, 401, /^UNAUTHORIZED/);
    return JSON.stringify(reply);
  });
  assert.equal(new Set(await Promise.all(replies)).size, 1);
});

onEach("within the ceiling", async (deploy) => {
  const alice = await deploy(allowing({ defaultPermissions: { other: ["thing"] } })).user();
  const wishes = [
    CEILING,
    { files: ["read"] },
    { users: ["read"], files: ["write", "read", "read"] },
    { files: [] },
    {},
  ];
  for (const permissions of wishes) await granted(alice, { permissions }, permissions);
  await granted(alice, {}, { other: ["thing"] });
});

onEach("above the ceiling", async (deploy) => {
  const alice = await deploy(allowing()).user();
  const cases = [
    [{ files: ["delete"] }, { files: ["delete"] }],
    [{ files: ["read", "delete"], users: ["read"] }, { files: ["delete"] }],
    [{ files: ["read"], root: ["all"] }, { root: ["all"] }],
    [{ root: [] }, { root: [] }],
    [{ Files: ["read"] }, { Files: ["read"] }],
    [{ files: ["read "] }, { files: ["read "] }],
    [{ files: ["*"] }, { files: ["*"] }],
    [{ "*": ["read"] }, { "*": ["read"] }],
    [{ files: ["rea", "readx", "réad", "\u{ff52}ead"] }, { files: ["rea", "readx", "réad", "\u{ff52}ead"] }],
    [{ users: ["write"] }, { users: ["write"] }],
  ];
  for (const [permissions, exceeding] of cases) {
    const body = await refused(alice, { permissions }, 403, ABOVE);
    assert.deepEqual(body.details, { exceeding });
    assert.doesNotMatch(body.message, /files|users/);
  }
});

onEach("an empty ceiling, and none", async (deploy) => {
  const alice = await deploy(allowing({ maxPermissions: {} })).user();
  await refused(alice, { permissions: { files: [] } }, 403, ABOVE);
  await granted(alice, { permissions: {} }, {});
  const bob = await deploy(allowing({ maxPermissions: undefined })).user();
  await granted(bob, { permissions: { root: ["all"] } }, { root: ["all"] });
});

onEach("clamped", async (deploy) => {
  const alice = await deploy(allowing({ whenAboveMaximum: "clamp" })).user();
  const permissions = { files: ["write", "delete"], users: ["write"], root: ["all"] };
  const key = await granted(alice, { permissions }, { files: ["write"], users: [] });
  assert.equal(await alice.deployment.verifies(key, { files: ["delete"] }), false);
  await granted(alice, { permissions: { root: ["all"] } }, {});
  await granted(alice, { permissions: CEILING }, CEILING);
});

onEach("names that every object knows are ordinary", async (deploy) => {
  const alice = await deploy(allowing()).user();
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "valueOf"];
  for (const name of names) {
    const wish = `{"permissions":{"${name}":["read"]}}`;
    const { details } = await refused(alice, wish, 403, ABOVE);
    assert.deepEqual(Object.keys(details.exceeding), [name]);
    await refused(alice, { permissions: { files: [name] } }, 403, ABOVE);
    await refused(alice, `{"permissions":{"${name}":[]}}`, 403, ABOVE);
    const ceiling = JSON.parse(`{"${name}":["read"]}`);
    const bob = await deploy(allowing({ maxPermissions: ceiling })).user();
    const key = await bob.key(`{"permissions":{"${name}":["read"]}}`);
    assert.deepEqual(Object.entries(key.permissions), [[name, ["read"]]]);
    await refused(bob, `{"permissions":{"${name}":["write"]}}`, 403, ABOVE);
  }
  assert.equal({}.read, undefined);
});

onEach("a wrong shape is no matter of the ceiling", async (deploy) => {
  const alice = await deploy(allowing({ maxPermissions: {} })).user();
  const elsewhere = await deploy({}).user();
  const wrong = ["null", "[]", '"files"', "1", "true", '{"files":"read"}', '{"files":null}', '{"files":[1]}'];
  wrong.push('{"files":{"0":"read","length":1}}', '{"files":[["read"]]}', '{"files":["read",null]}');
  for (const permissions of wrong) {
    const request = `{"permissions":${permissions}}`;
    const body = await refused(alice, request, 400, "VALIDATION_ERROR");
    assert.deepEqual(body, (await elsewhere.create(request)).body, "in the release's own words");
  }
  await refused(alice, '{"permissions":{"__proto__":"read"}}', 400, "VALIDATION_ERROR");
  await refused(alice, { permissions: { root: ["all"] }, name: 5 }, 400, "VALIDATION_ERROR");
});

onEach("nothing else is freed", async (deploy, release) => {
  const alice = await deploy(allowing({}, { enableMetadata: false, minimumNameLength: 3 })).user();
  const properties = { remaining: 5, refillAmount: 1, refillInterval: 1, rateLimitMax: 1, rateLimitTimeWindow: 1 };
  for (const property of Object.entries({ ...properties, rateLimitEnabled: false })) {
    const others = Object.fromEntries([property]);
    await refused(alice, { permissions: { files: ["read"] }, ...others }, 400, SERVER_ONLY);
    await refused(alice, { permissions: {}, ...others }, 400, SERVER_ONLY);
    await refused(alice, others, 400, SERVER_ONLY);
  }
  const permissions = { files: ["read"] };
  const mallory = await alice.deployment.user();
  await refused(alice, { permissions, userId: mallory.userId }, 401, /^UNAUTHORIZED/);
  if (release !== "1.4") await refused(alice, { permissions, userId: alice.userId }, 401, /^UNAUTHORIZED/);
  await refused(alice, { permissions, name: "x" }, 400, /NAME/);
  await refused(alice, { permissions, prefix: "x".repeat(33) }, 400, /PREFIX/);
  await refused(alice, { permissions, expiresIn: 60 }, 400, /TOO_SMALL|SMALLER/);
  await refused(alice, { permissions, metadata: { a: 1 } }, 400, /METADATA/);
});

onEach("an update changes no permissions", async (deploy) => {
  const deployment = deploy(allowing());
  const alice = await deployment.user();
  const key = await alice.key({ permissions: { files: ["read"] } });
  for (const permissions of [{ files: ["write"] }, {}, { files: ["read"] }, null, { root: ["all"] }]) {
    for (const others of [{}, { userId: alice.userId }, { name: "new" }]) {
      const { status } = await alice.post("/api-key/update", { keyId: key.id, permissions, ...others });
      assert.equal(status, 400);
    }
  }
  const { body } = await alice.send("GET", `/api-key/get?id=${key.id}`);
  assert.deepEqual([body.permissions, body.name], [{ files: ["read"] }, null]);
});

onEach("the server is not capped, a server call with a client's headers is", async (deploy) => {
  const deployment = deploy(allowing({ defaultPermissions: { files: ["read"] } }));
  const alice = await deployment.user();
  const permissions = { root: ["all"] };
  assert.deepEqual((await deployment.trusted({ userId: alice.userId, permissions })).permissions, permissions);
  assert.deepEqual((await deployment.trusted({ userId: alice.userId })).permissions, { files: ["read"] });
  const call = (body, others) => deployment.auth.api.createApiKey({ headers: new Headers(alice.headers), body, ...others });
  const body = Object.freeze({ permissions: Object.freeze({ files: Object.freeze(["write"]) }) });
  assert.deepEqual((await call(body)).permissions, { files: ["write"] });
  assert.deepEqual(body, { permissions: { files: ["write"] } }, "the caller's body is the caller's");
  const before = deployment.keys;
  await assert.rejects(call({ permissions }), (error) => error.statusCode === 403 && error.body.code === ABOVE);
  await assert.rejects(call({ permissions, userId: alice.userId }), ({ statusCode }) => statusCode === 403);
  await assert.rejects(call({ permissions: new Map() }), ({ body }) => body.code === "VALIDATION_ERROR");
  const nobody = { headers: new Headers(), body: { permissions: {}, userId: alice.userId } };
  await assert.rejects(deployment.auth.api.createApiKey(nobody), ({ statusCode }) => statusCode === 401);
  assert.equal((await call({ permissions }, { asResponse: true })).status, 403);
  // A request without headers beside it is a client's, and has no session.
  const request = new Request(deployment.baseUrl, { headers: alice.headers });
  const alone = await deployment.auth.api.createApiKey({ request, body: { permissions } }).catch((error) => error);
  assert.equal(alone.statusCode ?? alone.status, 401);
  assert.equal(deployment.keys, before);
});

onEach("defaults are the server's own choice", async (deploy) => {
  const seen = [];
  const defaultPermissions = async (owner, ctx) => {
    seen.push([owner, typeof ctx.context]);
    return { root: ["all"] };
  };
  const alice = await deploy(allowing({ defaultPermissions })).user();
  await granted(alice, {}, { root: ["all"] });
  assert.deepEqual(seen, [[alice.userId, "object"]]);
  await granted(alice, { permissions: { files: ["read"] } }, { files: ["read"] });
});

onEach("what a mistaken option would open stays shut", (deploy) => {
  const mistakes = [
    { allowClientPermissions: "true" },
    { allowClientPermissions: true, maxPermissions: null },
    { allowClientPermissions: true, maxPermissions: ["files"] },
    { allowClientPermissions: true, maxPermissions: { files: "read" } },
    { allowClientPermissions: true, maxPermissions: new Map([["files", ["read"]]]) },
    { allowClientPermissions: true, whenAboveMaximum: "trim" },
  ];
  for (const permissions of mistakes) assert.throws(() => deploy({ permissions }), TypeError);
});

onEach("options are read once", async (deploy) => {
  const maxPermissions = { files: ["read"] };
  const alice = await deploy(allowing({ maxPermissions })).user();
  maxPermissions.files.push("write");
  maxPermissions.root = ["all"];
  await refused(alice, { permissions: { files: ["write"] } }, 403, ABOVE);
  await refused(alice, { permissions: { root: ["all"] } }, 403, ABOVE);
});

test("each configuration has its own ceiling, and its own switch", async () => {
  const deployment = new Deployment([
    allowing({ maxPermissions: { files: ["read"] } }, { configId: "default" }),
    allowing({ maxPermissions: { users: ["read"] } }, { configId: "users" }),
    allowing({ maxPermissions: { users: ["write"] }, whenAboveMaximum: "clamp" }, { configId: "clamps" }),
    { configId: "closed", permissions: { maxPermissions: { files: ["read"] }, defaultPermissions: { files: ["read"] } } },
  ]);
  const alice = await deployment.user();
  const files = { files: ["read"] };
  const users = { users: ["read"] };
  for (const configId of [undefined, "default", "", "unknown", "__proto__", "constructor"]) {
    assert.deepEqual((await alice.key({ configId, permissions: files })).permissions, files);
    await refused(alice, { configId, permissions: users }, 403, ABOVE);
  }
  assert.deepEqual((await alice.key({ configId: "users", permissions: users })).permissions, users);
  await refused(alice, { configId: "users", permissions: files }, 403, ABOVE);
  assert.deepEqual((await alice.key({ configId: "clamps", permissions: users })).permissions, { users: [] });
  for (const permissions of [files, {}, users]) {
    await refused(alice, { configId: "closed", permissions }, 400, SERVER_ONLY);
    await refused(deployment.nobody, { configId: "closed", permissions }, 400, SERVER_ONLY);
  }
  assert.deepEqual((await alice.key({ configId: "closed" })).permissions, files);
  for (const configId of [5, null, ["users"], { users: 1 }]) {
    await refused(alice, { configId, permissions: files }, 400, "VALIDATION_ERROR");
  }
});

test("the default configuration need not be the first", async () => {
  const closed = { configId: "closed" };
  const own = allowing({ maxPermissions: { own: ["thing"] } }, { configId: "own" });
  const alice = await new Deployment([closed, own, allowing({}, { configId: "default" })]).user();
  for (const configId of [undefined, "unknown", "default"]) {
    assert.deepEqual((await alice.key({ configId, permissions: CEILING })).permissions, CEILING);
  }
  await refused(alice, { configId: "own", permissions: CEILING }, 403, ABOVE);
  await refused(alice, { configId: "closed", permissions: CEILING }, 400, SERVER_ONLY);
});

test("a release that took another configuration than the one named gets no permissions for it", async () => {
  let taken;
  const apiKey = (configurations) => ({
    id: "api-key",
    endpoints: {
      createApiKey: async (ctx) => configurations[taken].permissions.defaultPermissions("owner", ctx),
      getApiKey: async () => undefined,
    },
  });
  const plugin = selfGrant(apiKey, [
    { configId: "default", permissions: { allowClientPermissions: true, maxPermissions: { files: ["read"] } } },
    { configId: "other", permissions: { allowClientPermissions: true } },
    { configId: "closed", permissions: { defaultPermissions: { root: ["all"] } } },
  ]);
  const session = { session: { id: "1", token: "t" } };
  const context = { session, internalAdapter: { findSession: async () => session } };
  const create = (configId) =>
    plugin.endpoints.createApiKey({ headers: new Headers(), context, body: { configId, permissions: { files: ["read"] } } });
  taken = 0;
  assert.deepEqual(await create("default"), { files: ["read"] });
  for (taken of [1, 2]) await assert.rejects(create("default"), /another configuration/);
});

test("without a default configuration an unknown one is refused as ever", async () => {
  const alice = await new Deployment([allowing({}, { configId: "a" })]).user();
  await refused(alice, { permissions: { files: ["read"] } }, 400, "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND");
  await refused(alice, { configId: "b", permissions: {} }, 400, "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND");
  assert.deepEqual((await alice.key({ configId: "a", permissions: CEILING })).permissions, CEILING);
});

// Requests that try to slip past the overlay: forms of bodies, of paths, other plugins, many at once.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { test } from "node:test";

import { createAuthEndpoint, createAuthMiddleware } from "better-auth/api";
import { toNodeHandler } from "better-auth/node";
import { bearer } from "better-auth/plugins";

import { CEILING, Client, Deployment, allowing } from "./deployment.mjs";
import { ABOVE, granted, onEach, refused } from "./expect.mjs";

const READ = { files: ["read"] };
const ROOT = { root: ["all"] };

onEach("of members that are named twice the last counts, for all", async (deploy) => {
  const alice = await deploy(allowing()).user();
  await refused(alice, '{"permissions":{"files":["read"]},"permissions":{"root":["all"]}}', 403, ABOVE);
  await refused(alice, '{"permissions":{"files":["read"],"files":["delete"]}}', 403, ABOVE);
  await granted(alice, '{"permissions":{"root":["all"]},"permissions":{"files":["read"]}}', READ);
  await granted(alice, '{"permissions":{"files":["delete"],"files":["read"]}}', READ);
});

onEach("a body that is no plain object of its own members", async (deploy) => {
  const alice = await deploy(allowing()).user();
  for (const body of ['[{"permissions":{"root":["all"]}}]', '"permissions"', "null", "5", "[]"]) {
    assert.equal((await alice.create(body)).status, 400, body);
  }
  const hidden = ['{"__proto__":{"permissions":{"root":["all"]}}}', '{"constructor":{"prototype":{"permissions":{"root":["all"]}}}}'];
  for (const body of hidden) await granted(alice, body, null);
  await refused(alice, '{"__proto__":{"permissions":{}},"permissions":{"root":["all"]}}', 403, ABOVE);
  await refused(alice, '{"__proto__":{"configId":"x"},"permissions":{"root":["all"]}}', 403, ABOVE);
  assert.equal({}.permissions, undefined);
});

onEach("names are compared as they are stored", async (deploy) => {
  const ceiling = { "fi\u0000les": ["\ud800", "e\u0301", ""], "": ["read"], "1": ["a"], "2": ["b"] };
  const alice = await deploy(allowing({ maxPermissions: ceiling })).user();
  const wish = '{"permissions":{"fi\\u0000les":["\\ud800","e\\u0301",""],"":["read"],"2":["b"],"1":["a"]}}';
  assert.deepEqual((await alice.key(wish)).permissions, ceiling);
  for (const name of ["\\ud801", "\\u00e9", " ", "\\ufffd"]) {
    await refused(alice, `{"permissions":{"fi\\u0000les":["${name}"]}}`, 403, ABOVE);
  }
  await refused(alice, '{"permissions":{"fi":["read"]}}', 403, ABOVE);
});

onEach("content types", async (deploy) => {
  const alice = await deploy(allowing()).user();
  const json = JSON.stringify({ permissions: ROOT });
  const form = "permissions[root][]=all&permissions=%7B%22root%22%3A%5B%22all%22%5D%7D";
  const part = '--x\r\ncontent-disposition: form-data; name="permissions"\r\n\r\n{"root":["all"]}\r\n--x--\r\n';
  for (const [type, body] of [
    ["application/x-www-form-urlencoded", form],
    ["application/x-www-form-urlencoded+application/json", form],
    ["multipart/form-data; boundary=x", part],
    ["multipart/form-data+application/json; boundary=x", part],
    ["text/plain", json],
    ["text/plain+application/json", json],
    ["application/octet-stream+application/json", json],
    ["application/JSON; charset=utf-16", json],
    ["application/vnd.api+json", json],
    ["application/json; charset=utf-8; x=application/x-www-form-urlencoded", json],
    ["", json],
  ]) {
    const { status, body: reply } = await alice.create(body, { "content-type": type });
    // Bytes that the release does not read make a key as an empty body does.
    assert.ok(status >= 400 || reply.permissions === null, `${type}: ${status}`);
  }
  const types = ["application/json;charset=UTF-8", "APPLICATION/json"];
  for (const type of types) await refused(alice, json, 403, ABOVE, { "content-type": type });
});

onEach("paths and methods", async (deploy) => {
  for (const options of [{}, { advanced: { skipTrailingSlashes: true } }, { basePath: "/some/where" }, { basePath: "/" }]) {
    const deployment = deploy(allowing(), options);
    const alice = await deployment.user();
    const paths = ["", "/", "//", "/.", "/../create", "?a=b", "#c", ";d", "%2f", "/x"];
    const all = paths.map((end) => `/api-key/create${end}`);
    all.push("//api-key/create", "/api-key//create", "/API-KEY/create", "/api-key/%63reate", "/api-key/../api-key/create", "/x/../api-key/create");
    for (const path of all) {
      for (const method of ["POST", "PUT", "PATCH", "post", "GET"]) {
        const before = deployment.keys;
        const body = method === "GET" ? undefined : { permissions: ROOT };
        const headers = { "x-http-method-override": "POST", "x-method": "POST" };
        const { status } = await alice.send(method, path, body, headers);
        assert.ok([403, 404, 405].includes(status), `${method} ${path}: ${status}`);
        assert.equal(deployment.keys, before);
      }
    }
    await granted(alice, { permissions: READ }, READ);
  }
});

onEach("a query is not the body", async (deploy) => {
  const alice = await deploy(allowing()).user();
  const query = `permissions=${encodeURIComponent(JSON.stringify(ROOT))}&permissions[root]=all`;
  const reply = await alice.post(`/api-key/create?${query}&disableCookieCache=`, { permissions: READ });
  assert.deepEqual(reply.body.permissions, READ);
});

onEach("what other plugins make of a request is a client's request still", async (deploy) => {
  const cases = [
    // A hook that adds what the client has not sent: the server's code, but under the client's rules as ever.
    [(ctx) => ({ context: { ...ctx, body: { ...ctx.body, permissions: ROOT } } }), {}, 403],
    [(ctx) => ({ context: { body: { name: "renamed" } } }), { permissions: ROOT }, 403],
    [(ctx) => ({ context: { body: { permissions: { files: ["delete"] } } } }), { permissions: READ }, 403],
    [() => undefined, { permissions: ROOT }, 403],
    [(ctx) => void (ctx.body.permissions = { files: ["write"] }), { permissions: ROOT }, 200],
  ];
  for (const [handler, body, expected] of cases) {
    for (const place of ["before", "after"]) {
      const hook = { matcher: ({ path }) => path === "/api-key/create", handler: createAuthMiddleware(async (ctx) => handler(ctx)) };
      const alice = await deploy(allowing(), { [place]: [{ id: "other", hooks: { before: [hook] } }] }).user();
      const reply = await alice.create(body);
      assert.equal(reply.status, expected, JSON.stringify(reply.body));
    }
  }
});

test("hooks after the endpoint see the key, and what was sent", async () => {
  const seen = [];
  const handler = createAuthMiddleware(async (ctx) => {
    if (ctx.path === "/api-key/create") seen.push([ctx.context.returned?.permissions, ctx.context.session?.user.id]);
  });
  const deployment = new Deployment(allowing(), { hooks: { after: handler } });
  const alice = await deployment.user();
  await alice.key({ permissions: READ });
  assert.deepEqual(seen, [[READ, alice.userId]]);
});

test("the endpoint as a function, without hooks", async () => {
  let plugin;
  const plain = { asResponse: false, returnHeaders: false, returnStatus: false };
  const mint = createAuthEndpoint("/mint", { method: "POST" }, (ctx) => plugin.endpoints.createApiKey({ ...ctx, ...plain }));
  // The server's own code for a user of its choice: neither request nor headers are handed on.
  const trust = createAuthEndpoint("/trust", { method: "POST" }, ({ context }) =>
    plugin.endpoints.createApiKey({ context, body: { userId: context.session.user.id } }),
  );
  const configuration = allowing({ defaultPermissions: ROOT }, { enableSessionForAPIKeys: true });
  const deployment = new Deployment(configuration, { after: [{ id: "own", endpoints: { mint, trust } }] });
  ({ plugin } = deployment);
  const alice = await deployment.user();
  assert.deepEqual((await alice.post("/mint", { permissions: READ })).body.permissions, READ);
  const { status, body } = await alice.post("/mint", { permissions: ROOT });
  assert.deepEqual([status, body.code], [403, ABOVE]);
  const holder = deployment.holder(await alice.key({ permissions: READ }));
  assert.equal((await holder.post("/mint", {})).status, 403);
  assert.deepEqual((await holder.post("/trust", {})).body.permissions, ROOT);
  const { createApiKey } = plugin.endpoints;
  assert.deepEqual([createApiKey.path, createApiKey.options.method], ["/api-key/create", "POST"]);
});

test("the user's session by another header", async () => {
  const deployment = new Deployment(allowing({}, { enableSessionForAPIKeys: true }), { after: [bearer()] });
  const account = { name: "b", email: "b@example.com", password: "correct horse" };
  const { headers } = await deployment.nobody.post("/sign-up/email", account);
  const alice = new Client(deployment, { authorization: `Bearer ${headers.get("set-auth-token")}` });
  await granted(alice, { permissions: CEILING }, CEILING);
  await refused(alice, { permissions: ROOT }, 403, ABOVE);
  const weak = await alice.key({ permissions: READ });
  await refused(alice.with({ "x-api-key": weak.key }), { permissions: CEILING }, 403, ABOVE);
  const keyAsToken = new Client(deployment, { authorization: `Bearer ${weak.key}` });
  await refused(keyAsToken, { permissions: READ }, 401, /^UNAUTHORIZED/);
});

onEach("a foreign origin and the framework's rate limit come first", async (deploy) => {
  const alice = await deploy(allowing(), { rateLimit: { enabled: true, window: 100, max: 3 } }).user();
  const foreign = await alice.create({ permissions: READ }, { origin: "https://evil.example.com" });
  assert.equal(foreign.status, 403);
  assert.doesNotMatch(JSON.stringify(foreign.body), /PERMISSIONS|files/);
  const statuses = [];
  for (let count = 0; count < 6; count += 1) {
    statuses.push((await alice.create({ permissions: ROOT }, { "x-forwarded-for": "10.0.0.1" })).status);
  }
  assert.ok(statuses.includes(429), statuses.join());
});

onEach("a path that is switched off stays off", async (deploy) => {
  const alice = await deploy(allowing(), { disabledPaths: ["/api-key/create"] }).user();
  assert.equal((await alice.create({ permissions: READ })).status, 404);
});

onEach("many at once each get their own", async (deploy) => {
  const deployment = deploy(allowing({ defaultPermissions: { default: ["thing"] } }, { enableSessionForAPIKeys: true }));
  const alice = await deployment.user();
  const holder = deployment.holder(await alice.key({ permissions: READ }));
  const kinds = [
    [alice, { permissions: READ }, READ],
    [alice, { permissions: { files: ["write"] } }, { files: ["write"] }],
    [alice, {}, { default: ["thing"] }],
    [alice, { permissions: {} }, {}],
    [alice, { permissions: ROOT }, undefined],
    [holder, { permissions: READ }, READ],
    [holder, { permissions: CEILING }, undefined],
    [deployment.nobody, { permissions: READ }, undefined],
  ];
  const before = deployment.keys;
  const replies = await Promise.all(
    Array.from({ length: 400 }, async (_, index) => {
      const [client, body, expected] = kinds[index % kinds.length];
      return { expected, reply: await client.create(body) };
    }),
  );
  for (const { expected, reply } of replies) {
    assert.equal(reply.status === 200, expected !== undefined, JSON.stringify(reply.body));
    if (expected !== undefined) assert.deepEqual(reply.body.permissions, expected);
  }
  assert.equal(deployment.keys - before, 250);
});

onEach("a large request is measured in one pass", async (deploy) => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`r${index}`, ["a", "b", "a"]]));
  const long = { files: Array.from({ length: 100_000 }, (_, index) => `a${index}`) };
  const alice = await deploy(allowing({ maxPermissions: { ...many, ...long } })).user();
  for (const wish of [many, long]) assert.deepEqual((await alice.key({ permissions: wish })).permissions, wish);
  const { details } = await refused(alice, { permissions: { ...many, ...long, ...ROOT } }, 403, ABOVE);
  assert.deepEqual(details, { exceeding: ROOT });
});

onEach("a refusal does not grow with the request", async (deploy) => {
  const alice = await deploy(allowing({ maxPermissions: {} })).user();
  const names = Array.from({ length: 5_000 }, (_, index) => `name${index}`);
  const wishes = [
    Object.fromEntries(names.map((name) => [name, ["read"]])),
    { files: names },
    { files: ["x".repeat(100_000)] },
    { ["x".repeat(100_000)]: [] },
    { files: ["read", "x".repeat(100_000)], users: ["read"] },
  ];
  for (const permissions of wishes) {
    const { details, ...others } = await refused(alice, { permissions }, 403, ABOVE);
    assert.equal(details.more, true);
    assert.ok(JSON.stringify([others, details]).length < 20_000);
    for (const [resource, actions] of Object.entries(details.exceeding)) {
      assert.ok(actions.every((action) => permissions[resource].includes(action)));
    }
  }
  const { details } = await refused(alice, { permissions: { files: names.slice(0, 300) } }, 403, ABOVE);
  assert.deepEqual(details, { exceeding: { files: names.slice(0, 300) } });
});

test("over HTTP, in pieces and with a header twice", async (t) => {
  const deployment = new Deployment(allowing({}, { enableSessionForAPIKeys: true }));
  const alice = await deployment.user();
  const weak = await alice.key({ permissions: READ });
  const strong = await alice.key({ permissions: CEILING });
  const server = createServer(toNodeHandler(deployment.auth)).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const send = async (headers, pieces) => {
    const { port } = server.address();
    const list = ["host", "127.0.0.1:3000", "content-type", "application/json", "connection", "close", ...headers];
    const request = httpRequest({ port, method: "POST", path: "/api/auth/api-key/create", headers: list });
    for (const piece of pieces) {
      request.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    request.end();
    const [response] = await once(request, "response");
    let text = "";
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, body: text && JSON.parse(text) };
  };
  const cookie = ["cookie", alice.headers.cookie, "origin", alice.headers.origin];
  const pieces = ['{"permissions":{"ro', 'ot":["all"]},"permi', 'ssions":{"files":["read"]}}'];
  assert.deepEqual((await send(cookie, pieces)).body.permissions, READ);
  assert.equal((await send(cookie, ['{"permissions":{"root":["a', 'll"]}}'])).body.code, ABOVE);
  assert.equal((await send(cookie, ['{"permissions":{"root":["a'])).status, 400);
  const both = ["x-api-key", weak.key, "X-Api-Key", strong.key];
  const wish = [JSON.stringify({ permissions: { files: ["write"] } })];
  assert.ok((await send(both, wish)).status >= 400);
  assert.equal((await send([...cookie, "x-api-key", weak.key], wish)).body.code, ABOVE);
});

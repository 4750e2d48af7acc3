// The official client, unchanged, over HTTP.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { apiKeyClient } from "@better-auth/api-key/client";
import { createAuthClient } from "better-auth/client";
import { toNodeHandler } from "better-auth/node";

import { CEILING, Deployment, allowing, cookies } from "./deployment.mjs";

test("the official client sets permissions", async (t) => {
  const deployment = new Deployment(allowing());
  const server = createServer(toNodeHandler(deployment.auth)).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  let cookie;
  // A browser keeps the cookie and sends its origin.
  const customFetchImpl = async (input, init) => {
    const headers = { ...Object.fromEntries(new Headers(init?.headers)), origin: "http://127.0.0.1:3000", connection: "close" };
    if (cookie) headers.cookie = cookie;
    const response = await fetch(input, { ...init, headers });
    cookie ??= cookies(response.headers);
    return response;
  };
  const baseURL = `http://127.0.0.1:${server.address().port}/api/auth`;
  const client = createAuthClient({ baseURL, plugins: [apiKeyClient()], fetchOptions: { customFetchImpl } });
  await client.signUp.email({ name: "alice", email: "alice@example.com", password: "correct horse" });

  const { data, error } = await client.apiKey.create({ name: "dashboard", permissions: CEILING });
  assert.equal(error, null);
  assert.deepEqual(data.permissions, CEILING);
  assert.ok(await deployment.verifies(data, { files: ["write"] }));

  const above = await client.apiKey.create({ permissions: { files: ["read", "delete"] } });
  assert.equal(above.data, null);
  assert.deepEqual([above.error.status, above.error.code], [403, "PERMISSIONS_EXCEED_MAXIMUM"]);
  assert.deepEqual(above.error.details, { exceeding: { files: ["delete"] } });
  const mixed = await client.apiKey.create({ permissions: { files: ["read"] }, remaining: 5 });
  assert.deepEqual([mixed.error.status, mixed.error.code], [400, "SERVER_ONLY_PROPERTY"]);
  const { data: listed } = await client.apiKey.list();
  assert.deepEqual(listed.apiKeys.map(({ permissions }) => permissions), [CEILING]);
});

// The official TypeScript client, unchanged, against a server: `node official.mjs BASE_URL LINE`.
//
// A browser keeps cookies and sends its origin; `browser` below stands in for that, and for nothing else.

import assert from "node:assert/strict";
import { createAuthClient } from "better-auth/client";

const [baseURL, line] = process.argv.slice(2);
const since15 = line !== "1.4";
const { apiKeyClient } = await import(since15 ? "@better-auth/api-key/client" : "better-auth/client/plugins");

const codes = since15
  ? { serverOnly: "SERVER_ONLY_PROPERTY", notFound: "KEY_NOT_FOUND", unauthorized: "UNAUTHORIZED_SESSION", name: "INVALID_NAME_LENGTH" }
  : {
      serverOnly: "THE_PROPERTY_YOURE_TRYING_TO_SET_CAN_ONLY_BE_SET_FROM_THE_SERVER_AUTH_INSTANCE_ONLY",
      notFound: "API_KEY_NOT_FOUND",
      unauthorized: "UNAUTHORIZED_OR_INVALID_SESSION",
      name: "THE_NAME_LENGTH_IS_EITHER_TOO_LARGE_OR_TOO_SMALL",
    };

function browser() {
  const cookies = new Map();
  return async (input, init) => {
    const request = new Request(input, init);
    request.headers.set("origin", new URL(baseURL).origin);
    if (cookies.size > 0) request.headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(request);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair, ...attributes] = cookie.split(";").map((part) => part.trim());
      const [name, ...value] = pair.split("=");
      if (attributes.some((attribute) => attribute.toLowerCase() === "max-age=0")) cookies.delete(name);
      else cookies.set(name, value.join("="));
    }
    return response;
  };
}

function client() {
  return createAuthClient({ baseURL, plugins: [apiKeyClient()], fetchOptions: { customFetchImpl: browser() } });
}

/** What the call returned; a refusal is a failure of the test. */
async function accepted(call) {
  const { data, error } = await call;
  assert.equal(error, null, `refused: ${JSON.stringify(error)}`);
  return data;
}

/** The call was refused with this status and code, in the shape that the client promises. */
async function refused(call, status, code) {
  const { data, error } = await call;
  assert.equal(data, null, `accepted: ${JSON.stringify(data)}`);
  assert.equal(error.status, status, JSON.stringify(error));
  assert.equal(error.code, code, JSON.stringify(error));
  assert.equal(typeof error.statusText, "string");
  if (code !== undefined) assert.equal(typeof error.message, "string");
}

const alice = { name: "Alice", email: "alice@example.com", password: "correct horse battery" };
const auth = client();

// Accounts and sessions.
const signedUp = await accepted(auth.signUp.email(alice));
assert.equal(signedUp.user.email, alice.email);
assert.equal(signedUp.user.name, alice.name);
assert.equal(signedUp.user.emailVerified, false);
assert.ok(signedUp.user.createdAt instanceof Date);
assert.equal(typeof signedUp.token, "string");
await refused(client().signUp.email(alice), 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
await refused(client().signUp.email({ ...alice, email: "b@example.com", password: "short" }), 400, "PASSWORD_TOO_SHORT");
await refused(client().signUp.email({ ...alice, email: "nobody" }), 400, "VALIDATION_ERROR");

const session = await accepted(auth.getSession());
assert.equal(session.user.id, signedUp.user.id);
assert.equal(session.session.userId, signedUp.user.id);
assert.equal(session.session.token, signedUp.token);
assert.ok(session.session.expiresAt > new Date());

assert.deepEqual(await accepted(auth.signOut()), { success: true });
assert.equal(await accepted(auth.getSession()), null);
await refused(auth.signIn.email({ email: alice.email, password: "wrong password" }), 401, "INVALID_EMAIL_OR_PASSWORD");
await refused(auth.signIn.email({ email: "nobody@example.com", password: alice.password }), 401, "INVALID_EMAIL_OR_PASSWORD");
const signedIn = await accepted(auth.signIn.email({ email: alice.email, password: alice.password }));
assert.equal(signedIn.redirect, false);
assert.equal(signedIn.user.id, signedUp.user.id);
assert.notEqual(signedIn.token, signedUp.token);
assert.equal((await accepted(auth.getSession())).session.token, signedIn.token);

// Keys.
const created = await accepted(auth.apiKey.create({ name: "dashboard", prefix: "dash_", expiresIn: 86400 * 7 }));
assert.match(created.key, /^dash_[A-Za-z]{64}$/);
assert.equal(created.start, created.key.slice(0, 6));
assert.equal(created[since15 ? "referenceId" : "userId"], signedUp.user.id);
assert.equal(created.enabled, true);
assert.equal(created.expiresAt - created.createdAt, 86400 * 7 * 1000);

await refused(auth.apiKey.create({ name: "greedy", permissions: { files: ["write"] } }), 400, codes.serverOnly);
await refused(auth.apiKey.update({ keyId: created.id, permissions: { files: ["write"] } }), 400, codes.serverOnly);
await refused(auth.apiKey.create({ name: "x".repeat(33) }), 400, codes.name);
await refused(auth.apiKey.create({ name: 7 }), 400, "VALIDATION_ERROR");
await refused(client().apiKey.create({ name: "anonymous" }), 401, codes.unauthorized);
await refused(client().apiKey.list(), 401, since15 ? "UNAUTHORIZED" : undefined);

const other = await accepted(auth.apiKey.create({ name: "other" }));
const listed = await accepted(auth.apiKey.list());
const items = since15 ? listed.apiKeys : listed;
if (since15) assert.equal(listed.total, 2);
assert.deepEqual(new Set(items.map(({ id }) => id)), new Set([created.id, other.id]));
assert.ok(items.every((item) => !("key" in item)));
if (since15) {
  const page = await accepted(auth.apiKey.list({ query: { limit: 1, offset: 1 } }));
  assert.equal(page.apiKeys.length, 1);
  assert.deepEqual([page.limit, page.offset, page.total], [1, 1, 2]);
}

const got = await accepted(auth.apiKey.get({ query: { id: created.id } }));
assert.equal(got.name, "dashboard");
assert.ok(!("key" in got));
assert.deepEqual(got.createdAt, created.createdAt);
await refused(auth.apiKey.get({ query: { id: "nothing" } }), 404, codes.notFound);

const updated = await accepted(auth.apiKey.update({ keyId: created.id, name: "renamed", enabled: false }));
assert.equal(updated.name, "renamed");
assert.equal(updated.enabled, false);
await refused(auth.apiKey.update({ keyId: created.id }), 400, "NO_VALUES_TO_UPDATE");

// A stranger reaches none of it.
const mallory = client();
await accepted(mallory.signUp.email({ ...alice, name: "Mallory", email: "mallory@example.com" }));
await refused(mallory.apiKey.get({ query: { id: created.id } }), 404, codes.notFound);
await refused(mallory.apiKey.delete({ keyId: created.id }), 404, codes.notFound);

assert.deepEqual(await accepted(auth.apiKey.delete({ keyId: created.id })), { success: true });
await refused(auth.apiKey.get({ query: { id: created.id } }), 404, codes.notFound);
await accepted(auth.signOut());
await refused(auth.apiKey.list(), 401, since15 ? "UNAUTHORIZED" : undefined);

console.log("ok");

// What the tests say again and again.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Deployment, RELEASES } from "./deployment.mjs";

export const ABOVE = "PERMISSIONS_EXCEED_MAXIMUM";
export const SERVER_ONLY = /^SERVER_ONLY_PROPERTY$|^THE_PROPERTY_YOURE_TRYING_TO_SET/;

/** A test on each release. */
export function onEach(name, body) {
  for (const release of Object.keys(RELEASES)) {
    test(`${name}, ${release}`, () => body((config, others) => new Deployment(config, { release, ...others }), release));
  }
}

/** Refused with this status and code; nothing was created. */
export async function refused(client, body, status, code, headers) {
  const { deployment } = client;
  const before = deployment.keys;
  const reply = await client.create(body, headers);
  assert.equal(reply.status, status, JSON.stringify(reply.body));
  assert.match(String(reply.body.code), code instanceof RegExp ? code : new RegExp(`^${code}$`));
  assert.equal(deployment.keys, before, "nothing was created");
  return reply.body;
}

/** Granted exactly this: the reply, the key itself and what is shown of it agree. */
export async function granted(client, body, permissions) {
  const key = await client.key(body);
  assert.deepEqual(key.permissions, permissions);
  const { body: shown } = await client.send("GET", `/api-key/get?id=${key.id}`);
  assert.deepEqual(shown.permissions, permissions);
  for (const [resource, actions] of Object.entries(permissions ?? {})) {
    if (actions.length > 0) assert.ok(await client.deployment.verifies(key, { [resource]: actions }));
  }
  assert.equal(await client.deployment.verifies(key, { unheard: ["of"] }), false);
  return key;
}

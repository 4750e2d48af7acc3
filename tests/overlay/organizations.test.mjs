// Keys that an organization owns: the release's own checks first, and the ceiling beside them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { organization } from "better-auth/plugins/organization";
import { createAccessControl } from "better-auth/plugins/access";
import { defaultRoles, defaultStatements } from "better-auth/plugins/organization/access";

import { Deployment, allowing } from "./deployment.mjs";
import { ABOVE, refused } from "./expect.mjs";

const READ = { files: ["read"] };

/** An organization with its owner, a member who may create keys, and one who may not. */
async function acme(permissions = {}) {
  const control = createAccessControl({ ...defaultStatements, apiKey: ["create", "read", "update", "delete"] });
  const maker = control.newRole({ apiKey: ["create"] });
  const reader = control.newRole({ apiKey: ["read"] });
  const owner = control.newRole(defaultRoles.owner.statements);
  const deployment = new Deployment(
    [
      allowing({}, { configId: "default", enableSessionForAPIKeys: true }),
      allowing(permissions, { configId: "teams", references: "organization" }),
    ],
    { after: [organization({ ac: control, roles: { owner, maker, reader } })] },
  );
  const alice = await deployment.user();
  const { body } = await alice.post("/organization/create", { name: "Acme", slug: "acme" });
  const join = async (role) => {
    const user = await deployment.user();
    await deployment.auth.api.addMember({ body: { userId: user.userId, organizationId: body.id, role } });
    return user;
  };
  const team = { configId: "teams", organizationId: body.id };
  return { deployment, alice, maker: await join("maker"), reader: await join("reader"), team };
}

test("membership and role, and the ceiling beside", async () => {
  const { deployment, alice, maker, reader, team } = await acme();
  const stranger = await deployment.user();
  for (const user of [alice, maker]) {
    const key = await user.key({ ...team, permissions: READ });
    assert.deepEqual([key.permissions, key.referenceId], [READ, team.organizationId]);
    assert.ok(await deployment.verifies(key, READ));
    await refused(user, { ...team, permissions: { root: ["all"] } }, 403, ABOVE);
    await refused(user, { ...team, permissions: READ, remaining: 1 }, 400, "SERVER_ONLY_PROPERTY");
  }
  // Who may not create keys learns nothing of the ceiling.
  for (const permissions of [READ, {}, { root: ["all"] }]) {
    await refused(reader, { ...team, permissions }, 403, "INSUFFICIENT_API_KEY_PERMISSIONS");
    await refused(stranger, { ...team, permissions }, 403, "USER_NOT_MEMBER_OF_ORGANIZATION");
    await refused(deployment.nobody, { ...team, permissions }, 401, "UNAUTHORIZED_SESSION");
    await refused(alice, { configId: "teams", permissions }, 400, "ORGANIZATION_ID_REQUIRED");
  }
});

test("a key of its maker's bounds what it makes for the organization", async () => {
  const { deployment, maker, team } = await acme();
  const holder = deployment.holder(await maker.key({ permissions: READ }));
  assert.deepEqual((await holder.key({ ...team, permissions: READ })).permissions, READ);
  await refused(holder, { ...team, permissions: { files: ["write"] } }, 403, ABOVE);
});

test("a key that an organization owns is no session", async () => {
  const { deployment, alice, team } = await acme();
  const holder = deployment.holder(await alice.key({ ...team, permissions: READ }));
  const { status } = await holder.create({ permissions: READ });
  assert.equal(status, 401);
});

test("a server call with headers and no session has nobody who may ask", async () => {
  const { deployment, alice, team } = await acme();
  const call = (permissions) =>
    deployment.auth.api.createApiKey({ headers: new Headers(), body: { ...team, userId: alice.userId, permissions } });
  for (const permissions of [READ, {}, { root: ["all"] }]) {
    await assert.rejects(call(permissions), ({ statusCode, body }) => statusCode === 401 && !/root|files/.test(JSON.stringify(body)));
  }
  const trusted = await deployment.trusted({ ...team, userId: alice.userId, permissions: { root: ["all"] } });
  assert.deepEqual(trusted.permissions, { root: ["all"] });
});

// The types, as a team's own TypeScript sees them: `tsc` must find every mistake below, and no other.
import { apiKey } from "@better-auth/api-key";
import { apiKeyClient } from "@better-auth/api-key/client";
import { betterAuth } from "better-auth";
import { apiKey as apiKey14 } from "better-auth-1.4/plugins";
import { createAuthClient } from "better-auth/client";

import { selfGrant } from "./self-grant.mjs";

const permissions = {
  defaultPermissions: { files: ["read"] },
  allowClientPermissions: true,
  maxPermissions: { files: ["read", "write"] },
  whenAboveMaximum: "clamp",
} as const;

export const auth = betterAuth({
  plugins: [
    selfGrant(apiKey, {
      enableMetadata: true,
      permissions: { ...permissions, defaultPermissions: async (owner, ctx) => ({ [owner]: [ctx.path] }) },
    }),
  ],
});

// What `apiKey` gives is there as before: its endpoints, with their types.
const created = await auth.api.createApiKey({ body: { userId: "u", permissions: { files: ["read"] } } });
export const key: string = created.key;
export const shown: Record<string, string[]> | null = created.permissions;
// @ts-expect-error no such property
await auth.api.createApiKey({ body: { permission: {} } });

// The official client's types have `permissions` already, though every release refuses them.
const client = createAuthClient({ plugins: [apiKeyClient()] });
const { data } = await client.apiKey.create({ name: "dashboard", permissions: { files: ["read"] } });
export const text: string | undefined = data?.key;
// @ts-expect-error no list of actions
await client.apiKey.create({ permissions: { files: "read" } });

// Every form that `apiKey` takes.
selfGrant(apiKey);
selfGrant(apiKey, [
  { configId: "users", permissions: { allowClientPermissions: true } },
  { configId: "teams", references: "organization", permissions: { maxPermissions: {} } },
]);
selfGrant(apiKey, [{ configId: "default" }], { schema: {} });
selfGrant(apiKey14, { defaultPrefix: "a", permissions: { allowClientPermissions: true, maxPermissions: {} } });

// @ts-expect-error not true or false
selfGrant(apiKey, { permissions: { allowClientPermissions: "yes" } });
// @ts-expect-error no lists of actions
selfGrant(apiKey, { permissions: { maxPermissions: ["files"] } });
// @ts-expect-error null is no ceiling, and not none
selfGrant(apiKey, { permissions: { maxPermissions: null } });
// @ts-expect-error no such way
selfGrant(apiKey, { permissions: { whenAboveMaximum: "trim" } });
// @ts-expect-error no such option
selfGrant(apiKey, { enableMetaData: true });
// @ts-expect-error lists of configurations are for 1.5 and later
selfGrant(apiKey14, [{ permissions: { allowClientPermissions: true } }]);
// @ts-expect-error another plugin
selfGrant(() => ({ id: "other" }), {});

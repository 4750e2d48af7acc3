// Organizations that can own keys: the release's organization plugin.

/** What can be permitted on keys. */
const KEY_ACTIONS = ["create", "read", "update", "delete"];

/** Both sets of permissions in one. */
function union(permissions, further) {
  const resources = Object.keys({ ...permissions, ...further });
  return Object.fromEntries(
    resources.map((resource) => [
      resource,
      [...new Set([...(permissions[resource] ?? []), ...(further[resource] ?? [])])],
    ]),
  );
}

/**
 * The plugin; `roles` gives further permissions to the roles that the release has.
 *
 * An invitation is accepted by its id: nobody's address is verified, and no mail is sent.
 */
export async function organizationPlugin(release, { roles }) {
  const { organization, createAccessControl, defaultStatements, defaultRoles } =
    await release.organizations();
  const options = { requireEmailVerificationOnInvitation: false };
  if (Object.keys(roles).length === 0) return organization(options);
  const statements = Object.values(roles).reduce(union, { ...defaultStatements, apiKey: KEY_ACTIONS });
  const control = createAccessControl(statements);
  const extended = Object.entries(defaultRoles).map(([name, role]) => [
    name,
    control.newRole(union(role.statements, roles[name] ?? {})),
  ]);
  return organization({ ...options, ac: control, roles: Object.fromEntries(extended) });
}

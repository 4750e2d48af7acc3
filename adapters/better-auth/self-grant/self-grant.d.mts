/** What is added to the option `permissions` of each configuration. */
export interface ClientPermissions {
  /** Whether a signed-in client may set `permissions` when it creates a key. Default: false. */
  allowClientPermissions?: boolean;
  /** The ceiling. Without it a client may set any permissions; with `{}`, none. */
  maxPermissions?: Readonly<Record<string, readonly string[]>>;
  /** Whether a request above the ceiling is refused, or gets what it has in common with the ceiling. Default: refuse. */
  whenAboveMaximum?: "refuse" | "clamp";
}

type WithClientPermissions<Configuration> = Configuration extends readonly (infer One)[]
  ? WithClientPermissions<One>[]
  : Configuration extends object
    ? Omit<Configuration, "permissions"> & {
        permissions?: ("permissions" extends keyof Configuration ? Configuration["permissions"] : unknown) &
          ClientPermissions;
      }
    : Configuration;

/** Any release's `apiKey`. */
type ApiKeyPlugin = (...args: any[]) => { id: "api-key"; endpoints: { createApiKey: any; getApiKey: any } };

/**
 * The plugin `apiKey` of Better Auth 1.4 or later, with one more permission for clients: see `ClientPermissions`.
 *
 * @param apiKey from "@better-auth/api-key", before 1.5 from "better-auth/plugins"
 * @param configurations what `apiKey` takes: one configuration, from 1.5 on also a list of them
 * @param options what `apiKey` takes beside them, from 1.5 on
 * @returns what `apiKey` returns
 * @throws TypeError where an option is not of its type
 */
export type SelfGrant = <Plugin extends ApiKeyPlugin>(
  apiKey: Plugin,
  configurations?: WithClientPermissions<Parameters<Plugin>[0]>,
  options?: Parameters<Plugin>[1],
) => ReturnType<Plugin>;

export declare const selfGrant: SelfGrant;

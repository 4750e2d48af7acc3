// The release of Better Auth under test: found in a directory, imported, and described.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { completed } from "./memory.mjs";
import { selfGrant } from "./self-grant/self-grant.mjs";
import { hasSqlite, openSqlite } from "./sqlite.mjs";

/** [major, minor, patch] of a version; what follows a hyphen is ignored. */
function versionNumbers(version) {
  return version.split("-", 1)[0].split(".").map(Number);
}

function isAtLeast(version, least) {
  const [numbers, bounds] = [versionNumbers(version), versionNumbers(least)];
  const index = numbers.findIndex((number, position) => number !== bounds[position]);
  return index === -1 || numbers[index] > bounds[index];
}

/** The file that a package exports under `subpath` to an `import`. */
function exportedFile(packageDirectory, manifest, subpath) {
  let target = manifest.exports?.[subpath];
  while (target !== null && typeof target === "object") target = target.import ?? target.default;
  if (typeof target !== "string") {
    throw new Error(`${manifest.name} ${manifest.version} does not export ${subpath}`);
  }
  return join(packageDirectory, target);
}

function readManifest(packageDirectory) {
  const file = join(packageDirectory, "package.json");
  if (!existsSync(file)) throw new Error(`no release is installed: ${file} is missing`);
  return JSON.parse(readFileSync(file, "utf8"));
}

/**
 * The file of a plugin that is not yet a package of its own, or undefined.
 *
 * It is the one that holds the variable in which the plugin remembers when it last swept expired keys:
 * see borrowPlugin.
 */
function pluginFile(packageDirectory, distribution) {
  const unbundled = join(distribution, "plugins/api-key/index.mjs");
  if (existsSync(unbundled) && existsSync(join(distribution, "plugins/api-key/routes/index.mjs"))) {
    return unbundled;
  }
  for (const folder of ["plugins", "shared", "."]) {
    const directory = join(distribution, folder);
    if (!existsSync(directory)) continue;
    for (const name of readdirSync(directory).filter((entry) => entry.endsWith(".mjs"))) {
      const file = join(directory, name);
      if (readFileSync(file, "utf8").includes("lastChecked")) return file;
    }
  }
  return undefined;
}

/** The plugin's function among a module's exports, whose names a bundler may have shortened. */
function findApiKey(module) {
  return module.apiKey ?? Object.values(module).find((value) => value?.name === "apiKey");
}

/** A release that is ready to make deployments. */
export class Release {
  #pluginUrl;
  #pluginsMade = 0;
  #freePlugins = [];
  #directory;
  #load;
  #selfGrants;

  /** Imports the release that is installed in `directory`/node_modules; `selfGrant` lays the overlay over it. */
  static async load({ directory, selfGrant = false }) {
    const release = new Release();
    const packageDirectory = join(directory, "node_modules", "better-auth");
    const manifest = readManifest(packageDirectory);
    const load = (subpath) =>
      import(pathToFileURL(exportedFile(packageDirectory, manifest, subpath)));
    release.#directory = directory;
    release.#load = load;
    release.version = manifest.version;
    release.#selfGrants = selfGrant;
    if (selfGrant && !release.isAtLeast("1.4.0")) {
      throw new Error(`better-auth ${release.version}: the self-grant overlay is for 1.4.0 and later`);
    }
    const [core, node, memory] = await Promise.all([
      load("."),
      load("./node"),
      load("./adapters/memory"),
    ]);
    release.betterAuth = core.betterAuth;
    release.toNodeHandler = node.toNodeHandler;
    release.memoryAdapter = completed(memory.memoryAdapter, (least) =>
      isAtLeast(release.version, least),
    );
    await release.#findPlugin(directory, packageDirectory, load);
    return release;
  }

  async #findPlugin(directory, packageDirectory, load) {
    if (this.hasSeparatePlugin) {
      const pluginDirectory = join(directory, "node_modules", "@better-auth", "api-key");
      const file = exportedFile(pluginDirectory, readManifest(pluginDirectory), ".");
      this.#pluginUrl = pathToFileURL(file).href;
      return;
    }
    const file = pluginFile(packageDirectory, join(packageDirectory, "dist"));
    if (file === undefined) {
      throw new Error(`better-auth ${this.version}: the API-key plugin was not found`);
    }
    register("./copy-hook.mjs", import.meta.url);
    // The public entry first: modules that import each other in a ring must be entered where they expect it.
    await load("./plugins");
    this.#pluginUrl = pathToFileURL(file).href;
  }

  isAtLeast(version) {
    return isAtLeast(this.version, version);
  }

  /** Whether the plugin is a package of its own. */
  get hasSeparatePlugin() {
    return this.isAtLeast("1.5.0");
  }

  get hasConfigurationLists() {
    return this.hasSeparatePlugin;
  }

  get hasOrganizationKeys() {
    return this.hasSeparatePlugin;
  }

  /** Whether keys can be kept in a secondary storage. */
  get hasSecondaryStorage() {
    return this.isAtLeast("1.4.1");
  }

  get hasBackgroundTasks() {
    return this.isAtLeast("1.4.8");
  }

  /** Whether SQLite was installed beside the release. */
  get hasSqlite() {
    return hasSqlite(this.#directory);
  }

  /** Up to 1.3.25 keys give sessions unless that is turned off; later only where it is turned on. */
  get givesSessionsByDefault() {
    return !this.isAtLeast("1.3.26");
  }

  get capabilities() {
    const always = [
      "server-calls",
      "actors",
      "clock",
      "exact-clock",
      "sessions-from-keys",
      "custom-functions",
      "delayed-storage",
      "openapi",
    ];
    const some = {
      "multiple-configurations": this.hasConfigurationLists,
      organizations: this.hasOrganizationKeys,
      "secondary-storage": this.hasSecondaryStorage,
      persistence: this.hasSqlite,
      "self-grant": this.#selfGrants,
      "self-grant-clamp": this.#selfGrants,
    };
    return [...always, ...Object.keys(some).filter((name) => some[name])];
  }

  /** Opens the SQLite database in `file`, or one in memory. */
  openSqlite(file) {
    return openSqlite(this.#directory, file);
  }

  /** The columns that the release wants, as a function of the table's name. */
  async columns(options) {
    const { getSchema } = await this.#load("./db");
    const schema = getSchema(options);
    return (table) => Object.keys(schema[table]?.fields ?? {});
  }

  /** Makes or extends the tables in `options.database`, a SQLite database, as the release would have them. */
  async migrate(options) {
    const { getMigrations } = await this.#load(this.hasSeparatePlugin ? "./db/migration" : "./db");
    const { runMigrations } = await getMigrations(options);
    await runMigrations();
  }

  /** The plugin that serves an OpenAPI document. */
  async openApi() {
    const { openAPI } = await this.#load("./plugins");
    return openAPI();
  }

  /** What the release has to make organizations with. */
  async organizations() {
    const modules = await Promise.all(
      ["./plugins/organization", "./plugins/organization/access", "./plugins/access"].map(this.#load),
    );
    return Object.assign({}, ...modules);
  }

  /** The plugin with these options, made by its function, under the overlay if the release has it. */
  plugin(apiKey, options) {
    return this.#selfGrants ? selfGrant(apiKey, options) : apiKey(options);
  }

  /**
   * The plugin's function, from a copy of its module that no other running deployment has.
   *
   * The plugin remembers in a variable of its module when it last swept expired keys. In one process with
   * many clocks that variable would let one deployment's time decide over another's sweeps.
   */
  async borrowPlugin() {
    const free = this.#freePlugins.pop();
    if (free !== undefined) return free;
    this.#pluginsMade += 1;
    const apiKey = findApiKey(await import(`${this.#pluginUrl}?copy=${this.#pluginsMade}`));
    if (apiKey === undefined) throw new Error(`better-auth ${this.version} exports no apiKey`);
    return apiKey;
  }

  /** Takes back a copy that remembers nothing, for the next deployment. */
  returnPlugin(apiKey) {
    this.#freePlugins.push(apiKey);
  }
}

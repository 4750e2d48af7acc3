// Installs a release of Better Auth by hand: node install.mjs VERSION DIR
// With --lock it writes the lock file of a pinned release, without the registry's address.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const table = JSON.parse(readFileSync(join(here, "dependencies.json"), "utf8"));

/** Three numbers and a pre-release flag, compared member by member: 1.7.0-beta.1 < 1.7.0. */
function versionOrder(version) {
  const [numbers, prerelease] = version.split("-", 2);
  return [...numbers.split(".").map(Number), prerelease === undefined ? 1 : 0];
}

function compareVersions(left, right) {
  const [a, b] = [versionOrder(left), versionOrder(right)];
  const index = a.findIndex((number, position) => number !== b[position]);
  return index === -1 ? 0 : a[index] - b[index];
}

/** The package.json of a release, computed from the table. */
export function releaseManifest(version) {
  const dependencies = {};
  for (const row of table.rows) {
    if (row.from !== undefined && compareVersions(version, row.from) < 0) continue;
    if (row.to !== undefined && compareVersions(version, row.to) > 0) continue;
    for (const [name, range] of Object.entries(row.dependencies)) {
      dependencies[name] = range.replace("{version}", version);
    }
  }
  return { name: "keyspec-better-auth-release", version, private: true, dependencies };
}

function install(version, directory, writeLock) {
  const pinned = join(here, version);
  const locked = !writeLock && existsSync(join(pinned, "package-lock.json"));
  mkdirSync(directory, { recursive: true });
  if (locked) {
    for (const file of ["package.json", "package-lock.json"]) {
      copyFileSync(join(pinned, file), join(directory, file));
    }
  } else {
    const manifest = JSON.stringify(releaseManifest(version), null, 2);
    writeFileSync(join(directory, "package.json"), `${manifest}\n`);
  }
  const lockFlags = writeLock ? ["--package-lock-only", "--omit-lockfile-registry-resolved"] : [];
  const flags = [...(locked ? table.npmCi : table.npmInstall), ...lockFlags];
  return spawnSync("npm", flags, { cwd: directory, stdio: "inherit" }).status ?? 1;
}

const [version, directory] = process.argv.slice(2).filter((argument) => argument !== "--lock");
const writeLock = process.argv.includes("--lock");
if (version === undefined || (directory === undefined && !writeLock)) {
  process.stderr.write("usage: node install.mjs VERSION DIR\n       node install.mjs --lock VERSION\n");
  process.exit(2);
}
process.exit(install(version, directory ?? join(here, version), writeLock));

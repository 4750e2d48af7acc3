// Options that are functions or objects with functions. A configuration names them, as {"preset": NAME}.
import { Unsupported } from "./frame.mjs";

const CUSTOM_KEY_HEADER = "x-custom-key";

function startsWithOk(key) {
  return key.startsWith("ok_");
}

/** Prefix, the letter k, and a counter in the last eight places: predictable, and never the same twice. */
function fixedAlphabetGenerator({ newCounter }) {
  const count = newCounter();
  return ({ length, prefix }) => {
    const counter = String(count()).padStart(8, "0").slice(-Math.min(8, length));
    return `${prefix ?? ""}${"k".repeat(Math.max(0, length - 8))}${counter}`;
  };
}

/** Each entry makes the value anew from its deployment's means, so that deployments share no state. */
const presets = {
  "storage:memory": ({ newStorage }) => newStorage(),
  "generator:fixed-alphabet": fixedAlphabetGenerator,
  "getter:x-custom-key": () => (ctx) => ctx.headers?.get(CUSTOM_KEY_HEADER) ?? null,
  "getter:number": () => (ctx) => (ctx.headers?.has(CUSTOM_KEY_HEADER) ? 42 : null),
  "validator:starts-with-ok": () => ({ key }) => startsWithOk(key),
  "validator:async-starts-with-ok": () => async ({ key }) => startsWithOk(key),
  "permissions:from-owner": () => (owner) => ({ owner: [owner] }),
};

/** The presets that have a meaning in `release`. */
export function presetNames(release) {
  return Object.keys(presets).filter(
    (name) => name !== "storage:memory" || release.hasSecondaryStorage,
  );
}

function isPreset(value) {
  return Object.keys(value).length === 1 && typeof value.preset === "string";
}

/**
 * A copy of the options in which every {"preset": NAME} has become what it stands for.
 *
 * `means` are the deployment's: `newCounter()` makes a function that counts, `newStorage()` a secondary
 * storage.
 */
export function resolvePresets(value, release, means) {
  if (value === null || typeof value !== "object") return value;
  const resolve = (member) => resolvePresets(member, release, means);
  if (Array.isArray(value)) return value.map(resolve);
  if (!isPreset(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(member)]));
  }
  if (!presetNames(release).includes(value.preset)) {
    throw new Unsupported(
      `there is no preset ${JSON.stringify(value.preset)} for better-auth ${release.version}`,
    );
  }
  return presets[value.preset](means);
}

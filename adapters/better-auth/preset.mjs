// Options that are functions. A configuration names them, as {"preset": NAME}.
import { Unsupported } from "./frame.mjs";

const CUSTOM_KEY_HEADER = "x-custom-key";

function startsWithOk(key) {
  return key.startsWith("ok_");
}

/** Prefix, the letter k, and a counter in the last eight places: predictable, and never the same twice. */
function fixedAlphabetGenerator() {
  let made = 0;
  return ({ length, prefix }) => {
    made += 1;
    const counter = String(made).padStart(8, "0").slice(-Math.min(8, length));
    return `${prefix ?? ""}${"k".repeat(Math.max(0, length - 8))}${counter}`;
  };
}

/** Each entry makes the function anew, so that deployments share no state. */
const presets = {
  "generator:fixed-alphabet": fixedAlphabetGenerator,
  "getter:x-custom-key": () => (ctx) => ctx.headers?.get(CUSTOM_KEY_HEADER) ?? null,
  "getter:number": () => (ctx) => (ctx.headers?.has(CUSTOM_KEY_HEADER) ? 42 : null),
  "validator:starts-with-ok": () => ({ key }) => startsWithOk(key),
  "validator:async-starts-with-ok": () => async ({ key }) => startsWithOk(key),
  "permissions:from-owner": () => (owner) => ({ owner: [owner] }),
};

export const presetNames = Object.keys(presets);

function isPreset(value) {
  return Object.keys(value).length === 1 && typeof value.preset === "string";
}

/** A copy of the options in which every {"preset": NAME} has become its function. */
export function resolvePresets(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(resolvePresets);
  if (!isPreset(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, resolvePresets(member)]),
    );
  }
  if (!Object.hasOwn(presets, value.preset)) {
    throw new Unsupported(`the adapter has no preset ${JSON.stringify(value.preset)}`);
  }
  return presets[value.preset]();
}

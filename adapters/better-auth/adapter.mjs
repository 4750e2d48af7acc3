#!/usr/bin/env node
// The keyspec adapter for Better Auth. See README.md.
import { Console } from "node:console";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { installDeploymentDate } from "./clock.mjs";
import { Deployment } from "./deployment.mjs";
import { Unsupported, answer, drained, lines, parseRequest } from "./frame.mjs";
import { presetNames } from "./preset.mjs";
import { Release } from "./release.mjs";

const PROTOCOL = 1;

/** How long requests that are under way may take when standard input has ended. Milliseconds. */
const LAST_REPLIES = 2000;

/** Settings that a release would read from the environment: a deployment has only those it was given. */
const RELEASE_SETTINGS = /BETTER_AUTH|^(AUTH_SECRET|BASE_URL|NODE_ENV|TEST)$/;

/** The adapter's state: a release and its running deployments. */
class Adapter {
  #release;
  #deployments = new Map();
  #started = 0;

  constructor(release) {
    this.#release = release;
  }

  /** Answers one request; resolves to the reply's `ok`, or throws. */
  async handle(request) {
    switch (request.op) {
      case "hello":
        return this.#hello(request);
      case "start":
        return this.#start(request);
      case "actor":
        return (await this.#deployment(request)).actor(request.name);
      case "call":
        return (await this.#deployment(request)).call(request.method, request);
      case "clock":
        return { now: (await this.#deployment(request)).advance(request.advanceMs) };
      case "stop":
        return this.#stop(request);
      default:
        throw new Unsupported(`the adapter has no operation ${JSON.stringify(request.op)}`);
    }
  }

  async stopAll() {
    const starts = [...this.#deployments.values()];
    this.#deployments.clear();
    await Promise.allSettled(starts.map(async (start) => (await start).stop()));
  }

  async #hello({ protocol }) {
    if (protocol !== PROTOCOL) throw new Error(`the adapter speaks protocol ${PROTOCOL} only`);
    const release = await this.#release;
    const { version, capabilities } = release;
    return {
      protocol: PROTOCOL,
      implementation: {
        name: "better-auth",
        version,
        language: "typescript",
        url: "https://github.com/better-auth/better-auth",
      },
      edition: version,
      capabilities,
      presets: presetNames(release),
    };
  }

  async #start({ config, setup }) {
    this.#started += 1;
    const name = `d${this.#started}`;
    const start = this.#release.then((release) => Deployment.start(release, config, setup));
    // Known before it runs: who sends requests ahead of the reply finds it.
    this.#deployments.set(name, start);
    try {
      const { baseUrl, now } = await start;
      return { deployment: name, baseUrl, now };
    } catch (error) {
      this.#deployments.delete(name);
      throw error;
    }
  }

  #deployment({ deployment }) {
    const start = this.#deployments.get(deployment);
    if (start === undefined) throw new Error(`there is no deployment ${JSON.stringify(deployment)}`);
    return start;
  }

  async #stop(request) {
    const start = this.#deployment(request);
    this.#deployments.delete(request.deployment);
    await (await start).stop();
    return {};
  }
}

/** Reads requests until standard input ends; every request is answered as soon as it is done. */
async function serve(adapter) {
  const underWay = new Set();
  for await (const line of lines(process.stdin)) {
    const request = parseRequest(line);
    if (request === undefined) continue;
    const handled = answer(request.id, async () => {
      if (request.oversize) throw new Error("the request is too long");
      return adapter.handle(request);
    });
    const written = handled.then((reply) => process.stdout.write(`${reply}\n`));
    underWay.add(written);
    written.finally(() => underWay.delete(written));
    await drained(process.stdout);
  }
  const timeout = new Promise((expire) => setTimeout(expire, LAST_REPLIES).unref());
  await Promise.race([Promise.allSettled(underWay), timeout]);
}

function options() {
  const { values } = parseArgs({
    options: { release: { type: "string", default: "." }, "self-grant": { type: "boolean", default: false } },
  });
  return { directory: resolve(values.release), selfGrant: values["self-grant"] };
}

// Standard output carries replies only, whatever the release prints.
globalThis.console = new Console(process.stderr, process.stderr);
for (const name of Object.keys(process.env)) {
  if (RELEASE_SETTINGS.test(name)) delete process.env[name];
}
process.env.BETTER_AUTH_TELEMETRY = "0";
process.on("uncaughtException", (error) => console.error("adapter: uncaught:", error));
process.on("unhandledRejection", (error) => console.error("adapter: unhandled rejection:", error));
process.stdout.on("error", () => process.exit(0));

installDeploymentDate();
// A release that cannot be loaded is told to each request that needs it.
const release = Release.load(options());
release.catch(() => {});
const adapter = new Adapter(release);
await serve(adapter);
await adapter.stopAll();
process.exit(0);

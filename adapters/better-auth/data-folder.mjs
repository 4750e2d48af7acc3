// What outlives a deployment: the folder that `setup.data` names, or nothing.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const STATE = "deployment.json";

/** The secret of deployments that leave nothing behind. */
const sharedSecret = randomBytes(32).toString("hex");

/**
 * A deployment's data, and the few facts about it that are in no database.
 *
 * `state.secret` signs its cookies, `state.now` is the time that its clock has come to, `state.users` is how
 * many actors it has made, `state.origins` are the addresses it had, `state.counters` how far its key
 * generators have counted.
 */
export class DataFolder {
  #path;
  state = { secret: sharedSecret, now: 0, users: 0, origins: [], counters: {} };

  /** Without a path, everything is forgotten when the deployment stops. */
  constructor(path) {
    this.#path = path;
    if (path === undefined) return;
    mkdirSync(path, { recursive: true });
    const file = this.file(STATE);
    if (existsSync(file)) this.state = JSON.parse(readFileSync(file, "utf8"));
    else this.save({ secret: randomBytes(32).toString("hex") });
  }

  /** The path of a file in the folder, or undefined where there is none. */
  file(name) {
    return this.#path === undefined ? undefined : join(this.#path, name);
  }

  /** Changes the state; with a folder, on the disk too. */
  save(changes) {
    this.state = { ...this.state, ...changes };
    if (this.#path === undefined) return;
    const file = this.file(STATE);
    writeFileSync(`${file}.new`, JSON.stringify(this.state));
    renameSync(`${file}.new`, file);
  }

  /** The next number of the counter `name`: 1, 2, ... */
  count(name) {
    const next = (this.state.counters[name] ?? 0) + 1;
    this.save({ counters: { ...this.state.counters, [name]: next } });
    return next;
  }
}

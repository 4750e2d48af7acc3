// A secondary storage in memory: what Better Auth would use Redis for.
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/**
 * Texts under keys, each until its time has passed by the deployment's clock.
 *
 * As in Redis, a value is there up to and including the moment at which its time is over. With a file
 * every change is appended to it, so that nothing is lost when the process is killed.
 */
export class SecondaryStorage {
  #clock;
  #file;
  #entries = new Map();

  constructor(clock, file) {
    this.#clock = clock;
    this.#file = file;
    if (file === undefined) return;
    if (existsSync(file)) this.#load();
    this.#compact();
  }

  get(key) {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (entry.until === null || this.#clock.now <= entry.until) return entry.value;
    this.delete(key);
    return null;
  }

  /** A `ttl` in seconds; none, or 0, means for ever. */
  set(key, value, ttl) {
    this.#put(key, value, ttl ? this.#clock.now + ttl * 1000 : null);
  }

  delete(key) {
    if (this.#entries.delete(key)) this.#append([key]);
  }

  getAndDelete(key) {
    const value = this.get(key);
    this.delete(key);
    return value;
  }

  /** Counts up; only the first step sets a `ttl`. */
  increment(key, ttl) {
    const before = this.get(key);
    if (before === null) {
      this.set(key, "1", ttl);
      return 1;
    }
    const count = Number(before) + 1;
    this.#put(key, String(count), this.#entries.get(key).until);
    return count;
  }

  #put(key, value, until) {
    this.#entries.set(key, { value, until });
    this.#append([key, value, until]);
  }

  #append(change) {
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(change)}\n`);
  }

  #load() {
    const lines = readFileSync(this.#file, "utf8").split("\n");
    // A line without its end was being written when the process was killed.
    lines.pop();
    for (const line of lines) {
      const [key, value, until] = JSON.parse(line);
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, { value, until });
    }
  }

  /** Writes the file anew, with what is there and nothing of how it came. */
  #compact() {
    const lines = [...this.#entries].map(([key, { value, until }]) =>
      JSON.stringify([key, value, until]),
    );
    writeFileSync(`${this.#file}.new`, lines.map((line) => `${line}\n`).join(""));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

// A clock for each deployment, in one process.
//
// The release under test asks the global Date. This module puts a Date in its place that asks which
// deployment the running code belongs to (AsyncLocalStorage knows) and answers with that deployment's
// time; code that belongs to no deployment sees the real time. A deployment's time stands still until
// it is advanced. Timers are left alone, so nothing hangs.
import { AsyncLocalStorage } from "node:async_hooks";

const RealDate = globalThis.Date;
const realNow = RealDate.now;

/** The largest time that a Date can hold. */
const LAST_MOMENT = 8.64e15;

const runningDeployment = new AsyncLocalStorage();

function currentTime() {
  return runningDeployment.getStore()?.now ?? realNow();
}

/** The time of one deployment, in milliseconds since 1970. */
export class DeploymentClock {
  constructor(now = realNow()) {
    this.now = now;
  }

  /** Runs `action`, and all that it starts, in this clock's time. */
  run(action) {
    return runningDeployment.run(this, action);
  }

  /** Moves the clock forward and returns its new time. */
  advance(milliseconds) {
    if (!Number.isSafeInteger(milliseconds) || milliseconds < 0) {
      throw new RangeError("advanceMs must be a whole number that is not negative");
    }
    if (this.now + milliseconds > LAST_MOMENT) {
      throw new RangeError("the clock would pass the last moment that a date can hold");
    }
    this.now += milliseconds;
    return this.now;
  }
}

/**
 * Replaces the global Date. To be called before the release is imported.
 *
 * The prototype stays the real one, so that every date, whoever made it (structuredClone, Node itself),
 * is an instance of Date.
 */
export function installDeploymentDate() {
  RealDate.now = currentTime;
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(currentTime()).toString(),
    construct: (target, parts, newTarget) =>
      Reflect.construct(target, parts.length === 0 ? [currentTime()] : parts, newTarget),
  });
  RealDate.prototype.constructor = globalThis.Date;
}

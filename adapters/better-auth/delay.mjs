// Storage that takes its time: every access waits a few milliseconds of real time before it is made.

/** Milliseconds: at least, and how many more at most. */
const LEAST = 2;
const SPREAD = 3;

function moment() {
  return new Promise((resolve) => setTimeout(resolve, LEAST + Math.random() * SPREAD));
}

/** The same function, a moment later. `track` is told of each access. */
function later(access, track) {
  return (...values) => track(moment().then(() => access(...values)));
}

/** A secondary storage whose accesses wait. */
export function delayedStorage(storage, track) {
  const names = ["get", "set", "delete", "getAndDelete", "increment"];
  return Object.fromEntries(
    names.map((name) => [name, later((...values) => storage[name](...values), track)]),
  );
}

/** A database adapter of Better Auth whose accesses wait, inside transactions too. */
export function delayedDatabase(database, track) {
  const members = Object.entries(database).map(([name, member]) => {
    if (typeof member !== "function" || name === "createSchema") return [name, member];
    if (name !== "transaction") return [name, later(member, track)];
    return [
      name,
      (action) => member((transaction) => action(delayedDatabase(transaction, track))),
    ];
  });
  return Object.fromEntries(members);
}

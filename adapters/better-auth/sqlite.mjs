// SQLite as the database of a deployment, without native code.
//
// The npm package node-sqlite3-wasm is SQLite compiled to WebAssembly, with access to files. The release is
// handed an object with the interface of better-sqlite3, which every release of Better Auth knows
// and reads and writes with its own SQL dialect: the release makes the tables and the statements.
import { existsSync, rmdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const PACKAGE = "node-sqlite3-wasm";

/** Statements that give rows. Values are never part of a statement's text. */
const GIVES_ROWS = /^\s*(select|with|pragma|explain)\b|\breturning\b/i;

/** Whether SQLite was installed beside the release in `directory`. */
export function hasSqlite(directory) {
  return existsSync(join(directory, "node_modules", PACKAGE, "package.json"));
}

/** Opens the database in `file`, or one in memory; SQLite is loaded when the first is opened. */
export function openSqlite(directory, file) {
  const { Database } = createRequire(join(directory, "package.json"))(PACKAGE);
  if (file === undefined) return new SqliteDatabase(new Database(":memory:"));
  // Left by a process that was killed in the midst of a statement: a folder serves one deployment at a time.
  if (existsSync(`${file}.lock`)) rmdirSync(`${file}.lock`);
  const database = new SqliteDatabase(new Database(file));
  // What is written outlives the process, not the machine: nobody waits for the disk.
  database.all("PRAGMA synchronous = OFF");
  database.all("PRAGMA journal_mode = TRUNCATE");
  return database;
}

/** An open database, as better-sqlite3 would present it. */
class SqliteDatabase {
  #database;

  constructor(database) {
    this.#database = database;
  }

  prepare(sql) {
    return {
      reader: GIVES_ROWS.test(sql),
      all: (values = []) => this.all(sql, values),
      run: (values = []) => this.#database.run(sql, values),
      iterate: (values = []) => this.all(sql, values).values(),
    };
  }

  /** The rows of one statement. */
  all(sql, values = []) {
    return this.#database.all(sql, values);
  }

  /** Not to be called: by this member's name the releases tell better-sqlite3 from other databases. */
  aggregate() {
    throw new Error("the adapter's database has no functions of its own");
  }

  close() {
    if (this.#database.isOpen) this.#database.close();
  }
}

// The steps of an upgrade that Better Auth's own migration leaves to the operator.
//
// A database that another release left is brought up by the starting release's migration, which makes tables
// and columns but moves no data and drops nothing. What its upgrade guides and messages say to do by hand is
// done here, and nothing else: see the README. SQLite can neither make a column NOT NULL nor drop one
// that is a foreign key, so a table is rebuilt: put aside, made anew by the release, and filled.

const STEPS = [
  {
    // To 1.5: the API-key reference, "Migration from Previous Versions".
    table: "apikey",
    adds: "referenceId",
    values: { configId: "'default'", referenceId: `"userId"` },
  },
  {
    // To 1.7.0 ... 1.7.2: the 1.7 upgrade guide, "Account identity", for accounts with a password.
    table: "account",
    adds: "issuer",
    values: { issuer: "'local:credential'", accountId: `"userId"` },
  },
  {
    // From there to 1.7.3: the release's message says to drop the column.
    table: "account",
    drops: "issuer",
    values: {},
  },
];

function columns(database, table) {
  return database.all("SELECT name FROM pragma_table_info(?)", [table]).map(({ name }) => name);
}

/** Brings the SQLite database in `options.database` to the schema of `release`. */
export async function upgrade(release, options) {
  const { database } = options;
  const wanted = await release.columns(options);
  const steps = STEPS.filter(({ table, adds, drops }) => {
    const present = columns(database, table);
    if (present.length === 0) return false;
    const [held, asked] = [present, wanted(table)].map((names) => names.includes(adds ?? drops));
    return adds === undefined ? held && !asked : asked && !held;
  });
  for (const step of steps) putAside(database, step);
  await release.migrate(options);
  for (const step of steps) fill(database, step);
}

function aside(table) {
  return `${table}_before_upgrade`;
}

function putAside(database, { table, adds, drops }) {
  const change = adds === undefined ? `drop ${drops}` : `add ${adds}`;
  console.error(`adapter: the table ${table} is rebuilt to ${change}, as the release's instructions say`);
  database.all(`ALTER TABLE "${table}" RENAME TO "${aside(table)}"`);
  // Indexes keep their names, which the new table's want.
  const indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql NOT NULL";
  for (const { name } of database.all(indexes, [aside(table)])) database.all(`DROP INDEX "${name}"`);
}

function fill(database, { table, values }) {
  const before = columns(database, aside(table));
  const kept = columns(database, table).filter((name) => name in values || before.includes(name));
  const names = kept.map((name) => `"${name}"`).join(", ");
  const sources = kept.map((name) => values[name] ?? `"${name}"`).join(", ");
  database.all(`INSERT INTO "${table}" (${names}) SELECT ${sources} FROM "${aside(table)}"`);
  database.all(`DROP TABLE "${aside(table)}"`);
}

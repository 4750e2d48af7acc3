// What the memory adapters of early releases get wrong and their SQL adapters do not.
//
// A deployment in memory stands for the release on a database; what the memory adapter alone does would be
// blamed on the plugin. Completed are
//
// - up to 1.3.23: `deleteMany` knows no "less than" and no "not equal", so that no sweep finds anything;
// - up to 1.2.5: an update wipes every column that has a default value and is not part of it, and a column
//   that was never set is missing where a database has null.

const isEqual = (left, right) => left === right;

/** By operator; others are left to the release. */
const comparisons = {
  eq: isEqual,
  ne: (left, right) => left !== right,
  lt: (left, right) => left < right,
  lte: (left, right) => left <= right,
  gt: (left, right) => left > right,
  gte: (left, right) => left >= right,
};

function isUsual({ operator = "eq", connector = "AND" }) {
  return Object.hasOwn(comparisons, operator) && connector === "AND";
}

/** Nothing comes before or after null, as in SQL. */
function holds(row, { field, value, operator = "eq" }) {
  const stored = row[field] ?? null;
  const orders = !["eq", "ne"].includes(operator);
  if (orders && (stored === null || value === null)) return false;
  return comparisons[operator](stored, value);
}

/** `deleteMany` with every comparison. */
function deletesByComparison(tables, adapter) {
  const deleteMany = async ({ model, where }) => {
    if (!where.every(isUsual)) return adapter.deleteMany({ model, where });
    const kept = tables[model].filter((row) => !where.every((clause) => holds(row, clause)));
    const deleted = tables[model].length - kept.length;
    tables[model] = kept;
    return deleted;
  };
  return { ...adapter, deleteMany };
}

function withNulls(row) {
  if (row === null || typeof row !== "object") return row;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null]));
}

/** Rows whose columns are all there, and stay there. */
function keepsColumns(tables, adapter) {
  const found = async (values) => {
    const rows = await values;
    return Array.isArray(rows) ? rows.map(withNulls) : withNulls(rows);
  };
  return {
    ...adapter,
    create: (request) => found(adapter.create(request)),
    findOne: (request) => found(adapter.findOne(request)),
    findMany: (request) => found(adapter.findMany(request)),
    // The row is read and written in one go, so that nothing comes between.
    update: ({ model, where, update }) => {
      const current = where.every(isUsual)
        ? tables[model].find((row) => where.every((clause) => holds(row, clause)))
        : undefined;
      return found(adapter.update({ model, where, update: { ...current, ...update } }));
    },
  };
}

/** The release's `memoryAdapter`, completed where `isAtLeast` says that its release needs it. */
export function completed(memoryAdapter, isAtLeast) {
  if (isAtLeast("1.3.24")) return memoryAdapter;
  return (tables) => (options) => {
    const adapter = deletesByComparison(tables, memoryAdapter(tables)(options));
    return isAtLeast("1.2.6") ? adapter : keepsColumns(tables, adapter);
  };
}

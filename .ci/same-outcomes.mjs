// Two JSON reports of one suite: node same-outcomes.mjs PLAIN OVERLAID
//
// Every check must have ended the same way. What the first run could not observe for want of the proposed feature must
// hold in the second.
import { readFileSync } from "node:fs";

const [plain, overlaid] = process.argv.slice(2).map((path) => {
  const { checks } = JSON.parse(readFileSync(path, "utf8"));
  return new Map(checks.map((check) => [check.check, check]));
});
const differences = [];
let gained = 0;
for (const check of new Set([...plain.keys(), ...overlaid.keys()])) {
  const [before, after] = [plain, overlaid].map((run) => run.get(check)?.outcome ?? "not in the run");
  const { profile } = plain.get(check) ?? overlaid.get(check);
  if (before === after) continue;
  if (profile === "self-grant" && before === "not-applicable" && after === "pass") gained += 1;
  else differences.push(`${check}: ${before}, with the overlay ${after}`);
}
if (plain.size === 0) differences.push("there is no check in the reports");
for (const difference of differences) console.error(difference);
console.log(`${plain.size} checks, ${differences.length} ended otherwise, ${gained} observed with the overlay only`);
process.exit(differences.length === 0 ? 0 : 1);

// Two JSON reports of one suite: node same-outcomes.mjs PLAIN OVERLAID
//
// Every check must have ended the same way. What the first run could not observe for want of the proposed feature must
// hold in the second.
import { readFileSync } from "node:fs";

const [plain, overlaid] = process.argv.slice(2).map((path) => {
  const { checks } = JSON.parse(readFileSync(path, "utf8"));
  return new Map(checks.map((check) => [check.check, check]));
});

/** How a check ended. One that is expected to fail now and then ends as `pass` or `expected-fail`, and no other does. */
function ending(run, check) {
  const outcome = run.get(check)?.outcome ?? "not in the run";
  return outcome === "expected-fail" ? "pass" : outcome;
}

const differences = [];
let gained = 0;
for (const check of new Set([...plain.keys(), ...overlaid.keys()])) {
  const [before, after] = [ending(plain, check), ending(overlaid, check)];
  const wanted = plain.get(check)?.reason?.startsWith("the target does not declare self-grant");
  if (before === after) continue;
  if (before === "not-applicable" && wanted && after === "pass") gained += 1;
  else differences.push(`${check}: ${before}, with the overlay ${after}`);
}
if (gained === 0) differences.push("the overlay has added nothing that could be observed");
for (const difference of differences) console.error(difference);
console.log(`${plain.size} checks, ${differences.length} ended otherwise, ${gained} observed with the overlay only`);
process.exit(differences.length === 0 ? 0 : 1);

#!/usr/bin/env bash
# What of its subject each fuzz target covers with its seeds and its corpus: fuzz/coverage.sh [TARGET]…
# Needs a nightly toolchain with the component llvm-tools, and cargo-fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."

# The files that a target is about.
subject() {
  case $1 in
    request) echo src/spec/{wire,error,route}.rs src/spec/wire/!(tests).rs ;;
    permissions) echo src/spec/permission.rs ;;
    ceiling) echo src/spec/model/{self_grant,create,update,key_session,sweep}.rs src/spec/permission.rs ;;
    machine) echo src/spec/model.rs src/spec/model/!(tests).rs ;;
    scenario) echo src/scenario/{parse.rs,parse/*.rs,yaml.rs,diagnostic.rs,suite.rs,needs.rs,references.rs} ;;
    requirement) echo src/spec/{requirement,words}.rs ;;
    expectation) echo src/outcome/{expectation,expectation/update,pattern}.rs src/campaign/known.rs ;;
    mdx) echo src/claims/!(openapi|compare).rs ;;
    openapi) echo src/claims/{openapi,endpoint,result,suite}.rs ;;
    frame) echo src/deployment/{frame,protocol}.rs ;;
    recording) echo src/outcome/recording.rs src/campaign/{finding,export,export/*,story}.rs ;;
    *) echo "no subject is named for $1" >&2; exit 2 ;;
  esac
}
shopt -s extglob

host=$(rustc +nightly -vV | sed -n 's/^host: //p')
llvm_cov=$(rustc +nightly --print sysroot)/lib/rustlib/$host/bin/llvm-cov
[ $# -gt 0 ] || set -- $(ls fuzz/seeds)

printf '%-14s %10s %10s %10s\n' target lines functions regions
for target in "$@"; do
  files=$(subject "$target")
  mkdir -p "fuzz/corpus/$target" fuzz/coverage
  log=fuzz/coverage/$target.log
  cargo +nightly fuzz coverage --target-dir fuzz/target/coverage "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" \
    >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  "$llvm_cov" export "fuzz/target/coverage/$host/release/$target" --summary-only \
    --instr-profile "fuzz/coverage/$target/coverage.profdata" --sources $files |
    jq -r --arg name "$target" '.data[0].totals | [.lines.percent, .functions.percent, .regions.percent] | map(. * 10 | round / 10) | @tsv' |
    while read -r lines functions regions; do
      printf '%-14s %9s%% %9s%% %9s%%\n' "$target" "$lines" "$functions" "$regions"
    done
done

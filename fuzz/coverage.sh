#!/usr/bin/env bash
# What of its subject each fuzz target covers with its seeds and its corpus: fuzz/coverage.sh [TARGET]…
# Needs `rustup component add llvm-tools`, and jq. Only keyspec itself is built anew, with counters in it.
set -euo pipefail
shopt -s extglob
cd "$(dirname "$0")/.."

# The files that a target is about.
subject() {
  case $1 in
    request) echo src/spec/{wire,error,route}.rs src/spec/wire/!(tests).rs ;;
    permissions) echo src/spec/permission.rs ;;
    ceiling) echo src/spec/model/{self_grant,create,update,key_session,sweep}.rs src/spec/permission.rs ;;
    machine) echo src/spec/model.rs src/spec/model/!(tests).rs ;;
    scenario) echo src/scenario/{parse.rs,parse/!(tests).rs,yaml.rs,diagnostic.rs,suite.rs,needs.rs,references.rs} ;;
    requirement) echo src/spec/{requirement,words}.rs ;;
    expectation) echo src/outcome/{expectation,expectation/update,pattern}.rs src/campaign/known.rs ;;
    mdx) echo src/claims/!(openapi|compare).rs ;;
    openapi) echo src/claims/{openapi,endpoint,result,suite}.rs ;;
    frame) echo src/deployment/{frame,protocol}.rs ;;
    recording) echo src/outcome/recording.rs src/campaign/{finding,export,export/*,story}.rs ;;
    *) echo "no subject is named for $1" >&2; return 2 ;;
  esac
}

tools=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
export RUSTC_WORKSPACE_WRAPPER=$PWD/fuzz/compile-with-counters.sh LLVM_PROFILE_FILE=/dev/null CORPUS=1
program=$(cargo test --no-run --test fuzz_seeds --message-format json |
  jq -r 'select(.target.name? == "fuzz_seeds") | .executable // empty')
mkdir -p fuzz/coverage
[ $# -gt 0 ] || set -- $(ls fuzz/seeds)

printf '%-14s %8s %8s %10s %8s\n' target inputs lines functions regions
for target in "$@"; do
  files=$(subject "$target")
  mkdir -p "fuzz/corpus/$target"
  LLVM_PROFILE_FILE=fuzz/coverage/$target.profraw "$program" --exact "$target replays" >/dev/null
  "$tools/llvm-profdata" merge --sparse "fuzz/coverage/$target.profraw" -o "fuzz/coverage/$target.profdata"
  inputs=$(find "fuzz/seeds/$target" "fuzz/corpus/$target" -type f | wc -l)
  "$tools/llvm-cov" export "$program" --summary-only --instr-profile "fuzz/coverage/$target.profdata" --sources $files |
    jq -r '.data[0].totals | [.lines, .functions, .regions] | map(.percent | round) | @tsv' |
    while read -r lines functions regions; do
      printf '%-14s %8s %7s%% %9s%% %7s%%\n' "$target" "$inputs" "$lines" "$functions" "$regions"
    done
done

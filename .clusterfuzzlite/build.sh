#!/bin/bash -eu
# Builds the fuzz targets into $OUT by the conventions of ClusterFuzzLite and OSS-Fuzz: NAME, NAME_seed_corpus.zip,
# NAME.dict and NAME.options.
cd "$SRC/keyspec"
# With debug assertions and checks for overflow: they find more.
cargo fuzz build

for program in fuzz/target/x86_64-unknown-linux-gnu/release/*; do
  name=$(basename "$program")
  # Of what is there, the targets have seeds.
  [ -d "fuzz/seeds/$name" ] || continue
  cp "$program" "$OUT/"
  cp "fuzz/dictionaries/$name.dict" "fuzz/options/$name.options" "$OUT/"
  rm -f "$OUT/${name}_seed_corpus.zip"
  zip -jqr "$OUT/${name}_seed_corpus.zip" "fuzz/seeds/$name"
done

#!/bin/sh
# Fuzzes the readers of image files: scripts/fuzz.sh [SECONDS [READER ...]]
#
# libFuzzer with the address sanitizer, SECONDS (60) for each reader (all), from the corpus in
# Tests/Fuzzing/corpus. The room is compiled with them into .build/fuzz. What crashes a reader is left
# there, and the status is 1; a file that did belongs into the corpus once it is mended.
set -eu
cd "$(dirname "$0")/.."

seconds=${1:-60}
[ $# -eq 0 ] || shift
readers=${*:-nifti nrrd metaimage npy npz png}
build=.build/fuzz
flags="-O -swift-version 6 -enable-upcoming-feature ExistentialAny \
  -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility"

mkdir -p "$build"
# The list of flags is meant to be split into words.
# shellcheck disable=SC2086
swiftc $flags -wmo -parse-as-library -emit-library -static -emit-module -module-name CounterRandom \
  -emit-module-path "$build/CounterRandom.swiftmodule" -o "$build/libCounterRandom.a" \
  Sources/CounterRandom/*.swift
# shellcheck disable=SC2046,SC2086
swiftc $flags -wmo -parse-as-library -D FUZZING -sanitize=fuzzer,address -use-ld=lld -module-name Volumes \
  -I "$build" -I Sources/CZlib -I Sources/CPNG $(pkg-config --cflags-only-I zlib libpng) \
  -o "$build/fuzz" $(find Sources/Volumes -name '*.swift') Tests/ReaderProbe/ReaderProbe.swift \
  Tests/Fuzzing/FuzzTarget.swift "$build/libCounterRandom.a"

status=0
for reader in $readers; do
  found="$build/$reader"
  mkdir -p "$found"
  echo "fuzz: $reader, $seconds s" >&2
  # Memory is not given back to the system at once under the sanitizer: the limit is the machine's.
  SWIFT_BACKTRACE=enable=no SEGMPI_READER=$reader "$build/fuzz" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
    -malloc_limit_mb=64 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$found-" \
    "$found" "Tests/Fuzzing/corpus/$reader" >"$found.log" 2>&1 || status=1
  grep -E '^stat::number_of_executed|^SUMMARY|^Fatal|Sources/Volumes' "$found.log" || true
done
exit "$status"

#!/bin/sh
# Sees to it that everything segmpi is built from is there: a Swift toolchain and a few libraries.
#
# What is missing is installed with apt-get where that is allowed (root, or sudo without a password);
# elsewhere the command to run is printed, and the status is 1. Where nothing is missing, nothing
# happens, and the network is not asked.
set -eu

least_swift=6.2

say() { printf 'setup: %s\n' "$*" >&2; }

# Whether a header lies where the compiler looks for it by itself.
has_header() {
  for folder in $(echo "${CPATH:-}:${C_INCLUDE_PATH:-}" | tr ':' ' ') /usr/include \
    /usr/local/include; do
    [ ! -e "$folder/$1" ] || return 0
  done
  return 1
}

# Whether a development package is known to pkg-config, which the package manager asks.
has_package() { command -v pkg-config >/dev/null && pkg-config --exists "$1"; }

# Whether GCC's own libraries are there: the toolchain links with their start files, we with libgomp.
has_gcc_libraries() {
  for file in /usr/lib/gcc/*/*/libgomp.so /usr/lib64/libgomp.so; do
    [ ! -e "$file" ] || return 0
  done
  return 1
}

# A toolchain that was unpacked without the libraries that its own tools are linked with.
swift_is_crippled() { command -v swift >/dev/null && ! swift --version >/dev/null 2>&1; }

missing_packages() {
  if swift_is_crippled; then
    echo libcurl4-openssl-dev libedit-dev libncurses-dev libpython3-dev libsqlite3-dev libxml2-dev \
      tzdata
  fi
  command -v make >/dev/null || echo make
  command -v git >/dev/null || echo git
  command -v pkg-config >/dev/null || echo pkg-config
  has_gcc_libraries || echo g++
  has_package ompi-c || echo libopenmpi-dev
  command -v mpirun >/dev/null || echo openmpi-bin
  has_header dnnl.h || echo libdnnl-dev
  has_package zlib || echo zlib1g-dev
  has_package libpng || echo libpng-dev
}

check_swift() {
  if ! command -v swift >/dev/null; then
    say "there is no Swift toolchain: install Swift $least_swift or newer" \
      "(https://www.swift.org/install/linux) and put its usr/bin into PATH"
    exit 1
  fi
  if ! version=$(swift --version 2>&1); then
    say "the Swift toolchain does not run: $version"
    exit 1
  fi
  version=$(echo "$version" | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  oldest=$(printf '%s\n%s\n' "$least_swift" "$version" | sort -V | head -n 1)
  if [ "$oldest" != "$least_swift" ]; then
    say "Swift ${version:-of unknown version} is too old: install $least_swift or newer" \
      "(https://www.swift.org/install/linux)"
    exit 1
  fi
}

# One line, for messages and commands.
missing=$(missing_packages | tr '\n' ' ')
missing=${missing% }
if [ -z "$missing" ]; then
  check_swift
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  say "missing (by Debian's names): $missing. Install your system's packages of that kind."
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root="env"
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo"
else
  say "missing: $missing. Run this, then try again:"
  echo "sudo apt-get update && sudo apt-get install --yes --no-install-recommends $missing" >&2
  exit 1
fi
say "installing $missing"
$as_root apt-get update
# The list is meant to be split into words.
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing

still=$(missing_packages | tr '\n' ' ')
if [ -n "$still" ]; then
  say "installed, but still not found: ${still% }. Look at the messages above."
  exit 1
fi
check_swift

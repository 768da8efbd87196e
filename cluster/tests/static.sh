#!/bin/bash
# What needs no run: every script is understood by its shell and by shellcheck, and the container
# recipes install what scripts/setup.sh does.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$root" || exit 1
scripts=(scripts/*.sh cluster/*/*.sh cluster/slurm/*.sbatch cluster/pbs/*.pbs cluster/lsf/*.lsf)
for script in "${scripts[@]}"; do
  bash -n "$script" || fault "$script is no shell script"
done
if command -v shellcheck > /dev/null; then
  shellcheck --external-sources --source-path=SCRIPTDIR "${scripts[@]}" \
    || fault "shellcheck finds faults in cluster or scripts"
  checked="by bash and shellcheck"
else
  checked="by bash only (there is no shellcheck)"
fi

# The libraries that setup.sh asks for, and of them those that a program needs to run.
libraries=$(sed -n 's/.*|| echo \(lib[a-z0-9.-]*\|zlib[a-z0-9.-]*\|openmpi-bin\|g++\)$/\1/p' \
  scripts/setup.sh | sort)
[ "$(echo "$libraries" | wc -l)" -ge 5 ] || fault "setup.sh is not understood: $libraries"
for recipe in cluster/container/Dockerfile cluster/container/segmpi.def; do
  # Both recipes name them between two marks, a package a line.
  listed=$(sed -n '/packages to build/,/packages to run/p' "$recipe" \
    | grep -oE '^ +[a-z0-9.+-]+( \\)?$' | tr -dc 'a-z0-9.+\n-' | sort)
  [ "$libraries" = "$listed" ] || fault "$recipe builds with other packages than setup.sh: $(
    diff <(echo "$libraries") <(echo "$listed"))"
done
# What the program is linked with is what the second stage installs.
built=$(sed -n '/packages to run/,/end of packages/p' cluster/container/Dockerfile \
  | grep -oE '^ +[a-z0-9.+-]+( \\)?$' | tr -dc 'a-z0-9.+\n-' | sort)
other=$(sed -n '/packages to run/,/end of packages/p' cluster/container/segmpi.def \
  | grep -oE '^ +[a-z0-9.+-]+( \\)?$' | tr -dc 'a-z0-9.+\n-' | sort)
[ "$built" = "$other" ] || fault "Dockerfile and segmpi.def run with other packages: $built / $other"
missing=
while read -r library; do
  package=$(dpkg-query -S "$(realpath "$library")" 2> /dev/null | head -n 1 | cut -d : -f 1)
  case $package in
    '' | libc6 | libgcc-s1 | libstdc++6) continue ;;
  esac
  # Libraries of libraries come with them.
  grep -qx "$package" <<< "$built" || missing="$missing $package"
done < <(objdump -p "$segmpi" 2> /dev/null | sed -n 's/^ *NEEDED *//p' \
  | while read -r need; do ldd "$segmpi" | sed -n "s|^\s*$need => \(/[^ ]*\).*|\1|p"; done)
[ -z "$missing" ] || fault "the container lacks what the program is linked with:$missing"
figures "${#scripts[@]} scripts read $checked; two container recipes hold the packages of setup.sh"
verdict

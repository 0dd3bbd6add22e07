#!/bin/sh
# Builds the sample image's only program, static: with musl where it is installed (70 KB), else with glibc (900 KB).
# Usage: build.sh OUTPUT
set -eu

output=$1
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
compiler=$(command -v musl-gcc || command -v cc || command -v gcc) || {
  echo "build.sh: no C compiler found; install the packages gcc and musl-tools (or libc6-dev)" >&2
  exit 1
}
if [ -e "$output" ] && [ -z "$(find "$here" -newer "$output" -type f)" ]; then
  exit 0
fi
mkdir -p "$(dirname -- "$output")"
"$compiler" -std=c11 -O2 -static -Wall -Wextra -Werror -Wconversion -Wl,--build-id=none -Wl,-s \
  -o "$output.new" "$here"/sample/*.c
mv "$output.new" "$output"

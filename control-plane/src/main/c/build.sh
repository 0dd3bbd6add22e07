#!/bin/sh
# Builds the sample image's only program, static: with musl where it is installed (70 KB), else with glibc (900 KB).
# Usage: build.sh OUTPUT. CC names the compiler.
set -eu

output=$1
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
compiler=${CC:-$(command -v musl-gcc || command -v cc || command -v gcc)} || {
  echo "build.sh: no C compiler found; install the packages gcc and musl-tools (or libc6-dev)" >&2
  exit 1
}
if [ -e "$output" ] && [ -z "$(find "$here" -newer "$output" -type f)" ]; then
  exit 0
fi
mkdir -p "$(dirname -- "$output")"
# glibc hides under c11 what musl shows, so every file asks for it here.
"$compiler" -std=c11 -D_GNU_SOURCE -O2 -static -Wall -Wextra -Werror -Wconversion -Wl,--build-id=none -Wl,-s \
  -o "$output.new" "$here"/sample/*.c
mv "$output.new" "$output"

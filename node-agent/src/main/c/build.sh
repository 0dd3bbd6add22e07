#!/bin/sh
# Compiles the shim: build.sh OUTPUT. Statically, with musl where it is installed (a tenth of glibc's size), else with the
# system's C library; CC names another compiler. Does nothing when the output is newer than every source.
set -eu

output=$1
sources=$(CDPATH='' cd -- "$(dirname -- "$0")/shim" && pwd)

if [ -f "$output" ] && [ -z "$(find "$sources" "$0" -newer "$output" -type f | head -n 1)" ]; then
  exit 0
fi

compiler=
for candidate in ${CC:-musl-gcc cc gcc clang}; do
  if command -v "$candidate" >/dev/null 2>&1; then
    compiler=$candidate
    break
  fi
done
if [ -z "$compiler" ]; then
  echo "No C compiler found (looked for musl-gcc, cc, gcc, clang): the shim, a container's parent process, cannot be built." >&2
  echo "On Debian or Ubuntu install the packages gcc and musl-tools." >&2
  exit 1
fi

flags='-std=c11 -static -Os -Wall -Wextra -Werror -Wconversion -Wshadow'
if echo 'int main(void) { return 0; }' | "$compiler" -fanalyzer -x c -fsyntax-only - 2>/dev/null; then
  flags="$flags -fanalyzer"
fi

mkdir -p "$(dirname -- "$output")"
# shellcheck disable=SC2086 # the flags are words
"$compiler" $flags -Wl,--build-id=none -s -o "$output.new" "$sources"/*.c
mv "$output.new" "$output"

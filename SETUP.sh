#!/bin/sh
# Make the virtual environment for `make demo` (local) or `make test` (dev).
# Usage: PYTHON=python3 VENV=.venv sh SETUP.sh local|dev
set -eu
extra=$1

stop() { echo "banbury: $1" >&2; exit 1; }

command -v "$PYTHON" >/dev/null 2>&1 ||
  stop "Python 3.11 or newer is missing: install it (Debian, Ubuntu: apt-get install python3 python3-venv) or name it with PYTHON=."
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  stop "$("$PYTHON" --version) is too old: Banbury needs Python 3.11 or newer; name one with PYTHON=."

if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
  package="python$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"
  else
    stop "the system package $package is missing: run 'sudo apt-get install $package' and try again."
  fi
fi

# The tests look at every page in a real browser, and foreign code runs in bubblewrap's boxes.
browser() {
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && return 0
  done
  return 1
}
system() { # system PACKAGE WHY: install it as root, or name it
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "banbury: installing $1, $2"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
  else
    stop "the system package $1 is missing, $2: run 'sudo apt-get install $1' and try again."
  fi
}
if [ "$extra" = dev ]; then
  browser || system chromium "in which the tests look at the pages"
  command -v bwrap >/dev/null 2>&1 || system bubblewrap "in which foreign code runs"
  command -v git >/dev/null 2>&1 || system git "with which repositories are mined"
fi

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"

# On a machine without an accelerator the CPU build of torch is a tenth of the size: a local or
# configured index that offers it for this version is used by pip as usual.
echo "banbury: installing what '$extra' needs into $VENV (once, some minutes)"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
  --constraint constraints.txt --editable ".[$extra]" ||
  stop "pip could not install the dependencies: see its message above; a package index must be reachable."
touch "$VENV/.ready-$extra"

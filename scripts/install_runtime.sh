#!/usr/bin/env bash
# Installs maskstream with the system libraries that it loads: install_runtime.sh VENV [PIP_ARGUMENT...]
#   VENV          the virtual environment, made where it is missing
#   PIP_ARGUMENT  what to install into it; default: '.[cpu]'
# PYTHON makes the environment, 3.11 or newer. `make`, and so CI, and the Containerfile all install by this script.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: $0 VENV [PIP_ARGUMENT...]" >&2; exit 2; }
venv=$(realpath -m "$1")
shift
wanted=("$@")
[ $# -gt 0 ] || wanted=('.[cpu]')
cd "$(dirname "${BASH_SOURCE[0]}")/.."

made_by=${PYTHON:-python3}
version_check='import sys; sys.exit(0 if sys.version_info >= (3, 11) else "python 3.11 or newer is needed, got " + sys.version.split()[0])'
"$made_by" -c "$version_check"
scripts/system_packages.sh runtime
[ -x "$venv/bin/pip" ] || "$made_by" -m venv "$venv"

echo "installing ${wanted[*]} into $venv"
"$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --root-user-action ignore \
  -c constraints.txt "${wanted[@]}"

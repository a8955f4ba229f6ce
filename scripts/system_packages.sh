#!/usr/bin/env bash
# Finds which system parts are missing and installs them where it may: system_packages.sh GROUP...
#   runtime  the shared libraries that MediaPipe (EGL, GLES) and OpenCV (GL, glib, xcb) load
#   test     what the tests use besides: a browser that plays the annotated videos
# Exit status: 0 nothing is missing any more; 1 something is, and the line to type was printed; 2 usage.
set -euo pipefail

usage() { echo "usage: $0 runtime|test ..." >&2; exit 2; }

# A part is there when the loader finds the library, whatever package brought it.
library_is_there() { python3 -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }

command_is_there() {
  local name
  for name; do command -v "$name" >/dev/null && return; done
  return 1
}

missing_runtime() {
  library_is_there libEGL.so.1 || echo libegl1
  library_is_there libGLESv2.so.2 || echo libgles2
  library_is_there libGL.so.1 || echo libgl1
  library_is_there libxcb.so.1 || echo libxcb1
  library_is_there libgthread-2.0.so.0 || echo libglib2.0-0
}

missing_test() { command_is_there chromium chromium-browser google-chrome || echo chromium; }

missing() {
  local group
  for group in "${groups[@]}"; do "missing_$group"; done
}

# Debian 13 and Ubuntu 24.04 renamed glib; Ubuntu's chromium is a snap behind chromium-browser.
package_here() {
  local candidate
  case $1 in
    libglib2.0-0) set -- libglib2.0-0t64 libglib2.0-0 ;;
    chromium) set -- chromium chromium-browser ;;
  esac
  for candidate; do
    apt-cache show "$candidate" >/dev/null 2>&1 && { echo "$candidate"; return; }
  done
  echo "${!#}"
}

as_root=()
may_install() {
  command_is_there apt-get || return
  [ "$(id -u)" = 0 ] && return
  as_root=(sudo -n)
  command_is_there sudo && sudo -n true 2>/dev/null
}

install() {
  local package packages=()
  "${as_root[@]}" apt-get update -qq
  for package; do packages+=("$(package_here "$package")"); done
  echo "installing the system packages: ${packages[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

groups=("$@")
[ $# -gt 0 ] || usage
for group; do [[ $group == runtime || $group == test ]] || usage; done

mapfile -t wanted < <(missing)
[ ${#wanted[@]} -gt 0 ] || exit 0
if may_install && install "${wanted[@]}"; then
  mapfile -t wanted < <(missing)
  [ ${#wanted[@]} -gt 0 ] || exit 0
fi
echo "System packages are missing and can't be installed from here. Type:" >&2
echo "  sudo apt-get update && sudo apt-get install -y ${wanted[*]}" >&2
exit 1

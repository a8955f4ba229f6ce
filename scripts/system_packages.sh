#!/usr/bin/env bash
# Finds which system parts are missing and installs them where it may: system_packages.sh GROUP...
#   runtime  the shared libraries that MediaPipe (EGL, GLES) and OpenCV (GL, glib, xcb) load
#   test     what the tests use besides: a browser that plays the annotated videos, Prometheus' check of the metrics, an
#            MQTT broker that takes alerts, openssl, which makes the broker's certificate, curl, which docs/operating.md
#            uses, and what checks the files of configs/deploy and configs/systemd
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

missing_test() {
  command_is_there chromium chromium-browser google-chrome || echo chromium
  command_is_there promtool || echo prometheus
  command_is_there mosquitto /usr/sbin/mosquitto || echo mosquitto
  command_is_there openssl || echo openssl
  command_is_there curl || echo curl
  command_is_there docker-compose || echo docker-compose
  command_is_there systemd-analyze || echo systemd
}

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
may_be_root() {
  [ "$(id -u)" = 0 ] && return
  as_root=(sudo -n)
  command_is_there sudo && sudo -n true 2>/dev/null
}

install() {
  local package packages=() log
  log=$(mktemp)
  "${as_root[@]}" apt-get update -qq >"$log" 2>&1 || { cat "$log" >&2; return 1; }
  for package; do packages+=("$(package_here "$package")"); done
  echo "installing the system packages: ${packages[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >"$log" 2>&1 </dev/null || { cat "$log" >&2; return 1; }
  rm "$log"
}

install_missing() {
  local wanted
  mapfile -t wanted < <(missing)
  [ ${#wanted[@]} -gt 0 ] || return 0
  if command_is_there apt-get && may_be_root && install "${wanted[@]}"; then
    mapfile -t wanted < <(missing)
    [ ${#wanted[@]} -gt 0 ] || return 0
  fi
  echo "System packages are missing and can't be installed from here. Type:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y ${wanted[*]}" >&2
  return 1
}

# MediaPipe's allocator reads the number of CPUs here and aborts the process where it can't: a bare chroot's /sys is empty.
cpu_list=/sys/devices/system/cpu/possible
provide_cpu_list() {
  [ ! -e "$cpu_list" ] || return 0
  local last_cpu
  last_cpu=$(awk '/^processor/ { last = $3 } END { print last + 0 }' /proc/cpuinfo)
  if may_be_root && "${as_root[@]}" mkdir -p "${cpu_list%/*}" && echo "0-$last_cpu" | "${as_root[@]}" tee "$cpu_list" >/dev/null; then
    echo "/sys was empty: wrote $cpu_list"
    return
  fi
  echo "/sys is empty, and MediaPipe needs it. Type:" >&2
  echo "  sudo mount -t sysfs sysfs /sys" >&2
  return 1
}

groups=("$@")
[ $# -gt 0 ] || usage
for group; do [[ $group == runtime || $group == test ]] || usage; done
[[ " $* " != *" runtime "* ]] || provide_cpu_list
install_missing

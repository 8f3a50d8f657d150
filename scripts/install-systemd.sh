#!/usr/bin/env bash
# Installs s3-proxy as a systemd service, or brings an installation up to date.
#
#   install-systemd.sh [--binary FILE] [--dry-run] [--yes]    default: the s3-proxy beside this folder
#   install-systemd.sh --uninstall [--dry-run] [--yes]        keeps the configuration, the logs and the user
#
# It asks before it changes anything; --yes answers, and is needed where nobody can be asked.
# It replaces /usr/local/bin/s3-proxy and /etc/systemd/system/s3-proxy.service, and makes what is
# missing of the user s3proxy, /etc/default/s3-proxy, /etc/s3-proxy/config.yaml and /var/log/s3-proxy:
# what an administrator has edited is never touched. It starts nothing. Where the configuration
# listens on a port below 1024, it adds what the unit needs for that: run it again after such a change.
# DESTDIR=/somewhere puts the files below that folder and leaves users and systemd alone.
set -euo pipefail

readonly USER_NAME=s3proxy UNIT=s3-proxy.service
readonly DESTDIR=${DESTDIR:-}
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly SOURCE
readonly PROGRAM=$DESTDIR/usr/local/bin/s3-proxy
readonly UNIT_FILE=$DESTDIR/etc/systemd/system/$UNIT
readonly PORT_FILE=$UNIT_FILE.d/privileged-port.conf
readonly ENVIRONMENT_FILE=$DESTDIR/etc/default/s3-proxy
readonly CONFIG_FOLDER=$DESTDIR/etc/s3-proxy
readonly CONFIG_FILE=$CONFIG_FOLDER/config.yaml
readonly LOG_FOLDER=$DESTDIR/var/log/s3-proxy

action=install binary=$SOURCE/s3-proxy dry_run=no answer=ask
done_so_far=()

main() {
  read_arguments "$@"
  if [ -z "$DESTDIR" ] && [ "$dry_run" = no ]; then
    [ "$(id --user)" -eq 0 ] || fail "run it as root, or with --dry-run"
    [ -d /run/systemd/system ] ||
      fail "systemd does not run this machine (there is no /run/systemd/system); DESTDIR=FOLDER only puts the files there"
    ask
  fi
  trap report_failure EXIT
  "$action"
  trap - EXIT
}

ask() {
  [ "$answer" = ask ] || return 0
  [ -t 0 ] || fail "nobody can be asked here: --yes goes on without"
  read -r -p "$action s3-proxy on this machine? [y/N] " reply
  case $reply in
    y | Y | yes) ;;
    *) fail "nothing was changed" ;;
  esac
}

# A step has failed: says what the ones before it have left.
report_failure() {
  [ ${#done_so_far[@]} -eq 0 ] || say "stopped half-way; this was done: ${done_so_far[*]}" >&2
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --binary) binary=${2:?"--binary needs a file"} && shift ;;
      --dry-run) dry_run=yes ;;
      --yes) answer=yes ;;
      --uninstall) action=uninstall ;;
      --help) usage && exit 0 ;;
      *) usage >&2 && exit 2 ;;
    esac
    shift
  done
}

usage() {
  sed --quiet '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

install() {
  [ -f "$binary" ] || fail "there is no $binary: make it with \"deno task compile\", or give --binary"
  make_user
  make_folder 0755 root:root "${PROGRAM%/*}"
  make_folder 0755 root:root "${UNIT_FILE%/*}"
  make_folder 0755 root:root "${ENVIRONMENT_FILE%/*}"
  make_folder 0750 "root:$USER_NAME" "$CONFIG_FOLDER"
  make_folder 0750 "$USER_NAME:$USER_NAME" "$LOG_FOLDER"
  put_file 0755 root:root "$PROGRAM" <"$binary"
  put_file 0644 root:root "$UNIT_FILE" <"$SOURCE/scripts/$UNIT"
  [ -e "$ENVIRONMENT_FILE" ] || print_environment | put_file 0640 root:root "$ENVIRONMENT_FILE"
  [ -e "$CONFIG_FILE" ] || print_config | put_file 0640 "root:$USER_NAME" "$CONFIG_FILE"
  allow_port
  systemd daemon-reload
  [ "$dry_run" = no ] || return 0
  say "installed; now edit $CONFIG_FILE, then:"
  say "  systemctl enable --now s3-proxy    or, where it runs already: systemctl restart s3-proxy"
}

uninstall() {
  if [ -e "$UNIT_FILE" ]; then
    systemd disable --now "$UNIT"
    run rm -f "$UNIT_FILE" "$PORT_FILE"
    systemd daemon-reload
  fi
  run rm -f "$PROGRAM"
  [ "$dry_run" = no ] || return 0
  say "uninstalled; kept: $CONFIG_FOLDER, $ENVIRONMENT_FILE, $LOG_FOLDER, the user $USER_NAME"
}

# What a port below 1024 needs, in a file of its own beside the unit; none for any other port.
allow_port() {
  local port
  port=$(read_port)
  if [ -n "$port" ] && [ "$port" -gt 0 ] && [ "$port" -lt 1024 ]; then
    make_folder 0755 root:root "${PORT_FILE%/*}"
    print_port_settings | put_file 0644 root:root "$PORT_FILE"
    say "port $port: the unit may bind ports below 1024 (${PORT_FILE})"
  elif [ -e "$PORT_FILE" ]; then
    run rm -f "$PORT_FILE"
  fi
}

# The port of server.listen_addr; nothing where it cannot be read.
read_port() {
  [ -r "$CONFIG_FILE" ] || return 0
  sed --quiet 's/^ *\(server: *{.*\)\{0,1\}listen_addr: *"\{0,1\}[^"# ,}]*:\([0-9]\{1,5\}\).*/\2/p' "$CONFIG_FILE" |
    head --lines=1
}

print_port_settings() {
  cat <<'TEXT'
# Made by install-systemd.sh, because server.listen_addr is below port 1024.
[Service]
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
AmbientCapabilities=CAP_NET_BIND_SERVICE
# In a user namespace of its own the capability would not count for the machine's ports.
PrivateUsers=no
TEXT
}

make_user() {
  [ -z "$DESTDIR" ] || return 0
  ! id "$USER_NAME" >/dev/null 2>&1 || return 0
  run useradd --system --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin "$USER_NAME"
}

# make_folder MODE OWNER FOLDER; one that is there is left as it is.
make_folder() {
  [ ! -d "$3" ] || return 0
  run mkdir --parents "$3"
  [ "$dry_run" = yes ] || done_so_far+=("$3/")
  run chmod "$1" "$3"
  give "$2" "$3"
}

# put_file MODE OWNER FILE <CONTENT; a running program keeps the file that it was started from.
put_file() {
  if [ "$dry_run" = yes ]; then
    cat >/dev/null
    say "would write $3 (mode $1)"
    return 0
  fi
  (umask 077 && cat >"$3.new")
  chmod "$1" "$3.new"
  give "$2" "$3.new"
  mv --force "$3.new" "$3"
  done_so_far+=("$3")
}

# Files of a staged installation belong to whoever packs it.
give() {
  [ -n "$DESTDIR" ] || run chown "$1" "$2"
}

print_environment() {
  cat <<'TEXT'
# Read by s3-proxy.service: NAME=value lines, for ${NAME} in /etc/s3-proxy/config.yaml.
#HETZNER_SECRET_KEY=
TEXT
}

# The example, for clients that connect directly; metrics stay on this machine.
print_config() {
  sed --expression='s/^  listener: .*/  listener: "hardened"/' \
    --expression='s/^  address: ":9090"/  address: "127.0.0.1:9090"/' "$SOURCE/config.yaml.example"
}

systemd() {
  [ -n "$DESTDIR" ] || run systemctl "$@"
}

run() {
  if [ "$dry_run" = yes ]; then say "would run: $*"; else "$@"; fi
}

say() {
  echo "install-systemd.sh: $*"
}

fail() {
  say "$*" >&2
  exit 1
}

main "$@"

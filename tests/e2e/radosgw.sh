#!/usr/bin/env bash
# A throw-away Ceph S3 gateway for the end-to-end tests: one monitor, one OSD that keeps all data in
# memory, one radosgw; on 127.0.0.1 only, over HTTP and over HTTPS.
#
#   radosgw.sh STATE_DIR start              start it, new and empty
#   radosgw.sh STATE_DIR stop               end what was started there
#   radosgw.sh STATE_DIR stop-after PID     wait for the end of that process, then stop
#
# "start" needs three free ports in RGW_HTTP_PORT, RGW_HTTPS_PORT and RGW_MON_PORT.
#
# The S3 keys are MASTERKEY and mastersecret. STATE_DIR/ca.pem is the authority that signed
# STATE_DIR/tls.pem (key: tls.key), a certificate for 127.0.0.1 and localhost.
set -euo pipefail

readonly PACKAGES=(ceph-mon ceph-osd radosgw ceph-common curl openssl)
readonly COMMANDS=(ceph-mon ceph-osd radosgw radosgw-admin ceph monmaptool curl openssl)
readonly DAEMONS=(client.rgw osd.0 mon.a) # in the order in which they can be ended
readonly SETUP_SECONDS=60 READY_SECONDS=60

main() {
  [ $# -ge 2 ] || usage
  mkdir --parents "$1"
  state=$(cd "$1" && pwd -P)
  conf=$state/ceph.conf
  case "$#:$2" in
    2:start) start ;;
    2:stop) stop ;;
    3:stop-after) tail --pid="$3" --follow /dev/null && stop ;;
    *) usage ;;
  esac
}

usage() {
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

start() {
  : "${RGW_HTTP_PORT:?}" "${RGW_HTTPS_PORT:?}" "${RGW_MON_PORT:?}"
  install_packages
  stop
  rm -rf "${state:?}"/{mon,osd,run,log}
  mkdir "$state"/{mon,osd,run,log}
  setup=$state/log/setup.log
  local cluster osd
  cluster=$(cat /proc/sys/kernel/random/uuid)
  osd=$(cat /proc/sys/kernel/random/uuid)
  write_certificates
  write_configuration "$cluster"

  step monmaptool --create --fsid "$cluster" --addv a "v2:127.0.0.1:$RGW_MON_PORT" "$state/run/monmap"
  step ceph-mon --conf "$conf" --id a --mkfs --monmap "$state/run/monmap"
  step ceph-mon --conf "$conf" --id a
  step ceph --conf "$conf" --log-file= osd new "$osd"
  step ceph-osd --conf "$conf" --id 0 --mkfs --osd-uuid "$osd"
  step ceph-osd --conf "$conf" --id 0
  step radosgw-admin --conf "$conf" --name client.rgw --pid-file= --log-file= --no-mon-config \
    user create --uid=master --display-name=Master --access-key=MASTERKEY \
    --secret-key=mastersecret --max-buckets=0
  step radosgw --conf "$conf" --name client.rgw
  wait_until_ready
}

# One step of the setup: bounded, its output kept for the case that it fails.
step() {
  timeout "$SETUP_SECONDS" "$@" >>"$setup" 2>&1 || fail "$1 failed"
}

install_packages() {
  local command missing=()
  for command in "${COMMANDS[@]}"; do
    command -v "$command" >/dev/null || missing+=("$command")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id --user)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    fail "${missing[*]} not found; as root: apt-get install ${PACKAGES[*]}"
  fi
  say "${missing[*]} not found, installing ${PACKAGES[*]}"
  export DEBIAN_FRONTEND=noninteractive
  timeout 120 apt-get update --quiet=2 >&2 || fail "apt-get update failed"
  timeout 600 apt-get install --yes --quiet=2 --no-install-recommends "${PACKAGES[@]}" >&2 ||
    fail "apt-get install failed"
}

# An authority and a certificate apart from it: a TLS client may refuse an authority as a server.
write_certificates() {
  step openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=End-to-end tests" \
    -keyout "$state/ca.key" -out "$state/ca.pem"
  step openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
    -keyout "$state/tls.key" -out "$state/tls.csr"
  echo "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:*.localhost" >"$state/tls.ext"
  step openssl x509 -req -days 30 -in "$state/tls.csr" -extfile "$state/tls.ext" \
    -CA "$state/ca.pem" -CAkey "$state/ca.key" -CAcreateserial -out "$state/tls.pem"
}

write_configuration() {
  local plain="endpoint=127.0.0.1:$RGW_HTTP_PORT" tls="ssl_endpoint=127.0.0.1:$RGW_HTTPS_PORT"
  # Without cephx radosgw cannot have the encrypted session with the monitor that it asks for by
  # default: ms_mon_client_mode. Without redundancy one OSD has to do: the osd_pool settings. Without tcp_nodelay
  # the end of an answer on a connection that is kept waits 40 ms for an acknowledgement. Radosgw 16.2.15 is not
  # safe where it deletes several keys of one DeleteObjects at a time: rgw_multi_obj_del_max_aio.
  cat >"$conf" <<CONF
[global]
fsid = $1
mon_host = v2:127.0.0.1:$RGW_MON_PORT
public_addr = 127.0.0.1
ms_bind_msgr1 = false
ms_mon_client_mode = crc
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = $state/run
pid_file = $state/run/\$name.pid
log_file = $state/log/\$name.log
crash_dir = $state/log
admin_socket =
mon_data = $state/mon
mon_data_avail_crit = 1
mon_cluster_log_to_file = false
mon_allow_pool_size_one = true
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
osd_data = $state/osd
osd_objectstore = memstore
memstore_device_bytes = ${RGW_STORE_BYTES:-8589934592}
osd_crush_chooseleaf_type = 0
osd_crush_initial_weight = 1
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
rgw_rados_pool_pg_num_min = 4
[client.rgw]
rgw_frontends = beast $plain $tls tcp_nodelay=1 ssl_certificate=$state/tls.pem ssl_private_key=$state/tls.key
rgw_dns_name = localhost
rgw_thread_pool_size = 32
rgw_dynamic_resharding = false
rgw_multipart_min_part_size = 1
rgw_multi_obj_del_max_aio = 1
rgw_gc_obj_min_wait = 1
rgw_gc_processor_period = 1
CONF
}

wait_until_ready() {
  local deadline=$((SECONDS + READY_SECONDS))
  until curl --fail --silent --output /dev/null --max-time 2 --noproxy '*' \
    "http://127.0.0.1:$RGW_HTTP_PORT/"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "no answer on port $RGW_HTTP_PORT"
    sleep 0.05
  done
}

stop() {
  local daemon pid signal=TERM
  for daemon in "${DAEMONS[@]}"; do
    if pid=$(pid_of "$daemon"); then
      kill "-$signal" "$pid" 2>/dev/null || true
      timeout 5 tail --pid="$pid" --follow /dev/null || kill -KILL "$pid" 2>/dev/null || true
    fi
    signal=KILL # with the gateway gone, nothing in the store needs to be finished
  done
}

# The process id of a daemon that runs on this very configuration.
pid_of() {
  local pid
  pid=$(cat "$state/run/$1.pid" 2>/dev/null) && [ -n "$pid" ] &&
    tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep --quiet --line-regexp --fixed-strings "$conf" &&
    echo "$pid"
}

say() {
  echo "radosgw.sh: $*" >&2
}

fail() {
  say "$*"
  tail --lines=20 "${setup:-/dev/null}" >&2
  stop
  exit 1
}

main "$@"

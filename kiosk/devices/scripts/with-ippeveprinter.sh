#!/bin/sh
# Runs Debian's ippeveprinter (a real IPP Everywhere printer without paper) until killed.
#
#   with-ippeveprinter.sh FOLDER PORT NAMESPACE_DOOR
#
# FOLDER          gets printed/ with every document, and logs. While FOLDER/reason exists, the next job waits with its word
#                 as the printer's state reason (media-empty-error, media-jam-error, cover-open-error …); removing the file
#                 lets it go on.
# PORT            on 127.0.0.1: the printer is http://127.0.0.1:PORT/ipp/print (ipp:// works as well).
# NAMESPACE_DOOR  the built program.
#
# Prints "ready" when it answers. Needs: cups-ipp-utils, avahi-daemon, dbus, util-linux, iproute2.
# ippeveprinter insists on D-Bus and Avahi and listens on all addresses, so all three get a namespace of their own.
set -eu
[ $# -eq 3 ] || { sed -n '2,14p' "$0" >&2; exit 2; }

if [ -z "${GENKAN_IN_NAMESPACE:-}" ]; then
    mkdir -p "$1/printed"
    folder=$(cd "$1" && pwd)
    for program in ippeveprinter avahi-daemon dbus-daemon unshare ip mount; do
        command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
        command -v "$program" >/dev/null || { echo "with-ippeveprinter.sh: $program is not installed" >&2; exit 3; }
    done
    export PATH GENKAN_IN_NAMESPACE=1
    as_root=""; [ "$(id -u)" -eq 0 ] || as_root="-r"
    # The door listens out here and hands its socket in as standard input.
    # shellcheck disable=SC2086
    exec "$3" --listen "127.0.0.1:$2" unshare $as_root -n -m sh "$0" "$folder" "$2" "$3"
fi

unset GENKAN_IN_NAMESPACE
folder=$1 port=$2 door=$3
exec 3<&0 </dev/null
ip link set lo up
mkdir -p /run/dbus /run/avahi-daemon 2>/dev/null || true
mount -t tmpfs tmpfs /run/dbus
mount -t tmpfs tmpfs /run/avahi-daemon

cat >"$folder/dbus.conf" <<EOF
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>
EOF
cat >"$folder/avahi.conf" <<EOF
[server]
allow-interfaces=lo
use-ipv6=no
EOF
cat >"$folder/print.sh" <<EOF
#!/bin/sh
if [ -f "$folder/reason" ]; then
    reason=\$(cat "$folder/reason")
    echo "STATE: +\$reason" >&2
    while [ -f "$folder/reason" ]; do sleep 0.05; done
    echo "STATE: -\$reason" >&2
fi
cat "\$1" >/dev/null
EOF
chmod +x "$folder/print.sh"
rm -f "$folder/reason"

# The parts die with this script, even if it is killed without a chance to tidy up.
setpriv --pdeathsig TERM dbus-daemon --config-file="$folder/dbus.conf" --nofork --nopidfile >"$folder/dbus.log" 2>&1 3<&- & dbus=$!
trap 'kill $dbus ${avahi:-} ${printer:-} ${relay:-} 2>/dev/null || true' EXIT
trap 'exit 0' TERM INT HUP
wait_for() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { echo "with-ippeveprinter.sh: gave up on: $*" >&2; cat "$folder"/*.log >&2; exit 4; }
        sleep 0.05
    done
}
wait_for test -S /run/dbus/system_bus_socket
setpriv --pdeathsig TERM avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$folder/avahi.conf" >"$folder/avahi.log" 2>&1 3<&- & avahi=$!
wait_for test -S /run/avahi-daemon/socket
setpriv --pdeathsig TERM ippeveprinter -p "$port" -n localhost -d "$folder/printed" -k -f application/pdf,image/pwg-raster \
    -c "$folder/print.sh" "Genkan" >"$folder/ippeveprinter.log" 2>&1 3<&- & printer=$!
wait_for ipptool -q "ipp://127.0.0.1:$port/ipp/print" get-printer-attributes.test
setpriv --pdeathsig TERM "$door" --to "127.0.0.1:$port" <&3 & relay=$!
exec 3<&-
echo ready
wait $printer

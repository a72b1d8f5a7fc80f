#!/bin/sh
# Runs a private pcscd with a virtual reader and our card simulator in it, until killed.
#
#   with-vpcd.sh FOLDER PROFILES CARD_SIMULATOR
#
# FOLDER         gets pcscd.comm (set PCSCLITE_CSOCK_NAME to it in the kiosk's environment), card.sock (the control socket
#                of card-simulator: "insert NAME", "remove", "list" …) and pcscd.log.
# PROFILES       folder of NAME.json card profiles.
# CARD_SIMULATOR the built program.
#
# Prints "ready" when all of it answers. Needs: pcscd, vsmartcard-vpcd, util-linux, iproute2.
# The virtual reader listens on all addresses, so it gets a network namespace; the sockets are paths and are seen outside.
set -eu
[ $# -eq 3 ] || { sed -n '2,12p' "$0" >&2; exit 2; }

if [ -z "${GENKAN_IN_NAMESPACE:-}" ]; then
    mkdir -p "$1"
    folder=$(cd "$1" && pwd); profiles=$(cd "$2" && pwd)
    for program in pcscd unshare ip mount; do
        command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
        command -v "$program" >/dev/null || { echo "with-vpcd.sh: $program is not installed" >&2; exit 3; }
    done
    export PATH GENKAN_IN_NAMESPACE=1
    as_root=""; [ "$(id -u)" -eq 0 ] || as_root="-r"
    # shellcheck disable=SC2086
    exec unshare $as_root -n -m sh "$0" "$folder" "$profiles" "$3"
fi

unset GENKAN_IN_NAMESPACE
folder=$1; rm -f "$folder/pcscd.comm" "$folder/pcscd.pid" "$folder/card.sock"
ip link set lo up
mkdir -p /run/pcscd 2>/dev/null || true
mount --bind "$folder" /run/pcscd

# The parts die with this script, even if it is killed without a chance to tidy up. pcscd gets a session of its own
# so that no signal to its process group reaches whoever started this script.
setpriv --pdeathsig TERM setsid pcscd -f >"$folder/pcscd.log" 2>&1 & pcscd=$!
setpriv --pdeathsig TERM "$3" --profiles "$2" --control "$folder/card.sock" & card=$!
trap 'kill $pcscd $card 2>/dev/null || true' EXIT
trap 'exit 0' TERM INT HUP

tries=0
until [ -S "$folder/pcscd.comm" ] && [ -S "$folder/card.sock" ]; do
    tries=$((tries + 1))
    kill -0 $pcscd && kill -0 $card && [ $tries -lt 200 ] || { cat "$folder/pcscd.log" >&2; exit 4; }
    sleep 0.05
done
echo ready
# Ends when the card does; pcscd only ends with it.
wait $card

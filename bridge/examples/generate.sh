#!/bin/sh
# Ask a running daemon for new music with liblo's oscsend and oscdump (Debian: liblo-tools),
# and print the path of every take:
#
#   msanii-bridge serve
#   sh bridge/examples/generate.sh "Am F C G" 97.3 4
#
# PORT is the daemon's, REPLY_PORT a free one on which oscdump hears the answers.
set -eu

chords=${1:-Am F C G}
bpm=${2:-120}
bars=${3:-4}
preset=${PRESET:-piano_loop}
port=${PORT:-9800}
reply_port=${REPLY_PORT:-9810}
job=shell-$$-$(date +%s)

events=$(mktemp)
oscdump -L "$reply_port" >"$events" &
listener=$!
trap 'oscsend 127.0.0.1 "$port" /msanii/notify ii 0 "$reply_port"; kill "$listener"; rm -f "$events"' EXIT

# Try until a line matches; each try lasts a fifth of a second.
wait_for() {
  pattern=$1 tries=$2
  until grep -Eq "$pattern" "$events"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.2
    [ $# -lt 3 ] || oscsend 127.0.0.1 "$port" /msanii/notify ii 1 "$reply_port"
  done
}

# oscsend hears no answers itself, so the daemon sends every job's events to oscdump.
wait_for '/msanii/notify.reply' 25 subscribe ||
  { echo "no answer from port $port; is 'msanii-bridge serve' running?" >&2; exit 1; }

oscsend 127.0.0.1 "$port" /msanii/generate ssssssfsi \
  "$job" preset "$preset" chords "$chords" bpm "$bpm" bars "$bars"
# A refusal goes to oscsend's own port, which is closed by then.
wait_for "/msanii/queued .*\"$job\"" 25 ||
  { echo "the daemon refused the request; 'msanii-bridge send' with the same values says why" >&2; exit 1; }
wait_for "/msanii/(done|fail) s+ \"$job\"" 3000 ||
  { echo "job $job did not end within ten minutes" >&2; exit 1; }

grep "/msanii/take .*\"$job\"" "$events" | cut -d '"' -f 4
! grep "/msanii/fail .*\"$job\"" "$events" >&2

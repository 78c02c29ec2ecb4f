#!/bin/sh
# ficsync in two minutes, without an account: an imitation of Fatture in Cloud runs on this machine, ficsync mirrors
# it, records are changed and deleted there, ficsync finds them.
#
# Needs Rust, a C compiler and make; nothing is left behind but the build in target/.
# The development build is used: it is ready in a third of the release build's time.
set -eu

cd "$(dirname "$0")/.."
world=$(mktemp -d "${TMPDIR:-/tmp}/ficsync-demo.XXXXXX")
sandbox_pid=

clean_up() {
    code=$?
    trap - EXIT INT TERM HUP
    if [ -n "$sandbox_pid" ]; then
        kill "$sandbox_pid" 2>/dev/null || true
        wait "$sandbox_pid" 2>/dev/null || true
    fi
    rm -rf "$world"
    if [ "$code" -ne 0 ]; then
        echo "demo: stopped before its end (exit $code)" >&2
    fi
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

# Shows the command, then runs it.
run() {
    printf '$ ficsync %s\n' "$*"
    "$ficsync" "$@"
}

# Shows a query of the cookbook and its first rows.
ask() {
    printf '\n$ sqlite3 ficsync.db < sql/queries/%s | head\n' "$1"
    "$query" "$FICSYNC_DB" "sql/queries/$1" | head
}

control() { "$sandbox" --control "$url" "$@"; }

say "Building (the first time takes some minutes)"
"${CARGO:-cargo}" build --bin ficsync --example sandbox --example query
target=$("${CARGO:-cargo}" metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
ficsync=$target/debug/ficsync
sandbox=$target/debug/examples/sandbox
query=$target/debug/examples/query

say "An imitation of Fatture in Cloud, with a company's data of five years"
"$sandbox" --clients 120 --suppliers 30 --invoices 450 --quotes 40 >"$world/sandbox.out" 2>"$world/sandbox.err" &
sandbox_pid=$!
tries=0
until grep -q '^token ' "$world/sandbox.out"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$sandbox_pid" 2>/dev/null; then
        echo "demo: the sandbox did not start" >&2
        cat "$world/sandbox.err" >&2
        exit 1
    fi
    sleep 0.1
done
url=$(sed -n 's/^listening on //p' "$world/sandbox.out")
token=$(sed -n 's/^token \([^ ]*\).*/\1/p' "$world/sandbox.out")
echo "120 clients, 30 suppliers, 450 invoices, 40 quotes at $url"

# ficsync's own settings, whatever this shell's environment says.
: >"$world/config.toml"
unset FICSYNC_LISTEN FICSYNC_WORKERS FICSYNC_PUBLIC_URL FICSYNC_WEBHOOK_PUBLIC_KEY FICSYNC_TIMEOUT \
    CREDENTIALS_DIRECTORY RUST_LOG || true
export FICSYNC_DB="$world/ficsync.db" FICSYNC_CONFIG="$world/config.toml" FICSYNC_API_URL="$url"

say "Add the account; the token comes by standard input, so that nobody sees it in the process list"
printf '%s\n' "$token" | run account add --name 'Rossi S.r.l.' --token-stdin

say "The first run reads everything, 100 records a request"
run sync all

say "Nothing happened since: one request per resource"
run --quiet sync all

say "At the service: three invoices are changed, two clients and an invoice deleted, a quote is made"
# The service's stamps have whole seconds; a change in the second of the last run shows a moment later.
sleep 1
# ids <list> <how many> <after how many>: ids of records, one a line.
ids() {
    "$query" "$FICSYNC_DB" "SELECT id FROM $1 ORDER BY id LIMIT $2 OFFSET $3" | sed -n 's/^ *\([0-9][0-9]*\) *$/\1/p'
}
for id in $(ids invoices 3 40); do
    control update "{\"company\": 12345, \"resource\": \"invoices\", \"id\": $id}" >/dev/null
done
for id in $(ids clients 2 60); do
    control delete "{\"company\": 12345, \"resource\": \"clients\", \"id\": $id}" >/dev/null
done
for id in $(ids invoices 1 200); do
    control delete "{\"company\": 12345, \"resource\": \"invoices\", \"id\": $id}" >/dev/null
done
control create '{"company": 12345, "resource": "quotes"}' >/dev/null

say "The next run finds all of it: changes in the same request, deletions by counting"
run --quiet sync all
# A demonstration that shows the wrong thing must not end well.
gone=$(ids deleted_records 10 0 | wc -l)
if [ "$gone" -ne 3 ]; then
    echo "demo: 3 records were deleted at the service, $gone were found" >&2
    exit 1
fi

say "Plain SQL on plain tables (printed by examples/query.rs, so that the sqlite3 program is not needed)"
ask open_invoices_by_due_date.sql
ask turnover_by_month.sql
ask deleted_records.sql

say "What ficsync knows of itself"
run status

say "Done. Now your own company: see README.md, \"Add an account\""

# The pages for administrators, followed in the booted Debian by one who may use sudo: what stands in their `sh` blocks is
# typed as it is printed, one line after the other, each into a new login shell. Read by scripts/test-system-inside.sh,
# where the functions and the world around come from, after the package has been purged.
#
# Only `make build` is not typed (there is no Rust here), and what belongs to other machines is put in its place: a token,
# the package, the settings of this world, a repository for restic.

pages=/opt/test/source
home=/home/luca
useradd --create-home --shell /bin/bash luca
echo 'luca ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/luca
echo 'for the backups of this test' >/etc/restic.password
does 'restic has a repository' restic --quiet --repo /srv/restic --password-file /etc/restic.password init

# lines PAGE [FROM [TO]]: the lines of the `sh` blocks between two headings, or of a manual page's examples, each with its
# number.
lines() {
    case $1 in
        *.md) awk -v from="${2-}" -v to="${3-}" '
            BEGIN { on = from == "" }
            /^#/ && !block { if (on && $0 == to) exit; if ($0 == from) on = 1 }
            /^```/ { block = block ? 0 : on && $0 == "```sh" ? 1 : 2; next }
            block == 1 { print NR ": " $0 }' "$pages/$1" ;;
        *) awk '/^\.EX/ { on = 1; next } /^\.EE/ { on = 0 } on { print NR ": " $0 }' "$pages/$1" ;;
    esac
}
# What the pages take for granted in the folder of the one who reads them.
provide() {
    cp /opt/test/token $home/token.txt
    cp "/opt/test/$1.deb" $home/ficsync_0.1.0-1_amd64.deb
    chown luca: $home/token.txt $home/ficsync_0.1.0-1_amd64.deb
}
typed() { runuser -l luca -c "$1" </dev/null; }
# follow PAGE [FROM [TO]]: types them.
follow() {
    lines "$@" | grep -v ': make build$' >/opt/test/lines
    [ -s /opt/test/lines ] || fail "$* shows nothing to type"
    # On another descriptor, so that nothing that is typed reads what comes next.
    while IFS= read -r line <&3; do
        command=${line#*: }
        does "$1:$line" typed "$command"
        case $command in
            *'apt install '* | *'make install '*) settings ;;
        esac
    done 3</opt/test/lines
}
purge() {
    does 'the package is purged again' dpkg -P ficsync
    rm -rf /etc/ficsync
}

# --- from nothing to a first query -------------------------------------------------------------------------------
provide ficsync
follow docs/quickstart.md '### From a package' '### From the source'
follow docs/quickstart.md '## 2. A token'
is 'the last thing that was typed names the timer' 1 "$(grep -c '^1 timers listed' /opt/test/said)"
purge

# --- operating ---------------------------------------------------------------------------------------------------
provide ficsync
follow README.it.md '## Su un server Debian o Ubuntu'
follow docs/operations.md '' '## Upgrade'
is 'what was restored is the mirror' 323 "$(value 'SELECT count(*) FROM invoices')"
provide next
follow docs/operations.md '## Upgrade'
is 'the next package is there' '0.1.0-1+next' "$(dpkg-query -W -f '${Version}' ficsync)"
purge

# --- the manual page ---------------------------------------------------------------------------------------------
does 'the package installs once more' dpkg -i ficsync.deb
settings
provide ficsync
follow man/ficsync.7
purge

# --- from the source ---------------------------------------------------------------------------------------------
cp -R $pages $home/source
chown -R luca: $home/source
printf 'cd ~/source\n' >>$home/.profile
follow docs/quickstart.md '### From the source' '## 2. A token'
does 'an account of what was installed so' as_owner ficsync account add --name Rossi --token-stdin <token
does 'its unit syncs' systemctl start ficsync-sync.service
is 'invoices are there' 323 "$(value 'SELECT count(*) FROM invoices')"
does 'it is removed again' make -C $home/source uninstall prefix=/usr
refuses 'the program is gone' test -e /usr/bin/ficsync
does 'the data stays' test -s $db

//! The units in `systemd/`: understood by systemd, hardened, and in step with the program's exit codes.
//!
//! Skipped, and said so, where the program `systemd-analyze` is missing.

#![allow(clippy::expect_used)] // a test that cannot go on should stop
#![allow(clippy::print_stderr)] // what is skipped is said

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The highest exposure that `systemd-analyze security` may find: 0 is none, 10 is all.
const MOST_EXPOSED: f64 = 1.5;

fn units(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("systemd/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == kind))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no {kind} in systemd/");
    found
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a unit")
}

/// Copies of the units whose program is this build's, since none is installed here.
fn copies() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for path in ["service", "timer", "socket"].into_iter().flat_map(units) {
        let unit = text(&path)
            .replace("/usr/bin/ficsync", env!("CARGO_BIN_EXE_ficsync"))
            .replace("/usr/lib/ficsync/failure", &script().display().to_string());
        let unit = unit.lines().filter(|line| !line.starts_with("Documentation=")).collect::<Vec<_>>().join("\n");
        std::fs::write(folder.path().join(path.file_name().expect("a name")), unit).expect("a copy");
    }
    folder
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/failure")
}

/// A unit's name; a template's as that of an instance.
fn instance(path: &Path) -> String {
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    name.replace("@.", "@rossi.")
}

fn analyze(words: &[&str], folder: &Path) -> Option<Output> {
    let path = format!("{}:/usr/lib/systemd/system:/lib/systemd/system", folder.display());
    let output = Command::new("systemd-analyze").args(words).env("SYSTEMD_UNIT_PATH", path).output().ok();
    if output.is_none() {
        eprintln!("skipped: there is no systemd-analyze here");
    }
    output
}

#[test]
fn systemd_understands_them() {
    let folder = copies();
    for path in ["service", "timer", "socket"].into_iter().flat_map(units) {
        let copy = folder.path().join(instance(&path)).display().to_string();
        let Some(output) = analyze(&["verify", &copy], folder.path()) else { return };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let about_us: Vec<&str> = said.lines().filter(|line| line.contains("ficsync")).collect();
        assert!(about_us.is_empty(), "{copy}: {about_us:#?}");
    }
}

#[test]
fn the_services_are_hardened() {
    let folder = copies();
    for path in units("service") {
        let copy = folder.path().join(path.file_name().expect("a name")).display().to_string();
        let Some(output) = analyze(&["security", "--offline=true", &copy], folder.path()) else { return };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let level = said
            .lines()
            .find_map(|line| line.split_once("Overall exposure level for")?.1.split_once(": ")?.1.split(' ').next())
            .unwrap_or_else(|| panic!("{copy}: no level in {said}"));
        let level: f64 = level.parse().expect("a number");
        assert!(level <= MOST_EXPOSED, "{}: exposure {level}", path.display());
    }
}

/// The lines of a unit that are settings, in their order.
fn settings(unit: &str) -> Vec<&str> {
    unit.lines().filter(|line| line.contains('=') && !line.starts_with('#')).collect()
}

/// A template's unit does what the plain one does, but for its instance's files and names.
#[test]
fn templates_and_plain_units_are_in_step() {
    let own = |line: &&str| !line.starts_with("Environment=FICSYNC_") && !line.starts_with("SocketMode=");
    let plain = |line: &str| {
        let line = line.replace(" (%i)", "").replace("@%i", "").replace("-%i", "").replace("/%i", "");
        if line.starts_with("ListenStream=") { "ListenStream=".to_owned() } else { line }
    };
    let mut pairs = 0;
    for path in ["service", "timer", "socket"].into_iter().flat_map(units) {
        let template = PathBuf::from(path.display().to_string().replace(".s", "@.s").replace(".t", "@.t"));
        if !template.exists() {
            continue;
        }
        let (one, many) = (text(&path), text(&template));
        let one: Vec<String> = settings(&one).into_iter().map(plain).collect();
        let many: Vec<String> = settings(&many).into_iter().filter(own).map(plain).collect();
        assert_eq!(one, many, "{}", path.display());
        pairs += 1;
    }
    assert_eq!(pairs, 6);
}

#[test]
fn every_service_is_hardened_alike() {
    let hardening = |unit: &str| -> Vec<String> {
        let from = settings(unit).into_iter().skip_while(|line| *line != "ProtectSystem=strict").map(str::to_owned);
        from.take_while(|line| *line != "LimitCORE=0").collect()
    };
    let services = units("service");
    let first = hardening(&text(&services[0]));
    assert!(first.len() > 25, "{first:#?}");
    for path in services {
        let unit = text(&path);
        assert_eq!(hardening(&unit), first, "{}", path.display());
        assert!(unit.contains("\nLimitCORE=0\n") && !unit.contains("User=root"), "{}", path.display());
        let says = unit.contains("\nOnFailure=ficsync-failure@%n.service\n");
        assert!(says || path.ends_with("ficsync-failure@.service"), "{} fails silently", path.display());
    }
}

#[test]
fn an_early_stop_is_no_failure_and_the_timer_retries() {
    let sync = text(&units("service").into_iter().find(|path| path.ends_with("ficsync-sync.service")).expect("sync"));
    let early = ficsync::exit::Exit::Stopped.code();
    assert!(sync.lines().any(|line| line == format!("SuccessExitStatus={early}")));
    assert!(!sync.lines().any(|line| line.starts_with("Restart=")));
    // Without it, standard error would go where standard output goes, and every message with it.
    assert!(sync.contains("\nStandardOutput=null\nStandardError=journal\n"));
}

#[test]
fn wrong_settings_do_not_start_the_listener_again() {
    let hook =
        text(&units("service").into_iter().find(|path| path.ends_with("ficsync-webhook.service")).expect("hook"));
    let wrong = ficsync::exit::Exit::Settings.code();
    assert!(settings(&hook).contains(&format!("RestartPreventExitStatus={wrong}").as_str()));
}

/// What `systemd/failure` says and tells a hook.
fn failure(result: &str, code: u8) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (hook, told) = (folder.path().join("hook"), folder.path().join("told"));
    std::fs::write(&hook, format!("#!/bin/sh\n{{ echo \"$@\"; cat; }} > {}\n", told.display())).expect("a hook");
    std::fs::set_permissions(&hook, Permissions::from_mode(0o755)).expect("a mode");
    let output = Command::new("sh")
        .arg(script())
        .arg("ficsync-sync.service")
        .env("MONITOR_SERVICE_RESULT", result)
        .env("MONITOR_EXIT_STATUS", code.to_string())
        .env("MONITOR_INVOCATION_ID", "0123456789abcdef0123456789abcdef")
        .env("FICSYNC_FAILURE_HOOK", &hook)
        .output()
        .expect("sh");
    assert!(output.status.success(), "{output:?}");
    (String::from_utf8_lossy(&output.stdout).into_owned(), std::fs::read_to_string(told).expect("the hook ran"))
}

#[test]
fn a_failure_is_said_in_a_fixed_form_and_the_hook_is_told() {
    use ficsync::exit::Exit;
    let cases = [
        ("exit-code", Exit::Denied.code(), "ficsync account check"),
        ("exit-code", Exit::Settings.code(), "systemctl restart"),
        ("exit-code", Exit::Failed.code(), "ficsync doctor"),
        ("exit-code", 217, "systemd could not set it up"),
        ("watchdog", 6, "it hung"),
    ];
    for (result, code, todo) in cases {
        let (said, told) = failure(result, code);
        let first = said.lines().next().unwrap_or_default();
        let form = format!("<3>ficsync-alert unit=ficsync-sync.service result={result} exit={code}: ");
        assert!(first.starts_with(&form) && first.contains(todo), "{said}");
        assert!(told.starts_with(&format!("ficsync-sync.service {result} {code}\nficsync-alert unit=")), "{told}");
    }
}

/// Users that are nobody's: they stand for `ficsync` and `ficsync-readers`.
const OWNER: u32 = 64_151;
const READERS: u32 = 64_152;

#[test]
fn a_file_of_roots_does_not_keep_the_other_modes_from_being_mended() {
    if !rustix::process::geteuid().is_root() || Command::new("systemd-tmpfiles").arg("--version").output().is_err() {
        return eprintln!("skipped: other users need root, and there must be systemd-tmpfiles");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("state/credentials")).expect("folders");
    for name in ["ficsync.db", "ficsync.db-wal", "credentials/1.json", "credentials/2.json"] {
        std::fs::write(at("state").join(name), "").expect("a file");
        std::fs::set_permissions(at("state").join(name), Permissions::from_mode(0o666)).expect("a mode");
    }
    let of_roots = ["state/ficsync.db", "state/credentials/2.json"];
    for name in ["state", "state/credentials", "state/ficsync.db-wal", "state/credentials/1.json"] {
        chown(at(name), Some(OWNER), Some(OWNER)).expect("an owner");
    }
    let rules = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/ficsync.tmpfiles"))
        .replace("/var/lib/ficsync", &at("state").display().to_string())
        .replace("/etc/ficsync", &at("etc").display().to_string())
        .replace(" ficsync ficsync-readers ", &format!(" {OWNER} {READERS} "));
    std::fs::write(at("rules.conf"), rules).expect("rules");
    let output = Command::new("systemd-tmpfiles").arg("--create").arg(at("rules.conf")).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let found = |name: &str| {
        let about = at(name).metadata().expect("there");
        (about.permissions().mode() & 0o7777, about.uid(), about.gid())
    };
    assert_eq!(found("state"), (0o2750, OWNER, READERS));
    assert_eq!(found("state/ficsync.db-wal"), (0o640, OWNER, READERS));
    assert_eq!(found("state/credentials"), (0o700, OWNER, READERS));
    assert_eq!(found("state/credentials/1.json"), (0o600, OWNER, READERS));
    assert!(of_roots.iter().all(|name| found(name) == (0o666, 0, 0)), "what may be another's file is left");
}

#[test]
fn the_package_is_configured_where_folders_cannot_be_made_yet_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    // No program of the system's is run: what the script calls is here.
    for (name, code) in [("systemd-sysusers", 0), ("systemd-tmpfiles", 73), ("systemctl", 0), ("deb-systemd-invoke", 0)]
    {
        let program = folder.path().join(name);
        std::fs::write(&program, format!("#!/bin/sh\nexit {code}\n")).expect("a program");
        std::fs::set_permissions(program, Permissions::from_mode(0o755)).expect("a mode");
    }
    let postinst = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/deb/postinst");
    let run = |words: &[&str]| {
        Command::new("/bin/sh").arg(&postinst).args(words).env("PATH", folder.path()).output().expect("sh runs")
    };
    for words in [&["configure", ""][..], &["configure", "0.1.0-1"]] {
        let output = run(words);
        assert!(output.status.success(), "{output:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("systemd-tmpfiles --create ficsync.conf"),
            "{output:?}"
        );
    }
}

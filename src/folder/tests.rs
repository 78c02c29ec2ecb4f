//! A folder with links in it, of both kinds.

use super::*;
use crate::report::one_line;
use std::os::unix::fs::symlink;

fn world() -> (tempfile::TempDir, Folder, PathBuf) {
    let dir = tempfile::tempdir().expect("folder");
    let other = dir.path().join("other.txt");
    std::fs::write(&other, "another's").expect("a file");
    let folder = Folder::private(&dir.path().join("own")).expect("a folder");
    (dir, folder, other)
}

#[track_caller]
fn refused<T>(result: Result<T>, words: &str) {
    let line = one_line(&result.map(drop).expect_err(words));
    assert!(line.contains(words), "{line}");
}

#[test]
fn a_file_is_opened_and_no_link_to_one_of_either_kind() {
    let (dir, folder, other) = world();
    let at = |name: &str| dir.path().join("own").join(name);
    assert!(folder.read("1.lock").expect("no file").is_none());
    drop(folder.lock_file("1.lock").expect("made"));
    assert!(folder.read("1.lock").expect("there").is_some());
    refused(folder.create("1.lock"), "could not open");
    symlink(&other, at("soft")).expect("a link");
    symlink("nowhere", at("dangling")).expect("a link");
    std::fs::hard_link(&other, at("hard")).expect("a second name");
    std::fs::create_dir(at("folder")).expect("a folder");
    for (name, words) in
        [("soft", "is a symbolic link"), ("dangling", "is a symbolic link"), ("hard", "has a second name")]
    {
        refused(folder.read(name), words);
        refused(folder.lock_file(name), words);
        refused(refuse_links(&at(name)), words);
    }
    refused(folder.create("soft"), "is a symbolic link");
    refused(folder.read("folder"), "is not a file");
    assert_eq!(std::fs::read_to_string(&other).expect("a file"), "another's");
    assert!(!dir.path().join("own/nowhere").exists());
}

#[test]
fn a_link_in_the_place_of_a_folder_is_not_entered() {
    let (dir, _, _) = world();
    let link = dir.path().join("link");
    symlink(dir.path().join("own"), &link).expect("a link");
    refused(Folder::open(&link), "is a symbolic link");
    refused(Folder::private(&link), "is a symbolic link");
    refused(Folder::private(&dir.path().join("other.txt")), "could not open the folder");
    assert!(Folder::open(&dir.path().join("none")).expect("none").is_none());
}

#[test]
fn what_takes_a_folders_name_meanwhile_does_not_count() {
    let (dir, folder, _) = world();
    let (own, away) = (dir.path().join("own"), dir.path().join("away"));
    std::fs::rename(&own, &away).expect("another name");
    std::fs::create_dir(dir.path().join("trap")).expect("a folder");
    symlink(dir.path().join("trap"), &own).expect("a link");
    drop(folder.create("1.json").expect("made"));
    assert!(away.join("1.json").exists() && !dir.path().join("trap/1.json").exists());
}

#[test]
fn a_private_folder_is_closed_to_others() {
    let (dir, _, _) = world();
    let own = dir.path().join("own");
    std::fs::set_permissions(&own, Permissions::from_mode(0o755)).expect("a mode");
    drop(Folder::private(&own).expect("opened"));
    assert_eq!(own.metadata().expect("folder").permissions().mode() & 0o777, PRIVATE_FOLDER);
}

#[test]
fn one_holder_of_a_lock_at_a_time_and_none_of_a_file_that_has_gone() {
    let (_dir, folder, _) = world();
    let held = folder.try_lock("1.lock").expect("made");
    assert!(held.is_some() && folder.try_lock("1.lock").expect("asked").is_none());
    folder.remove("1.lock").expect("removed");
    assert!(folder.try_lock("1.lock").expect("asked").is_some(), "another file has that name now");
}

#[test]
fn files_are_renamed_listed_and_removed_and_a_name_is_followed() {
    let (_dir, folder, _) = world();
    let file = folder.create(".new").expect("made");
    assert!(folder.still_names(".new", &file));
    folder.rename(".new", "1.json").expect("renamed");
    assert!(folder.still_names("1.json", &file) && !folder.still_names(".new", &file));
    assert_eq!(folder.names().expect("names"), ["1.json"]);
    folder.remove("1.json").expect("removed");
    folder.remove("1.json").expect("again");
    folder.sync().expect("on disk");
    assert!(!folder.still_names("1.json", &file) && folder.names().expect("names").is_empty());
}

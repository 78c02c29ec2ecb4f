//! The vault against a real folder.

use super::*;
use secrecy::ExposeSecret;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

fn account(company_id: i64) -> Account {
    Account {
        id: 1,
        name: "Rossi".to_owned(),
        company_id,
        company_name: None,
        created_at: "2026-01-01T00:00:00Z".to_owned(),
        last_sync_at: None,
    }
}

fn vault() -> (tempfile::TempDir, Vault) {
    let dir = tempfile::tempdir().expect("folder");
    let vault = Vault::new(&dir.path().join("ficsync.db"), Some(&dir.path().join("systemd")));
    (dir, vault)
}

fn manual(token: &str) -> Credentials {
    Credentials::Manual(SecretString::from(token))
}

fn token(vault: &Vault) -> String {
    match vault.load(&account(7)).expect("credentials").credentials {
        Credentials::Manual(token) => token.expose_secret().to_owned(),
        Credentials::Oauth(oauth) => oauth.access_token.expose_secret().to_owned(),
    }
}

fn refusal(vault: &Vault, company_id: i64) -> String {
    let error = vault.load(&account(company_id)).expect_err("refusal");
    assert_eq!(crate::report::exit_of(&error), Exit::Denied);
    crate::report::one_line(&error)
}

#[test]
fn what_was_saved_is_loaded_and_only_the_owner_can_read_it() {
    let (dir, vault) = vault();
    vault.save(&account(7), &manual("a/1")).expect("first");
    vault.save(&account(7), &manual("a/2")).expect("second");
    assert_eq!(token(&vault), "a/2");
    let mode = |path: &Path| std::fs::metadata(path).expect("metadata").mode() & 0o777;
    assert_eq!((mode(&dir.path().join("credentials")), mode(&vault.path(1))), (0o700, 0o600));
    assert_eq!(std::fs::read_dir(dir.path().join("credentials")).expect("folder").count(), 1);
}

#[test]
fn oauth_round_trips_and_prints_no_secret() {
    let (_dir, vault) = vault();
    let oauth = Oauth {
        access_token: "a/secret".into(),
        refresh_token: "r/secret".into(),
        granted_at: Some("2026-01-01T00:00:00Z".parse().expect("time")),
        expires_at: "2026-01-02T00:00:00Z".parse().expect("time"),
        client_id: "app".to_owned(),
        client_secret: "the-secret".into(),
        scopes: vec!["entity.clients:r".to_owned()],
    };
    vault.save(&account(7), &Credentials::Oauth(oauth.clone())).expect("save");
    let loaded = vault.load(&account(7)).expect("load");
    assert!(!format!("{loaded:?}").contains("secret\""));
    let Credentials::Oauth(back) = loaded.credentials else { panic!("not OAuth") };
    assert_eq!(back.refresh_token.expose_secret(), "r/secret");
    assert_eq!(back.client_secret.expose_secret(), "the-secret");
    assert_eq!((back.granted_at, back.expires_at), (oauth.granted_at, oauth.expires_at));
    assert_eq!((back.client_id, back.scopes), (oauth.client_id, oauth.scopes));
}

#[test]
fn what_is_missing_damaged_open_or_foreign_is_77_with_a_command() {
    let (dir, vault) = vault();
    assert!(refusal(&vault, 7).ends_with("run: ficsync account set-token 1 --token-file F"));
    vault.save(&account(7), &manual("a/1")).expect("save");
    assert!(refusal(&vault, 8).contains("company 7"));
    std::fs::set_permissions(vault.path(1), Permissions::from_mode(0o640)).expect("chmod");
    assert!(refusal(&vault, 7).contains("0640") && refusal(&vault, 7).contains("chmod 600"));
    std::fs::set_permissions(vault.path(1), Permissions::from_mode(0o600)).expect("chmod");
    for damaged in ["", "\"a/visible\"", r#"{"version":1,"company_id":7,"kind":"manual","token":"a/vis\nible"}"#] {
        std::fs::write(vault.path(1), damaged).expect("damage");
        let line = refusal(&vault, 7);
        assert!(line.contains("damaged") && line.contains("set-token 1") && !line.contains("a/vis"), "{line}");
    }
    std::fs::create_dir(dir.path().join("systemd")).expect("folder");
    std::fs::write(dir.path().join("systemd/fic-token-1"), "a/systemd\n").expect("credential");
    assert_eq!(token(&vault), "a/systemd");
}

#[test]
fn leftovers_of_a_killed_replacement_go_with_the_next() {
    let (dir, vault) = vault();
    vault.save(&account(7), &manual("a/1")).expect("save");
    let leftover = dir.path().join("credentials/.1.new-abc");
    std::fs::write(&leftover, "half").expect("leftover");
    vault.save(&account(7), &manual("a/2")).expect("save");
    assert!(!leftover.exists());
    std::fs::write(&leftover, "half").expect("leftover");
    for _ in 0..2 {
        let lock = vault.try_lock(1).expect("ask").expect("free");
        lock.remove_credentials().expect("removed");
        lock.end().expect("ended");
        assert_eq!(std::fs::read_dir(dir.path().join("credentials")).expect("folder").count(), 0);
    }
}

#[test]
fn credentials_are_not_read_or_written_through_links() {
    let (dir, vault) = vault();
    let other = dir.path().join("other.json");
    vault.save(&account(7), &manual("a/1")).expect("save");
    std::fs::rename(vault.path(1), &other).expect("moved");
    symlink(&other, vault.path(1)).expect("a link");
    assert!(refusal(&vault, 7).contains("is a symbolic link"));
    vault.save(&account(7), &manual("a/2")).expect("the link is replaced");
    assert_eq!(token(&vault), "a/2");
    assert!(std::fs::read_to_string(&other).expect("file").contains("a/1"));
    std::fs::remove_file(vault.path(1)).expect("away");
    std::fs::hard_link(&other, vault.path(1)).expect("a second name");
    assert!(refusal(&vault, 7).contains("has a second name"));
    std::fs::rename(dir.path().join("credentials"), dir.path().join("away")).expect("moved");
    symlink(dir.path().join("away"), dir.path().join("credentials")).expect("a link");
    assert!(refusal(&vault, 7).contains("is a symbolic link"));
    assert!(vault.save(&account(7), &manual("a/3")).is_err() && vault.try_lock(1).is_err());
}

#[test]
fn another_databases_credentials_are_not_overwritten_by_a_new_account() {
    let (_dir, vault) = vault();
    vault.refuse_strangers(&account(7)).expect("nothing there");
    vault.save(&account(7), &manual("a/1")).expect("save");
    vault.refuse_strangers(&account(7)).expect("the same company");
    assert!(vault.refuse_strangers(&account(8)).is_err());
}

#[test]
fn one_holder_of_the_lock_at_a_time() {
    let (_dir, vault) = vault();
    let held = vault.try_lock(1).expect("lock");
    assert!(held.is_some() && vault.try_lock(1).expect("ask").is_none());
    drop(held);
    assert!(vault.try_lock(1).expect("ask").is_some());
}

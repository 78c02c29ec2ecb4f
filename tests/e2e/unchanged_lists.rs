//! Lists that nobody touches must be read to their end, whatever their stamps are: none may send a run in circles.

use crate::env::Env;
use ficsync_sandbox::{COMPANY, Quirk};

#[test]
fn a_list_without_any_stamp() {
    for quirk in [None, Some(Quirk::NullsTurned)] {
        let env = Env::with_account();
        env.fic.quirk(Quirk::NullUpdatedAt(1));
        quirk.into_iter().for_each(|quirk| env.fic.quirk(quirk));
        env.fic.populate(COMPANY, "quotes", 320);
        env.run("sync quotes").exit(0);
        env.same_as_service("quotes");
        let walked = env.requests("quotes").len();
        assert!(walked <= 7, "1.02 * 3.2 + 4: {walked}");
        env.fic.create(COMPANY, "quotes");
        env.run("sync quotes").exit(0);
        env.same_as_service("quotes");
        env.nothing_forbidden();
    }
}

#[test]
fn more_than_a_page_of_one_second_within_the_repeated_hour() {
    for resource in ["clients", "invoices"] {
        let env = Env::with_account();
        env.fic.set_now("2026-10-24T12:00:00Z");
        env.fic.populate(COMPANY, resource, 300);
        env.run(&format!("sync {resource}")).exit(0);
        let ids = env.fic.ids(COMPANY, resource);
        // Both hours, and the one after: a run reads back to 02:00 as long as the newest stamp lies in them.
        for now in ["2026-10-25T00:50:00Z", "2026-10-25T01:10:00Z", "2026-10-25T02:20:00Z"] {
            env.fic.set_now(now);
            env.fic.touch_many(COMPANY, resource, &ids[30..200]);
            env.run(&format!("sync {resource}")).exit(0);
            env.same_as_service(resource);
            env.pass(10);
            env.run(&format!("sync {resource}")).exit(0);
        }
    }
}

#[test]
fn the_newest_records_are_deleted_and_a_second_of_many_becomes_the_newest() {
    for resource in ["clients", "invoices"] {
        let env = Env::with_account();
        env.fic.populate(COMPANY, resource, 50);
        env.fic.create_many(COMPANY, resource, 230);
        env.pass(60);
        let newest: Vec<i64> = (0..4).map(|_| env.fic.create(COMPANY, resource)).collect();
        env.run(&format!("sync {resource}")).exit(0);
        newest.into_iter().for_each(|id| env.fic.delete(COMPANY, resource, id));
        env.run(&format!("sync {resource}")).exit(0);
        env.same_as_service(resource);
        env.run(&format!("sync {resource} --full")).exit(0);
        env.same_as_service(resource);
        env.nothing_forbidden();
    }
}

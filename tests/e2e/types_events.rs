//! The events of every resource type, from a change at the service to the row: told by the type's own events, and by those
//! that say less than the record does.

use crate::env::Env;
use crate::expect_types as expect;
use crate::hook::{self, Hook, sink};
use crate::realtime::until;
use crate::subscriptions::ENSURE;
use crate::types::{full_world, with_records};
use ficsync::resource::{self, Resource};
use ficsync_sandbox::{COMPANY, Id, Mapping};
use std::time::Duration;

const DONE: &str = "SELECT count(*) = 0 FROM events WHERE status IN ('pending', 'processing')";

/// The types whose changes are told by events of their own.
fn told() -> impl Iterator<Item = &'static Resource> {
    with_records().filter(|resource| !resource.events.kinds.is_empty())
}

/// A world with some records of every type, mirrored, whose changes are told to the listener.
fn listening() -> (Env, Hook) {
    let env = full_world(12);
    env.run("sync all").exit(0);
    let hook = Hook::start(&env);
    env.fic.map_sink(hook::PUBLIC, &format!("http://{}", hook.address));
    env.run(ENSURE).exit(0);
    env.fic.deliver(true);
    env.fic.clear_journal();
    (env, hook)
}

/// All that was told is in the tables.
#[track_caller]
fn settled(env: &Env) {
    assert!(env.fic.settled(Duration::from_secs(30)), "{} messages are left", env.fic.queued());
    until(env, DONE);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE status = 'failed'"), 0);
}

#[track_caller]
fn same(env: &Env, resource: &Resource) {
    expect::same_as_truth(&env.open(), resource, &env.fic.truth(COMPANY, resource.name));
}

fn by_name(name: &str) -> &'static Resource {
    resource::by_name(name).expect("a resource type")
}

/// Sends an event that no subscription asked for.
#[track_caller]
fn tell(env: &Env, hook: &Hook, group: &str, kind: &str, ids: &[Id]) {
    let message = env.fic.notification_ids(&sink(1, group), COMPANY, kind, ids, Mapping::Structured);
    assert_eq!(hook.send(&message), 202, "{kind}");
}

#[test]
fn changes_of_every_type_are_right_a_moment_after_their_events() {
    let (env, hook) = listening();
    let mut deleted = Vec::new();
    for resource in told() {
        let ids = env.fic.all_ids(COMPANY, resource.name);
        env.fic.add(COMPANY, resource.name);
        env.fic.update(COMPANY, resource.name, ids[5].clone());
        env.fic.delete(COMPANY, resource.name, ids[3].clone());
        deleted.push((resource.name, ids[3].clone()));
    }
    settled(&env);
    told().for_each(|resource| same(&env, resource));
    for (name, id) in deleted {
        let kind = if id.number().is_some() { "integer" } else { "text" };
        let sql =
            format!("SELECT count(*) FROM deleted_records WHERE resource = '{name}' AND id = ?1 AND typeof(id) = ?2");
        let text = id.to_string();
        let found: i64 = match id.number() {
            Some(number) => env.open().query_row(&sql, (number, kind), |row| row.get(0)),
            None => env.open().query_row(&sql, (text, kind), |row| row.get(0)),
        }
        .expect("tombstones");
        assert_eq!(found, 1, "{name} {id}");
    }
    let events = env.value::<usize>("SELECT count(*) FROM events WHERE type NOT LIKE '%.welcome'");
    let asked = env.fic.journal().len();
    assert_eq!(events, 3 * told().count(), "each change is told once");
    assert!(asked <= events + 10, "{asked} requests for {events} events");
    env.nothing_forbidden();
    hook.stop(0);
}

#[test]
fn events_that_name_no_type_are_told_apart_by_the_record() {
    let (env, hook) = listening();
    let e_invoices =
        resource::ALL.iter().filter(|r| r.events.others.iter().any(|event| event.ends_with("status_update")));
    let e_invoices: Vec<&Resource> = e_invoices.collect();
    assert_eq!(e_invoices.len(), 4);
    for resource in &e_invoices {
        let id = env.fic.ids(COMPANY, resource.name)[2];
        env.fic.set_ei_status(COMPANY, resource.name, id, "discarded");
    }
    let product = env.fic.ids(COMPANY, "products")[4];
    env.fic.set_stock(COMPANY, product, 4_711);
    settled(&env);
    for resource in e_invoices.iter().copied().chain([by_name("products")]) {
        same(&env, resource);
    }
    assert_eq!(env.value::<f64>(&format!("SELECT stock_current FROM products WHERE id = {product}")), 4_711.0);
    let discarded = "SELECT count(DISTINCT resource) FROM documents WHERE ei_status = 'discarded'";
    assert_eq!(env.value::<i64>(discarded), 4);
    // Before they are here: one event for both kinds, as the documentation names it; new records of all four received types.
    env.fic.deliver(false);
    let both = ["self_own_invoices", "self_supplier_invoices"];
    let new: Vec<Id> = both.iter().map(|name| env.fic.add(COMPANY, name)).collect();
    tell(&env, &hook, "issued_documents", "issued_documents.self_invoices.create", &new);
    let received: Vec<&Resource> = resource::ALL.iter().filter(|r| r.table.name == "received_documents").collect();
    let new: Vec<Id> = received.iter().map(|r| env.fic.add(COMPANY, r.name)).collect();
    tell(&env, &hook, "received_documents", "received_documents.create", &new);
    settled(&env);
    both.map(by_name).into_iter().chain(received).for_each(|resource| same(&env, resource));
    env.nothing_forbidden();
    hook.stop(0);
}

#[test]
fn a_document_that_waits_is_fetched_or_the_one_that_it_has_become() {
    let (env, hook) = listening();
    let pending = by_name("pending_documents");
    // Only what came through the exchange system is told.
    env.fic.add_with(COMPANY, pending.name, |record| record["type"] = "agyo".into());
    settled(&env);
    same(&env, pending);
    env.fic.deliver(false);
    let waits = env.fic.create_with(COMPANY, pending.name, |record| record["type"] = "agyo".into());
    let expense = env.fic.register(COMPANY, waits);
    tell(&env, &hook, "received_documents", "received_documents.e_invoices.receive", &[waits.into(), expense.into()]);
    settled(&env);
    same(&env, pending);
    resource::ALL.iter().filter(|r| r.table.name == "received_documents").for_each(|resource| same(&env, resource));
    hook.stop(0);
}

#[test]
fn an_email_is_found_in_its_list() {
    let (env, hook) = listening();
    let invoice = env.fic.ids(COMPANY, "invoices")[1];
    env.fic.deliver(false);
    env.fic.send_email(COMPANY, "invoices", invoice);
    // The run before looked a moment ago: the list is looked at once a minute at most.
    env.run("events drain").exit(0);
    tell(&env, &hook, "issued_documents", "issued_documents.invoices.email_sent", &[invoice.into()]);
    let waits = "SELECT count(*) FROM events WHERE type LIKE '%email_sent' AND status = 'pending' AND next_attempt_at IS NOT NULL";
    until(&env, waits);
    let lists = |env: &Env| env.fic.journal().iter().filter(|r| r.path.ends_with("/emails")).count();
    assert_eq!(lists(&env), 0);
    hook.stop(0);
    env.pass(61);
    env.run("events drain").exit(0);
    assert_eq!(env.value::<i64>("SELECT count(*) FROM events WHERE status = 'done'"), 1, "{}", env.fates());
    same(&env, by_name("emails"));
    assert_eq!(lists(&env), 1, "one page");
    env.nothing_forbidden();
}

#[test]
fn an_event_waits_while_what_its_document_has_become_cannot_be_asked_for() {
    let env = Env::with_everything();
    env.run("sync pending_documents expenses").exit(0);
    let expense = env.fic.create(COMPANY, "expenses");
    let event = env.tell("received_documents.e_invoices.receive", &[expense]);
    env.is_down(&format!("/received_documents/{expense}"));
    env.run("events drain");
    assert_ne!(env.fate(event).0, "done", "the record is not here");
    env.fic.clear_faults();
    env.pass(3 * 3600);
    env.run("events drain").exit(0);
    assert_eq!(env.fate(event).0, "done");
    same(&env, by_name("expenses"));
}

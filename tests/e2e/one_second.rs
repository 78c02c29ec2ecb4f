//! More records changed in one second than a page holds, and then some of them again: what moved out of that second is not
//! gone, and what changed within it once more is not missed.

use crate::env::Env;
use ficsync_sandbox::COMPANY;

/// No record that the service holds is taken for deleted.
#[track_caller]
fn nothing_is_buried(env: &Env) {
    assert_eq!(env.value::<i64>("SELECT count(*) FROM deleted_records"), 0, "tombstones of records that exist");
}

#[test]
fn a_record_that_leaves_a_full_second_is_not_deleted() {
    for resource in ["clients", "invoices"] {
        let env = Env::with_account();
        env.fic.populate(COMPANY, resource, 2_000);
        env.pass(60);
        let ids = env.fic.ids(COMPANY, resource);
        env.fic.touch_many(COMPANY, resource, &ids[500..650]);
        env.run(&format!("sync {resource}")).exit(0);
        env.same_as_service(resource);
        env.pass(60);
        env.fic.update(COMPANY, resource, ids[555]);
        env.fic.create_many(COMPANY, resource, 2);
        env.run(&format!("sync {resource}")).exit(0);
        env.same_as_service(resource);
        nothing_is_buried(&env);
        env.pass(60);
        env.fic.clear_journal();
        env.run(&format!("sync {resource}")).exit(0);
        assert_eq!(env.fic.journal().len(), 1, "nothing new");
        env.nothing_forbidden();
    }
}

#[test]
fn records_that_leave_a_full_second_before_a_run_that_is_cut_short_stay() {
    for most in [1, 2, 3, 4] {
        let env = Env::with_account();
        env.fic.populate(COMPANY, "clients", 300);
        env.run("sync clients").exit(0);
        env.fic.create_many(COMPANY, "clients", 150);
        env.run("sync clients").exit(0);
        env.pass(2);
        let ids = env.fic.ids(COMPANY, "clients");
        env.fic.touch_many(COMPANY, "clients", &ids[320..380]);
        let code = env.run(&format!("sync clients --max-requests {most}")).output.status.code();
        assert!(matches!(code, Some(0 | 75)), "{most}: {code:?}");
        assert_eq!(env.value::<i64>("SELECT count(*) FROM clients"), 450, "{most}");
        nothing_is_buried(&env);
        env.fic.clear_journal();
        env.run("sync clients").exit(0);
        env.same_as_service("clients");
        nothing_is_buried(&env);
        assert!(env.fic.journal().len() <= 3, "{most}: {} requests", env.fic.journal().len());
    }
}

#[test]
fn a_second_that_ran_on_after_a_cut_is_read_again() {
    // The walk reaches the second at its twelfth request, and has read a part of it some requests later.
    for most in [4, 13, 15, 17, 18, 19, 20] {
        let env = Env::with_account();
        env.fic.stop_clock();
        env.fic.populate(COMPANY, "clients", 1_200);
        let ids = env.fic.ids(COMPANY, "clients");
        env.pass(60);
        env.fic.touch_many(COMPANY, "clients", &ids[100..320]);
        env.run("sync clients").exit(0);
        env.pass(1);
        env.fic.touch_many(COMPANY, "clients", &ids[150..280]);
        env.fic.create_many(COMPANY, "clients", 3);
        let code = env.run(&format!("sync clients --full --max-requests {most}")).output.status.code();
        assert!(matches!(code, Some(0 | 75)), "{most}: {code:?}");
        // Within that very second: no stamp tells, and no count.
        for id in &ids[150..280] {
            env.fic.update_with(COMPANY, "clients", *id, |client| client["name"] = format!("once more {id}").into());
        }
        env.run("sync clients --full").exit(0);
        env.same_as_service("clients");
        nothing_is_buried(&env);
    }
}

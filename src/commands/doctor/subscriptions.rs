//! Does the service send what the mirror needs, to where we listen. One request per account.

use super::Findings;
use crate::api::Api;
use crate::api::subscriptions::Remote;
use crate::describe::describe;
use crate::resource::{self, events};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::status::AccountStatus;
use crate::store::subscriptions::Subscription;
use crate::subscriptions::sink;
use anyhow::Result;

const ENSURE: &str = "run: ficsync subscriptions ensure";

/// A subscription of ours at the service.
struct Ours<'a> {
    group: &'a str,
    remote: &'a Remote,
    /// A person chose the sink.
    elsewhere: bool,
}

/// Whether webhooks are wanted here at all: the timer alone keeps the mirror right, too.
pub fn wanted(settings: &Settings, rows: usize) -> bool {
    settings.public_url.is_some() || rows > 0
}

/// Looks at one account.
pub fn look(
    api: &Api,
    store: &Store,
    status: &AccountStatus,
    settings: &Settings,
    findings: &mut Findings,
) -> Result<()> {
    let account = Some(status.account.id);
    let rows = store.subscriptions(status.account.id)?;
    if !wanted(settings, rows.len()) {
        let found = "not wanted: there is no public URL; changes come with the next sync";
        findings.good("subscription.present", account, found);
        return Ok(());
    }
    let remotes = match api.subscriptions() {
        Ok(remotes) => remotes,
        Err(error) => {
            let error = describe(error, &status.account);
            findings.error("subscription.present", account, &error, "run again later: ficsync doctor");
            return Ok(());
        }
    };
    let ours = ours(&remotes, &rows, settings, status.account.id);
    judge(&ours, settings, status.account.id, findings);
    Ok(())
}

/// Those in the table, and those whose sink is one of ours.
fn ours<'a>(remotes: &'a [Remote], rows: &'a [Subscription], settings: &Settings, account_id: i64) -> Vec<Ours<'a>> {
    let find = |remote: &'a Remote| {
        let row = rows.iter().find(|row| row.id.as_deref() == Some(&remote.id) || row.sink == remote.sink);
        let known = row.map(|row| (row.event_group.as_str(), row.sink_by_hand));
        let by_sink =
            || events::GROUPS.iter().copied().find(|g| sink(settings, account_id, g).as_ref() == Some(&remote.sink));
        let (group, elsewhere) = known.or_else(|| by_sink().map(|group| (group, false)))?;
        Some(Ours { group, remote, elsewhere })
    };
    remotes.iter().filter_map(find).collect()
}

fn judge(ours: &[Ours<'_>], settings: &Settings, account_id: i64, findings: &mut Findings) {
    let groups = resource::groups(&settings.resources);
    let of =
        |group: &str| ours.iter().filter(|o| o.group == group).flat_map(|o| o.remote.types.clone()).collect::<Vec<_>>();
    let absent = groups.iter().filter(|group| !ours.iter().any(|o| o.group == **group)).map(|g| (*g).to_owned());
    let unverified = ours.iter().filter(|o| !o.remote.verified).map(|o| format!("{} ({})", o.remote.id, o.group));
    let lacking = groups.iter().flat_map(|group| {
        let there = of(group);
        let needed = events::needed_types(group, &settings.resources).into_iter();
        needed.filter(move |needed| !there.contains(needed))
    });
    let lacking = lacking.map(|name| name.strip_prefix(events::PREFIX).unwrap_or(&name).to_owned());
    let astray = ours.iter().filter(|o| !o.elsewhere).filter_map(|o| {
        let wanted = sink(settings, account_id, o.group)?;
        (wanted != o.remote.sink).then(|| format!("{} sends to {}, not to {wanted}", o.remote.id, o.remote.sink))
    });
    let lists: [(&'static str, &str, &str, Vec<String>); 4] = [
        ("subscription.present", "there is one for each group", "none for: ", absent.collect()),
        ("subscription.verified", "all are", "not verified: ", unverified.collect()),
        ("subscription.complete", "all types that the mirror needs", "types that do not come: ", lacking.collect()),
        ("subscription.sink", "they point here", "", astray.collect()),
    ];
    for (id, good, bad, list) in lists {
        match list.as_slice() {
            [] => findings.good(id, Some(account_id), good),
            list => findings.bad(id, Some(account_id), format!("{bad}{}", list.join(", ")), ENSURE),
        }
    }
}

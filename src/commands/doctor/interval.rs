//! How much time lies between two runs of the timer, where systemd knows it.
//!
//! In: the name of a timer. Out: the shortest time between its next elapses, or nothing: it is not active, or is none.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::process::Command;

/// So many elapses are looked at.
const ELAPSES: &str = "--iterations=5";

/// Asks systemd.
pub fn of_timer(timer: &str) -> Option<SignedDuration> {
    let shown = output_of(&["systemctl", "show", timer, "--property=ActiveState,TimersCalendar,TimersMonotonic"])?;
    if !shown.lines().any(|line| line == "ActiveState=active") {
        return None;
    }
    let calendars = values(&shown, "OnCalendar")
        .filter_map(|expression| between(&output_of(&["systemd-analyze", "calendar", ELAPSES, expression])?));
    let spans = values(&shown, "OnUnitActiveUSec").filter_map(|span| span.parse().ok());
    calendars.chain(spans).min()
}

/// What a program of systemd says, with times in UTC.
fn output_of(words: &[&str]) -> Option<String> {
    let (program, words) = words.split_first()?;
    let output = Command::new(program).args(words).env("TZ", "UTC").env("LC_ALL", "C").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Values of a property such as `TimersCalendar={ OnCalendar=*:0/10 ; next_elapse=… }`.
fn values<'a>(shown: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("{name}=");
    let place = move |line: &'a str| {
        let (_, rest) = line.split_once(start.as_str())?;
        Some(rest.split(" ;").next()?.trim())
    };
    shown.lines().filter_map(place)
}

/// The shortest time between the elapses that `systemd-analyze calendar` lists: lines that end with a day, a time and UTC.
fn between(listed: &str) -> Option<SignedDuration> {
    let elapse = |line: &str| {
        let mut words = line.trim_end().strip_suffix(" UTC")?.rsplit(' ');
        let (time, day) = (words.next()?, words.next()?);
        let at: DateTime = format!("{day}T{time}").parse().ok()?;
        TimeZone::UTC.to_timestamp(at).ok()
    };
    let times: Vec<_> = listed.lines().filter_map(elapse).collect();
    times.windows(2).map(|two| two[1].duration_since(two[0])).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemd_says_is_read() {
        let shown = "ActiveState=active\n\
            TimersCalendar={ OnCalendar=*-*-* *:00/10:00 ; next_elapse=Tue 2026-11-24 22:10:00 UTC }\n\
            TimersMonotonic={ OnUnitActiveUSec=1h 30min ; next_elapse=2d 3h }\n";
        assert_eq!(values(shown, "OnCalendar").collect::<Vec<_>>(), ["*-*-* *:00/10:00"]);
        let spans: Vec<SignedDuration> =
            values(shown, "OnUnitActiveUSec").filter_map(|span| span.parse().ok()).collect();
        assert_eq!(spans, [SignedDuration::from_mins(90)]);
        // systemd 252; later ones say "Iteration #2".
        let listed = "  Original form: *:0/10\n\
            Normalized form: *-*-* *:00/10:00\n    \
            Next elapse: Tue 2026-11-24 22:50:00 UTC\n       \
            From now: 8min left\n       \
            Iter. #2: Tue 2026-11-24 23:00:00 UTC\n       \
            From now: 18min left\n       \
            Iter. #3: Tue 2026-11-24 23:20:00 UTC\n";
        assert_eq!(between(listed), Some(SignedDuration::from_mins(10)));
        assert_eq!(between("Failed to parse calendar specification"), None);
    }
}

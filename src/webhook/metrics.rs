//! Numbers for Prometheus: what the intake counts itself, and what others know at the moment of asking.
//!
//! In: one call per happening; sources (the gate, the database, the workers) that are asked at each scrape. Out: text in
//! the OpenMetrics format. Nothing of it is kept: counters begin at zero when the listener starts. Labels hold words of
//! the program's own, never a stranger's.

use std::fmt;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family as Counters;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// What the text is.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Names and values that tell the numbers of a family apart.
pub type Labels = Vec<(&'static str, String)>;

/// Whether a number only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It does: `_total` is put behind its name.
    Counter,
    /// It may fall.
    Gauge,
}

/// Numbers of one name, as a source knows them now.
#[derive(Clone, Debug)]
pub struct Family {
    /// The name, after `ficsync_`.
    pub name: &'static str,
    /// What it says, for people.
    pub help: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// The numbers.
    pub numbers: Vec<(Labels, f64)>,
}

impl Family {
    /// A family of numbers that only grow.
    pub fn counter(name: &'static str, help: &'static str, numbers: Vec<(Labels, f64)>) -> Family {
        Family { name, help, kind: Kind::Counter, numbers }
    }

    /// A family of numbers that rise and fall.
    pub fn gauge(name: &'static str, help: &'static str, numbers: Vec<(Labels, f64)>) -> Family {
        Family { name, help, kind: Kind::Gauge, numbers }
    }
}

/// Asked at each scrape.
pub type Source = Box<dyn Fn() -> Vec<Family> + Send + Sync>;

/// The intake's own counters.
#[derive(Debug)]
pub struct Metrics {
    events: Counters<Labels, Counter>,
    refused: Counters<Labels, Counter>,
    seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Metrics {
        // from a commit on a fast disk to the longest wait for a busy one
        let steps = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
        Metrics { events: Counters::default(), refused: Counters::default(), seconds: Histogram::new(steps) }
    }
}

impl Metrics {
    /// An event is on disk. `outcome` is `pending`, `ignored` or `twin`.
    pub fn event(&self, kind: &'static str, action: &'static str, outcome: &'static str) {
        let labels = [("kind", kind), ("action", action), ("outcome", outcome)];
        self.events.get_or_create(&owned(&labels)).inc();
    }

    /// A request was turned away, or put off.
    pub fn refused(&self, status: u16, reason: &'static str) {
        let reason = reason.split(':').next().unwrap_or_default().to_owned();
        self.refused.get_or_create(&vec![("status", status.to_string()), ("reason", reason)]).inc();
    }

    /// A request at a sink was answered after this time.
    pub fn answered(&self, after: Duration) {
        self.seconds.observe(after.as_secs_f64());
    }

    /// A registry of these counters and these sources.
    pub fn registry(&self, sources: Vec<Source>) -> Registry {
        let mut registry = Registry::with_prefix("ficsync");
        registry.register("webhook_events", "Webhook events stored, by what they tell of", self.events.clone());
        registry.register("webhook_refused", "Requests at sinks turned away or put off", self.refused.clone());
        registry.register("webhook_seconds", "Time from a whole request to its answer", self.seconds.clone());
        registry.register_collector(Box::new(Sources(sources)));
        registry
    }
}

/// The text of a registry. Writing to a string cannot fail, but a source's numbers might be refused: then none.
pub fn text(registry: &Registry) -> String {
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, registry) {
        Ok(()) => text,
        Err(_) => "# EOF\n".to_owned(),
    }
}

fn owned(labels: &[(&'static str, &'static str)]) -> Labels {
    labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

struct Sources(Vec<Source>);

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sources", self.0.len())
    }
}

impl Collector for Sources {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for family in self.0.iter().flat_map(|source| source()) {
            encode(&mut encoder, &family)?;
        }
        Ok(())
    }
}

fn encode(encoder: &mut DescriptorEncoder<'_>, family: &Family) -> Result<(), fmt::Error> {
    let kind = match family.kind {
        Kind::Counter => MetricType::Counter,
        Kind::Gauge => MetricType::Gauge,
    };
    let mut metric = encoder.encode_descriptor(family.name, family.help, None, kind)?;
    for (labels, number) in &family.numbers {
        match labels.is_empty() {
            // no labels rather than an empty set of them: `{}` is not read everywhere
            true => put(&mut metric, family.kind, *number)?,
            false => put(&mut metric.encode_family(labels)?, family.kind, *number)?,
        }
    }
    Ok(())
}

fn put(metric: &mut MetricEncoder<'_>, kind: Kind, number: f64) -> Result<(), fmt::Error> {
    match kind {
        Kind::Counter => metric.encode_counter::<Labels, f64, f64>(&number, None),
        Kind::Gauge => metric.encode_gauge(&number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_and_sources_are_written_as_open_metrics() {
        let metrics = Metrics::default();
        metrics.event("products", "update", "ignored");
        metrics.event("products", "update", "ignored");
        metrics.refused(503, "the token has expired: is this machine's clock right?");
        metrics.answered(Duration::from_millis(3));
        let now = || vec![Family::gauge("age", "An age", vec![(vec![("account", "1".to_owned())], 1.5)])];
        let grown = || vec![Family::counter("seen", "Seen", vec![(Vec::new(), 7.0)])];
        let registry = metrics.registry(vec![Box::new(now), Box::new(grown)]);
        let text = text(&registry);
        for line in [
            "ficsync_webhook_events_total{kind=\"products\",action=\"update\",outcome=\"ignored\"} 2",
            "ficsync_webhook_refused_total{status=\"503\",reason=\"the token has expired\"} 1",
            "ficsync_webhook_seconds_bucket{le=\"0.0025\"} 0",
            "ficsync_webhook_seconds_bucket{le=\"0.005\"} 1",
            "ficsync_age{account=\"1\"} 1.5",
            "ficsync_seen_total 7.0",
            "# TYPE ficsync_seen counter",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}

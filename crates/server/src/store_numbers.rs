//! What the store counts about itself, as numbers for Prometheus. Owns which of its counters bears which name; what each
//! means stands in `telemetry::metrics`.

use doorward_storage::counters::Counters;
use metrics::{counter, gauge};

type Read = fn(&Counters) -> u64;

/// What only grows.
const COUNTERS: [(&str, Read); 7] = [
    ("doorward_store_jobs_total", |counters| counters.jobs.value()),
    ("doorward_store_commits_total", |counters| counters.batches.value()),
    ("doorward_store_reruns_total", |counters| counters.reruns.value()),
    ("doorward_store_connections_lost_total", |counters| counters.lost.value()),
    ("doorward_store_turned_away_total", |counters| counters.turned_away.value()),
    ("doorward_store_expired_total", |counters| counters.expired.value()),
    ("doorward_store_panics_total", |counters| counters.panics.value()),
];

/// What goes up and down.
const GAUGES: [(&str, Read); 3] = [
    ("doorward_store_waiting", |counters| counters.waiting.value()),
    ("doorward_store_log_bytes", |counters| counters.wal_bytes.value()),
    ("doorward_store_short_of_space", |counters| u64::from(counters.is_short_of_space())),
];

/// Hands them to the process's recorder.
pub(crate) fn publish(counters: &Counters) {
    for (name, read) in COUNTERS {
        counter!(name).absolute(read(counters));
    }
    for (name, read) in GAUGES {
        gauge!(name).set(read(counters) as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::metrics::METRICS;

    #[test]
    fn every_number_of_the_store_is_explained() {
        let explained = |name: &str| METRICS.iter().any(|metric| metric.name == name);
        let names = COUNTERS.iter().chain(&GAUGES).map(|(name, _)| *name);
        assert_eq!(names.filter(|name| !explained(name)).collect::<Vec<_>>(), [""; 0]);
        let published = |name: &str| COUNTERS.iter().chain(&GAUGES).any(|(known, _)| *known == name);
        let ours =
            METRICS.iter().map(|metric| metric.name).filter(|name| name.starts_with("doorward_store_"));
        assert_eq!(ours.filter(|name| !published(name)).collect::<Vec<_>>(), [""; 0]);
    }
}

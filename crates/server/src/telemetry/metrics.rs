//! Numbers for Prometheus: the one list of everything that is counted, and the recorder that renders it. Owns names,
//! kinds and descriptions; counting happens where things happen, by these names.

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// One family of numbers.
#[derive(Debug)]
pub(crate) struct Metric {
    /// What Prometheus calls it.
    pub(crate) name: &'static str,
    /// What it does over time.
    pub(crate) kind: Kind,
    /// Which labels tell its members apart. Their values come from closed lists, never from a request.
    pub(crate) labels: &'static [&'static str],
    /// What it means.
    pub(crate) description: &'static str,
}

/// What a number does over time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts observations in buckets with these upper bounds.
    Histogram(&'static [f64]),
}

/// Seconds, close together where a good answer lies.
const LATENCY: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Everything that is counted.
pub(crate) const METRICS: &[Metric] = &[
    Metric {
        name: "doorward_http_requests_total",
        kind: Kind::Counter,
        labels: &["endpoint", "status"],
        description: "Requests answered.",
    },
    Metric {
        name: "doorward_http_request_seconds",
        kind: Kind::Histogram(LATENCY),
        labels: &["endpoint"],
        description: "Seconds from the end of a request's headers to its answer.",
    },
    Metric {
        name: "doorward_connections",
        kind: Kind::Gauge,
        labels: &[],
        description: "Connections that are open.",
    },
    Metric {
        name: "doorward_tls_handshake_failures_total",
        kind: Kind::Counter,
        labels: &["reason"],
        description: "Connections that ended before https was spoken: too late, refused by one side, or just gone.",
    },
    Metric {
        name: "doorward_tls_certificate_end_timestamp_seconds",
        kind: Kind::Gauge,
        labels: &[],
        description: "When the certificate in use ends, in seconds since 1970.",
    },
    Metric {
        name: "doorward_tokens_issued_total",
        kind: Kind::Counter,
        labels: &["format"],
        description: "Tokens issued.",
    },
    Metric {
        name: "doorward_codes_issued_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Authorization codes issued.",
    },
    Metric {
        name: "doorward_sign_ins_total",
        kind: Kind::Counter,
        labels: &[],
        description: "People who signed in.",
    },
    Metric {
        name: "doorward_sign_in_failures_total",
        kind: Kind::Counter,
        labels: &["reason"],
        description: "Failed sign-ins, by the reason that the page does not tell.",
    },
    Metric {
        name: "doorward_password_hashes_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Passwords handed in to be hashed: those that were checked, of nobody too, and new ones.",
    },
    Metric {
        name: "doorward_password_hashes_under_way",
        kind: Kind::Gauge,
        labels: &[],
        description: "Passwords that are being hashed, or wait for it. Above `passwords.hashing_threads` they wait.",
    },
    Metric {
        name: "doorward_client_authentication_failures_total",
        kind: Kind::Counter,
        labels: &["reason"],
        description: "Failed client authentications, by the reason that the answer does not tell.",
    },
    Metric {
        name: "doorward_uses_refused_total",
        kind: Kind::Counter,
        labels: &["reason"],
        description: "Uses of tokens at APIs that were refused where a proxy or an API asked here, by reason.",
    },
    Metric {
        name: "doorward_refusals_total",
        kind: Kind::Counter,
        labels: &["endpoint", "error"],
        description: "Requests refused, by the error code of the answer.",
    },
    Metric {
        name: "doorward_store_jobs_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Changes that the store answered.",
    },
    Metric {
        name: "doorward_store_commits_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Transactions that were committed for them; several changes share one.",
    },
    Metric {
        name: "doorward_store_reruns_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Changes (on a server: and questions) run again: a batch failed or one of it was undone alone, \
                      another transaction came in between, or the connection broke.",
    },
    Metric {
        name: "doorward_store_connections_lost_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Connections to the database server that broke, were closed, or were given up because no answer came.",
    },
    Metric {
        name: "doorward_clients_read_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Clients that were read from the store because they were not in memory, or not there at all.",
    },
    Metric {
        name: "doorward_store_turned_away_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Changes refused because too many waited.",
    },
    Metric {
        name: "doorward_store_expired_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Changes refused because their turn did not come in time.",
    },
    Metric {
        name: "doorward_store_panics_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Changes that panicked; each is a bug.",
    },
    Metric {
        name: "doorward_store_waiting",
        kind: Kind::Gauge,
        labels: &[],
        description: "Changes that wait for their answer.",
    },
    Metric {
        name: "doorward_store_log_bytes",
        kind: Kind::Gauge,
        labels: &[],
        description: "Size of the write-ahead log.",
    },
    Metric {
        name: "doorward_store_short_of_space",
        kind: Kind::Gauge,
        labels: &[],
        description: "1 while the disk is full, else 0.",
    },
    Metric {
        name: "doorward_build_info",
        kind: Kind::Gauge,
        labels: &["version"],
        description: "1, for the version that runs.",
    },
    Metric {
        name: "doorward_process_resident_memory_bytes",
        kind: Kind::Gauge,
        labels: &[],
        description: "Memory that the process has in use.",
    },
    Metric {
        name: "doorward_audit_unchained_events",
        kind: Kind::Gauge,
        labels: &[],
        description: "Events that have no number in the audit trail yet.",
    },
    Metric {
        name: "doorward_audit_unchained_age_seconds",
        kind: Kind::Gauge,
        labels: &[],
        description: "Seconds since the oldest of them happened.",
    },
    Metric {
        name: "doorward_audit_checkpoint_timestamp_seconds",
        kind: Kind::Gauge,
        labels: &[],
        description: "When the last checkpoint of the audit trail was made.",
    },
    Metric {
        name: "doorward_process_cpu_seconds_total",
        kind: Kind::Counter,
        labels: &[],
        description: "Seconds of processor time that the process has taken.",
    },
    Metric {
        name: "doorward_process_open_files",
        kind: Kind::Gauge,
        labels: &[],
        description: "Files and connections that the process has open.",
    },
    Metric {
        name: "doorward_process_open_files_limit",
        kind: Kind::Gauge,
        labels: &[],
        description: "How many it may have open.",
    },
];

/// The numbers of this process.
#[derive(Clone, Debug)]
pub(crate) struct Numbers(PrometheusHandle);

impl Numbers {
    /// Counts for the whole process from now on. Fails if somebody else does already.
    pub(crate) fn install() -> Result<Self, BuildError> {
        let handle = builder()?.install_recorder()?;
        describe();
        begin();
        Ok(Self(handle))
    }

    /// All numbers in Prometheus' text format.
    pub(crate) fn render(&self) -> String {
        self.0.render()
    }

    /// Moves observations into their buckets. Call every few seconds: between calls they are kept singly.
    pub(crate) fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    METRICS.iter().try_fold(PrometheusBuilder::new(), |builder, metric| match metric.kind {
        Kind::Histogram(buckets) => {
            builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)
        }
        Kind::Counter | Kind::Gauge => Ok(builder),
    })
}

fn describe() {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.description),
            Kind::Gauge => describe_gauge!(metric.name, metric.description),
            Kind::Histogram(_) => describe_histogram!(metric.name, metric.description),
        }
    }
}

/// A number that nothing tells apart is there from the start: a first failure is then a rise from 0, which an alert sees. What
/// only some systems know is there once they say it, and a certificate's end where there is a certificate.
fn begin() {
    let later = ["doorward_process_", "doorward_tls_"];
    let known = |metric: &&Metric| {
        metric.labels.is_empty() && !later.iter().any(|prefix| metric.name.starts_with(prefix))
    };
    for metric in METRICS.iter().filter(known) {
        match metric.kind {
            Kind::Counter => metrics::counter!(metric.name).increment(0),
            Kind::Gauge => metrics::gauge!(metric.name).increment(0.0),
            Kind::Histogram(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_rendered_with_its_description() {
        let recorder = builder().unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            describe();
            metrics::counter!("doorward_refusals_total", "endpoint" => "token", "error" => "invalid_client")
                .increment(2);
            metrics::histogram!("doorward_http_request_seconds", "endpoint" => "token").record(0.002);
        });
        let numbers = Numbers(recorder.handle());
        numbers.upkeep();
        let text = numbers.render();
        for line in [
            "# HELP doorward_refusals_total Requests refused, by the error code of the answer.",
            "# TYPE doorward_refusals_total counter",
            "doorward_refusals_total{endpoint=\"token\",error=\"invalid_client\"} 2",
            "# TYPE doorward_http_request_seconds histogram",
            "doorward_http_request_seconds_bucket{endpoint=\"token\",le=\"0.001\"} 0",
            "doorward_http_request_seconds_bucket{endpoint=\"token\",le=\"0.0025\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
        }
    }

    /// Prometheus naming: counters end in `_total`, units are base units in the name.
    #[test]
    fn names_follow_the_conventions_of_prometheus() {
        for metric in METRICS {
            assert!(metric.name.starts_with("doorward_"), "{}", metric.name);
            assert_eq!(
                metric.name.ends_with("_total"),
                matches!(metric.kind, Kind::Counter),
                "{}",
                metric.name
            );
            assert!(metric.description.ends_with('.'));
        }
    }
}

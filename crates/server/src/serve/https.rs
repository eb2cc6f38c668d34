//! Https while the server runs: the certificate is read at the start, and again when its files have changed. Owns when that
//! is, and what is logged and counted of it; how the files are read is `certificate`'s part.
//!
//! Whoever replaces two files does it one after the other, and may write slowly. What has changed is read once it has stood
//! still for a turn; at SIGHUP, which says that all is written, at once. What cannot be used then leaves the old certificate
//! in its place, is said once, and is tried again each turn.

use crate::certificate::Certificate;
use crate::config::sections::TlsFiles;
use crate::failure::Failure;
use doorward_core::clock::{Clock, SystemClock};
use doorward_core::issuer::Issuer;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_web::actix::tls::Tls;
use std::fs::Metadata;
use std::path::Path;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use url::Url;

/// How often the files are looked at.
const TURN: Duration = Duration::from_secs(1);

/// Ample time to have another certificate made; those that renew themselves do it long before.
const SOON: Lifetime = Lifetime::days(14);

/// The certificate in use.
pub(super) struct Https {
    /// With what handshakes are made.
    pub(super) tls: Tls,
    files: TlsFiles,
    host: String,
    ends: Seconds,
    standing: Standing,
    /// The files as they were when they were read, and as they were at the last turn.
    used: Stamps,
    seen: Stamps,
    complaint: Option<String>,
    hangups: Hangups,
}

/// What is to be said of a certificate's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    EndsSoon,
    Ended,
}

impl Https {
    /// Reads the certificate. A server that cannot be reached as it should is not started.
    pub(super) fn start(files: &TlsFiles, issuer: &Issuer) -> Result<Self, Failure> {
        let hangups = Hangups::listen()?;
        let stamps = Stamps::of(files);
        let certificate = Certificate::read(files)?;
        let url = Url::parse(issuer.as_str()).map_err(Failure::refused)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let ends = told(&certificate, files, &host);
        let mut https = Self {
            tls: Tls::new(certificate.into_config()),
            files: files.clone(),
            host,
            ends,
            standing: Standing::Good,
            seen: stamps.clone(),
            used: stamps,
            complaint: None,
            hangups,
        };
        https.say_where_it_stands();
        Ok(https)
    }

    /// Looks after it from now on, on this thread.
    pub(super) fn watch(mut self) {
        actix_web::rt::spawn(async move {
            let mut turns = interval(TURN);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let asked = tokio::select! {
                    _ = turns.tick() => false,
                    () = self.hangups.next() => true,
                };
                self.look(asked);
                self.say_where_it_stands();
            }
        });
    }

    fn look(&mut self, asked: bool) {
        let now = Stamps::of(&self.files);
        let still = std::mem::replace(&mut self.seen, now.clone()) == now;
        if now == self.used && !asked {
            self.complaint = None;
        } else if still || asked {
            self.take(now, asked);
        }
    }

    /// What somebody has asked for is answered, though the answer be the same.
    fn take(&mut self, stamps: Stamps, asked: bool) {
        match Certificate::read(&self.files) {
            Ok(certificate) => {
                self.ends = told(&certificate, &self.files, &self.host);
                self.tls.replace(certificate.into_config());
                (self.used, self.complaint, self.standing) = (stamps, None, Standing::Good);
            }
            Err(failure) => {
                let reason = failure.to_string();
                if asked || self.complaint.as_ref() != Some(&reason) {
                    tracing::error!(reason, "a new certificate cannot be used; the one before stays in use");
                }
                self.complaint = Some(reason);
            }
        }
    }

    fn say_where_it_stands(&mut self) {
        let now = SystemClock.now();
        let standing = standing(self.ends, now);
        if std::mem::replace(&mut self.standing, standing) == standing {
            return;
        }
        let (certificate, days) = (self.files.certificate.display(), days(self.ends, now));
        match standing {
            Standing::Good => {}
            Standing::EndsSoon => tracing::warn!(%certificate, days, "the certificate ends soon"),
            Standing::Ended => {
                tracing::error!(%certificate, "the certificate has ended; clients will refuse it");
            }
        }
    }
}

/// Says what there is to say of a certificate that is used from now on, and when it ends.
fn told(certificate: &Certificate, files: &TlsFiles, host: &str) -> Seconds {
    let (ends, path) = (certificate.ends, files.certificate.display());
    tracing::info!(certificate = %path, days = days(ends, SystemClock.now()), "this certificate is used for https");
    if !certificate.is_for(host) {
        tracing::warn!(certificate = %path, host, "the certificate is not for the issuer's host");
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; it is exact for every date there will be"
    )]
    metrics::gauge!("doorward_tls_certificate_end_timestamp_seconds").set(ends.0 as f64);
    ends
}

fn standing(ends: Seconds, now: Seconds) -> Standing {
    match ends.0.saturating_sub(now.0) {
        ..=0 => Standing::Ended,
        left if left < SOON.0 => Standing::EndsSoon,
        _ => Standing::Good,
    }
}

/// Whole days that are left.
fn days(ends: Seconds, now: Seconds) -> i64 {
    ends.0.saturating_sub(now.0).div_euclid(Lifetime::days(1).0)
}

/// Two files as they are on the disk; one that is not there has nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamps([Option<Stamp>; 2]);

impl Stamps {
    fn of(files: &TlsFiles) -> Self {
        Self([&files.certificate, &files.key].map(|path| stamp(path)))
    }
}

/// Which file it is, when it was last changed in any way, and how long it is.
#[cfg(unix)]
type Stamp = (u64, u64, i64, i64, u64);

#[cfg(not(unix))]
type Stamp = (Option<std::time::SystemTime>, u64);

fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().map(|metadata| stamp_of(&metadata))
}

#[cfg(unix)]
fn stamp_of(metadata: &Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec(), metadata.len())
}

#[cfg(not(unix))]
fn stamp_of(metadata: &Metadata) -> Stamp {
    (metadata.modified().ok(), metadata.len())
}

/// SIGHUP, where there is one.
struct Hangups {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Hangups {
    fn listen() -> Result<Self, Failure> {
        Ok(Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
                .map_err(Failure::unreachable)?,
        })
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if self.signal.recv().await.is_some() {
            return;
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_ends_soon_two_weeks_before_it_does() {
        let day = Lifetime::days(1).0;
        let at = |days: i64| standing(Seconds(20 * day), Seconds((20 - days) * day));
        assert_eq!(
            [15, 14, 13, 0, -1].map(at),
            [Standing::Good, Standing::Good, Standing::EndsSoon, Standing::Ended, Standing::Ended]
        );
        assert_eq!(days(Seconds(2 * day + 5), Seconds(0)), 2);
    }
}

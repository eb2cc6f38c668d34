//! `doorward audit tail`: what happened last, and what happens now.

use super::super::answer::{self, Answer};
use super::super::page::Page;
use crate::failure::Failure;
use doorward_core::audit::event::Event;
use doorward_core::context::Context;
use doorward_protocol::id::Id;
use doorward_web::api::resources::audit_event::AuditEventResource;
use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

/// How often it is asked what is new.
const PERIOD: Duration = Duration::from_millis(500);

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// How many.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i64).range(0..=10_000))]
    lines: i64,
    /// Go on with what happens, until it is stopped. With --json, one object a line.
    #[arg(short, long)]
    follow: bool,
}

pub(super) async fn run(arguments: &Arguments, json: bool, context: &Context<'_>) -> Result<Answer, Failure> {
    let lines = arguments.lines;
    let read = move |tx: &mut dyn doorward_core::store::tx::Tx| {
        Ok((tx.last_in_chain()?.unwrap_or(0), tx.last_events(lines)?))
    };
    let (mut last, mut events) = context.cache.store().snapshot(read).await?;
    events.reverse();
    if !arguments.follow {
        let page = Page::whole(events.iter().map(AuditEventResource::from).collect());
        return Answer::new(events.iter().map(line).collect::<String>(), &page);
    }
    // Of these, some have no number yet, and come once more when they have.
    let mut shown: BTreeSet<Id> = events.iter().map(|event| event.id).collect();
    let mut news = events;
    loop {
        for event in news.drain(..) {
            let text = if json { object(&event)? } else { line(&event) };
            if answer::say(&text).is_err() {
                // The reader has enough.
                return Ok(Answer::silent());
            }
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "whoever follows looks again after a while; nothing tells a command"
        )]
        thread::sleep(PERIOD);
        // By their numbers: an event may be recorded after one with a later identifier.
        let after = last;
        let (seqs, ids): (Vec<_>, Vec<_>) = context
            .cache
            .store()
            .read(move |tx| tx.chained(after.saturating_add(1), 500))
            .await?
            .into_iter()
            .map(|found| (found.seq, found.written.id))
            .unzip();
        last = seqs.into_iter().flatten().max().unwrap_or(last);
        for id in ids.iter().filter_map(|id| id.parse().ok()) {
            if !shown.remove(&id) {
                news.extend(context.cache.store().read(move |tx| tx.event(id)).await?);
            }
        }
    }
}

fn object(event: &Event) -> Result<String, Failure> {
    let object = serde_json::to_string(&AuditEventResource::from(event)).map_err(Failure::refused)?;
    Ok(object + "\n")
}

/// One event for people.
fn line(event: &Event) -> String {
    let mut line = format!("{}  {}", event.at, event.action);
    for (label, value) in [("because", &event.reason), ("note", &event.note)] {
        if !value.is_empty() {
            line.push_str(&format!("  {label} {value:?}"));
        }
    }
    let named = [("user", event.user), ("client", event.client), ("api token", event.api_token)];
    for (label, id) in named {
        if let Some(id) = id {
            line.push_str(&format!("  by {label} {id}"));
        }
    }
    if !event.objects.is_empty() {
        line.push_str(&format!("  on {}", event.objects));
    }
    if let Some(address) = event.address {
        line.push_str(&format!("  from {address}"));
    }
    line + "\n"
}

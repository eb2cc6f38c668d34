//! A running `serve --dev` in a folder of its own, on a port that the system chose.

use crate::doorward::Place;
use crate::harness::until;
use serde_json::Value;
use std::fs::File;
use std::process::Child;

/// The note that it leaves.
pub(crate) const NOTE: &str = "doorward-dev.json";

/// A trial in an empty environment.
pub(crate) struct Trial {
    /// Its folder.
    pub(crate) place: Place,
    child: Child,
}

impl Trial {
    /// Starts it.
    pub(crate) fn start(place: Place) -> Self {
        Self::start_with(place, &[])
    }

    /// Starts it with further arguments.
    pub(crate) fn start_with(place: Place, arguments: &[&str]) -> Self {
        let out = File::create(place.path("out")).unwrap();
        let err = File::create(place.path("err")).unwrap();
        let arguments = [&["serve", "--dev", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = place.command(&arguments).stdout(out).stderr(err).spawn().expect("the binary runs");
        until("the trial listens", || {
            if let Ok(Some(status)) = child.try_wait() {
                panic!("it ended with {status}: {}", place.read("err"));
            }
            (place.read("err").contains("\"listening\"") && !place.read("out").is_empty()).then_some(())
        });
        Self { place, child }
    }

    /// What it has noted.
    pub(crate) fn note(&self) -> Value {
        serde_json::from_str(&self.place.read(NOTE)).unwrap()
    }

    /// Ends it, and keeps the folder.
    pub(crate) fn end(mut self) -> Place {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.place, Place::bare())
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

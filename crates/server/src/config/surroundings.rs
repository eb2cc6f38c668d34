//! What the process finds around it: environment variables, the standard places of files, the number of cores. The only
//! module that asks the operating system for them, so that tests bring surroundings of their own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The surroundings of one load.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    variables: BTreeMap<OsString, OsString>,
    system_config: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        Self::new(std::env::vars_os(), PathBuf::from("/etc/doorward/doorward.toml"))
    }

    /// Made-up ones: these variables, and this path in place of `/etc/doorward/doorward.toml`.
    pub(crate) fn new(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        system_config: PathBuf,
    ) -> Self {
        Self { variables: variables.into_iter().collect(), system_config }
    }

    /// All environment variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }

    /// Where a configuration file is looked for when none is named, in this order.
    pub(crate) fn standard_config_files(&self) -> impl Iterator<Item = PathBuf> + '_ {
        let personal = self.folder("XDG_CONFIG_HOME").or_else(|| Some(self.folder("HOME")?.join(".config")));
        let personal = personal.map(|folder| folder.join("doorward").join("doorward.toml"));
        std::iter::once(self.system_config.clone()).chain(personal)
    }

    /// The default of `database.url`: a file, where this build keeps one.
    pub(crate) fn database_url(&self) -> Option<String> {
        if !cfg!(feature = "sqlite") {
            return None;
        }
        Some(format!("sqlite:{}", self.state_folder()?.join("doorward.db").to_str()?))
    }

    /// The default of `keys.master_key_file`: a credential that the service manager passes in wins, if it is there.
    pub(crate) fn master_key_file(&self) -> Option<String> {
        let credential = self.folder("CREDENTIALS_DIRECTORY").map(|folder| folder.join("master_key"));
        let path = match credential.filter(|path| path.exists()) {
            Some(path) => path,
            None => self.state_folder()?.join("master.key"),
        };
        path.to_str().map(str::to_owned)
    }

    /// The default of `server.workers`.
    pub(crate) fn cores(&self) -> Option<String> {
        Some(cores().to_string())
    }

    /// The default of `passwords.hashing_threads`: one core is left for everything else.
    pub(crate) fn cores_but_one(&self) -> Option<String> {
        Some(cores().saturating_sub(1).max(1).to_string())
    }

    /// A variable that a standard names, and no setting of ours: empty is as good as absent.
    pub(crate) fn text(&self, variable: &str) -> Option<&str> {
        self.variables.get(OsStr::new(variable))?.to_str().filter(|text| !text.is_empty())
    }

    /// Where the service manager wants to be told how the server is.
    pub(crate) fn notify_socket(&self) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new("NOTIFY_SOCKET"))
            .map(OsString::as_os_str)
            .filter(|name| !name.is_empty())
    }

    /// How often it wants to hear that this process lives. Meant for another one, it is none of our business.
    pub(crate) fn watchdog(&self) -> Option<Duration> {
        let number = |variable: &str| self.variables.get(OsStr::new(variable))?.to_str()?.parse::<u64>().ok();
        let ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        number("WATCHDOG_USEC").filter(|period| ours && *period > 0).map(Duration::from_micros)
    }

    /// What the service manager gave us for state, else the user's folder for it.
    fn state_folder(&self) -> Option<PathBuf> {
        self.folder("STATE_DIRECTORY")
            .or_else(|| Some(self.folder("XDG_STATE_HOME")?.join("doorward")))
            .or_else(|| Some(self.folder("HOME")?.join(".local/state/doorward")))
    }

    /// An absolute folder. The XDG base directory specification has relative ones ignored, and systemd.exec separates
    /// several by a colon: the first is ours.
    fn folder(&self, variable: &str) -> Option<PathBuf> {
        let folders = self.variables.get(OsString::from(variable).as_os_str())?.to_str()?;
        let first = Path::new(folders.split(':').next()?);
        first.is_absolute().then(|| first.to_owned())
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

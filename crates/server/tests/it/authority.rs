//! An authority that certifies servers of tests, by openssl's program. Owns its folder, and how a pair of files gets where a
//! server looks for it.

use crate::doorward::Place;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Kinds of keys, as openssl names them.
pub(crate) const EC: &str = "ec -pkeyopt ec_paramgen_curve:P-256";
pub(crate) const RSA: &str = "rsa:2048";

/// An authority with a root of its own.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    root: Vec<u8>,
}

impl Authority {
    /// A new one; none, said aloud, where the program is missing.
    pub(crate) fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
            drop(writeln!(std::io::stderr(), "skipped: needs openssl"));
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let authority =
            format!("req -x509 -newkey {EC} -nodes -days 60 -subj /CN=authority -keyout ca.key -out ca.crt");
        openssl(folder.path(), &authority);
        let root = fs::read(folder.path().join("ca.crt")).expect("it is there");
        Some(Self { folder, root })
    }

    /// Its certificate, in PEM.
    pub(crate) fn root(&self) -> &[u8] {
        &self.root
    }

    /// Where that lies.
    pub(crate) fn root_file(&self) -> String {
        self.folder.path().join("ca.crt").display().to_string()
    }

    /// Certifies a new key for localhost, for so many days: what stands in the two files.
    pub(crate) fn certify(&self, key: &str, days: u32) -> [Vec<u8>; 2] {
        let here = self.folder.path();
        fs::write(here.join("names"), "subjectAltName = DNS:localhost").expect("a file");
        openssl(
            here,
            &format!("req -newkey {key} -nodes -subj /CN=server -keyout server.key -out server.csr"),
        );
        let sign = "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile names -out server.crt";
        openssl(here, &format!("{sign} -days {days}"));
        ["server.crt", "server.key"].map(|file| fs::read(here.join(file)).expect("it is there"))
    }

    /// A key in the form that openssl had before PKCS#8.
    pub(crate) fn traditional(&self, key: &[u8]) -> Vec<u8> {
        let here = self.folder.path();
        fs::write(here.join("some.key"), key).expect("a file");
        openssl(here, "pkey -in some.key -traditional -out other.key");
        fs::read(here.join("other.key")).expect("it is there")
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    let output = command.args(arguments.split_whitespace()).current_dir(folder).output().expect("it runs");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A place whose server looks for its pair there.
pub(crate) fn https_at(place: Place) -> Place {
    let [certificate, key] = ["server.crt", "server.key"].map(|file| place.path(file).display().to_string());
    place.with("DOORWARD__SERVER__TLS__CERTIFICATE", &certificate).with("DOORWARD__SERVER__TLS__KEY", &key)
}

/// Puts a pair where the server of this place looks for it, the key for its owner alone. Each file is there at one blow.
pub(crate) fn install(place: &Place, [certificate, key]: &[Vec<u8>; 2]) {
    for (name, text, mode) in [("server.crt", certificate, 0o644), ("server.key", key, 0o600)] {
        let (beside, file) = (place.path(format!("{name}.new")), place.path(name));
        fs::write(&beside, text).expect("a file");
        fs::set_permissions(&beside, fs::Permissions::from_mode(mode)).expect("its mode");
        fs::rename(beside, file).expect("its name");
    }
}

//! What a registered API does: it asks the server whether a request may be made with the token that came with it (RFC 7662). Owns
//! the API's own client and its question.

use crate::Failed;
use serde_json::Value;

/// An API that may ask about its tokens.
pub(crate) struct Asking {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl Asking {
    /// What the API would answer to a request by this method and with this token.
    pub(crate) fn status(&self, token: &str, method: &str) -> Result<u16, Failed> {
        // ureq makes the Authorization header of RFC 7617 out of this; Doorward's names and secrets need no encoding.
        let credentials = format!("://{}:{}@", self.client_id, self.client_secret);
        let url = format!("{}/oauth2/introspect", self.issuer).replacen("://", &credentials, 1);
        let form = [("token", token), ("method", method), ("uri", "/"), ("client_ip", "192.0.2.7")];
        let answer = ureq::post(url).send_form(form)?.body_mut().read_to_string()?;
        let answer: Value = serde_json::from_str(&answer)?;
        Ok(match (answer["active"].as_bool(), answer["error"].as_str()) {
            (Some(true), _) => 200,
            (_, Some(_)) => 403,
            _ => 401,
        })
    }
}

//! The guard before a route. Owns which token a route asks for; how it stands in a framework is said in `actix` and `tower`.

use crate::access::Access;
use crate::protected_api::ProtectedApi;
use crate::refusal::Refusal;
use doorward_protocol::scope::Scope;

/// Middleware that lets requests through which bring a good token, with [`Access`] for their handler: `wrap` it in
/// actix-web, `layer` it in axum or tower. One guard behind another costs next to nothing.
#[derive(Clone, Debug)]
pub struct Protect {
    api: ProtectedApi,
    needed: Scope,
}

impl Protect {
    pub(crate) fn new(api: ProtectedApi, needed: Scope) -> Self {
        Self { api, needed }
    }

    /// What the request may do, if that is enough here.
    ///
    /// # Errors
    /// [`Refusal`], to answer with.
    pub async fn admit<'a>(
        &self,
        authorization: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Access, Refusal> {
        let access = self.api.verify(authorization).await?;
        access.require_all(&self.needed)?;
        Ok(access)
    }
}

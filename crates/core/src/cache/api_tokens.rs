//! API tokens by the text that somebody presents. Owns how they are found, under each pepper in use, and that as many are kept in
//! memory as there is room for: a program sends one with each of its requests.

use super::Cache;
use super::delta::These;
use crate::keys::pepper::Peppers;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use crate::token::api_token::{Standing, Value};
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Bounded;
use std::sync::Arc;

/// Bytes that a token without levels and networks takes, with its place in memory and that of its value: as measured with a million.
const BARE: usize = 440;

/// A token that somebody presented: as it is recorded, good or not.
#[derive(Clone, Debug)]
pub struct Presented {
    /// The token.
    pub token: Arc<Standing>,
    /// Which of its values it was.
    pub value: Value,
}

impl Presented {
    /// Which value of the token it was; none where it is none of its any more.
    fn of(token: Arc<Standing>, digest: &Digest) -> Option<Self> {
        let value = token.value_of(digest)?;
        Some(Self { token, value })
    }
}

/// The tokens in memory. A value is that of one token for ever, so what it leads to is never wrong; the token itself says whether it
/// still has it. There may be a million of them, so they stand where a place costs least.
pub(super) struct KeptTokens {
    by_value: Bounded<[u8; 32], Id>,
    by_id: Bounded<Id, Arc<Standing>, Weight>,
}

/// What a token weighs, in bytes.
#[derive(Clone)]
struct Weight;

impl Weighter<Id, Arc<Standing>> for Weight {
    fn weight(&self, _: &Id, token: &Arc<Standing>) -> u64 {
        (BARE + 32 * (token.access.named.len() + token.allowed_ips.len())) as u64
    }
}

impl KeptTokens {
    pub(super) fn new(bytes: u64) -> Self {
        let count = usize::try_from(bytes).unwrap_or(usize::MAX) / BARE;
        Self { by_value: Bounded::new(count), by_id: Bounded::with_weighter(count, bytes, Weight) }
    }

    fn find(&self, digest: &Digest) -> Option<Presented> {
        let token = self.by_id.get(&self.by_value.get(&digest.0)?)?;
        Presented::of(token, digest)
    }

    fn keep(&self, digest: &Digest, token: &Arc<Standing>) {
        self.by_id.insert(token.id, Arc::clone(token));
        self.by_value.insert(digest.0, token.id);
    }

    /// Forgets the tokens that have changed. Their values may stay: they lead to nothing.
    pub(super) fn forget(&self, changed: &These) {
        match changed {
            These::Ids(ids) => ids.iter().for_each(|id| drop(self.by_id.remove(id))),
            These::All => self.by_id.clear(),
        }
    }
}

impl Cache {
    /// The API token that has this value, or had it before; whether it is good is for others to say. Its hash is looked for under
    /// each pepper in use, and renewed in passing where that is an older one.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn api_token(&self, text: &str, peppers: &Peppers) -> Result<Option<Presented>, Fault> {
        let digests: Vec<_> = peppers.digests(text).collect();
        let found = match digests.iter().find_map(|digest| self.api_tokens.find(digest)) {
            Some(kept) => Some(kept),
            None => self.ask_api_token(digests).await?,
        };
        if let Some(presented) = &found {
            self.renew(presented, text, peppers);
        }
        Ok(found)
    }

    /// The API token with this identifier, good or not.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn api_token_named(&self, id: Id) -> Result<Option<Arc<Standing>>, Fault> {
        if let Some(token) = self.api_tokens.by_id.get(&id) {
            return Ok(Some(token));
        }
        let before = self.held().moment;
        let Some(token) = self.store.read(move |tx| tx.api_token_standing(id)).await?.map(Arc::new) else {
            return Ok(None);
        };
        let held = self.held();
        // As for clients: kept only if nothing was applied in between.
        if held.moment == before {
            self.api_tokens.by_id.insert(id, Arc::clone(&token));
        }
        Ok(Some(token))
    }

    async fn ask_api_token(&self, digests: Vec<Digest>) -> Result<Option<Presented>, Fault> {
        let before = self.held().moment;
        let several = digests.len() > 1;
        let users = self.users.clone();
        let ask = move |tx: &mut dyn Tx| {
            for digest in &digests {
                let Some(token) = tx.api_token_standing_of(digest)? else { continue };
                // Whoever looks for the token looks for its owner next: one way to the database and back will do.
                let stranger = token.owner.user().filter(|id| !users.contains_key(id));
                let owner = stranger.map(|id| tx.user(id)).transpose()?.flatten();
                return Ok(Some((token, owner, *digest)));
            }
            Ok(None)
        };
        // Under several peppers in one state of the database: a hash that is being renewed is found under one of them.
        let found = if several { self.store.snapshot(ask).await? } else { self.store.read(ask).await? };
        let Some((token, owner, digest)) = found else { return Ok(None) };
        let token = Arc::new(token);
        let held = self.held();
        // As for clients: kept only if nothing was applied in between.
        if held.moment == before {
            self.api_tokens.keep(&digest, &token);
            owner.into_iter().for_each(|owner| self.users.insert(owner.id, Arc::new(owner)));
        }
        Ok(Presented::of(token, &digest))
    }

    /// Replaces a hash under an old pepper. A former value ends soon by itself.
    fn renew(&self, presented: &Presented, text: &str, peppers: &Peppers) {
        let Presented { token, value } = presented;
        if *value != Value::Current || token.pepper == peppers.newest() {
            return;
        }
        let (id, old, (pepper, digest)) = (token.id, token.digest, peppers.digest(text));
        self.write_in_passing(id, move |tx| tx.redigest_api_token(id, &old, (pepper, &digest)).map(drop));
    }
}

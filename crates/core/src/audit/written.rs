//! An event as it is written down: texts and a number, each as it stands in its column. Owns the one encoding of it that is sealed,
//! which tells any two rows apart: the seal is on what is stored, so that not even another spelling of the same address goes
//! unnoticed. What the members mean is `event`'s part.

use crate::audit::event::Event;

/// What stands in a row of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The identifier.
    pub id: String,
    /// When.
    pub at: i64,
    /// What.
    pub action: String,
    /// Why, a word of ours.
    pub reason: String,
    /// Why, in somebody's own words.
    pub note: String,
    /// The person.
    pub user: Option<String>,
    /// The client.
    pub client: Option<String>,
    /// The API token.
    pub api_token: Option<String>,
    /// The organization.
    pub organization: Option<String>,
    /// The objects.
    pub objects: String,
    /// The first of them, by which events are found.
    pub object: Option<String>,
    /// The address.
    pub address: Option<String>,
}

impl Written {
    /// An event as it is written down.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self {
            id: event.id.to_string(),
            at: event.at.0,
            action: event.action.clone(),
            reason: event.reason.clone(),
            note: event.note.clone(),
            user: event.user.map(|id| id.to_string()),
            client: event.client.map(|id| id.to_string()),
            api_token: event.api_token.map(|id| id.to_string()),
            organization: event.organization.map(|id| id.to_string()),
            objects: event.objects.clone(),
            object: first(&event.objects),
            address: event.address.map(|address| address.to_string()),
        }
    }

    /// The same with its first object apart, where an earlier release has left that to us.
    #[must_use]
    pub fn found_by_its_object(self) -> Self {
        Self { object: first(&self.objects), ..self }
    }

    /// The bytes that are sealed: each text after its length, what is absent apart from what is empty.
    #[must_use]
    pub fn encoded(&self) -> Vec<u8> {
        let texts = [Some(&self.id), Some(&self.action), Some(&self.reason), Some(&self.note)];
        let optional = [&self.user, &self.client, &self.api_token, &self.organization];
        let rest = [Some(&self.objects), self.object.as_ref(), self.address.as_ref()];
        let all = texts.into_iter().chain(optional.map(Option::as_ref)).chain(rest);
        let mut bytes = self.at.to_be_bytes().to_vec();
        all.for_each(|text| append(text.map(String::as_bytes), &mut bytes));
        bytes
    }
}

fn first(objects: &str) -> Option<String> {
    objects.split(' ').next().filter(|first| !first.is_empty()).map(str::to_owned)
}

fn append(text: Option<&[u8]>, bytes: &mut Vec<u8>) {
    let Some(text) = text else { return bytes.push(0) };
    bytes.push(1);
    // A row that is longer than a `u64` can tell does not exist.
    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
    bytes.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::id::Id;
    use doorward_protocol::time::Seconds;

    fn written() -> Written {
        let event = Event::new("a", Id::from_parts(1, 1), Seconds(1));
        Written::of(&Event { objects: "api:1 user:2".to_owned(), ..event })
    }

    #[test]
    fn the_first_object_stands_apart() {
        assert_eq!(written().object.as_deref(), Some("api:1"));
        assert_eq!(Written::of(&Event::new("a", Id::from_parts(1, 1), Seconds(1))).object, None);
    }

    /// Whatever is moved from one column to its neighbour, or taken away, reads otherwise.
    #[test]
    fn no_two_rows_are_encoded_alike() {
        let id = || Some("01".to_owned());
        let rows = [
            written(),
            Written { at: 2, ..written() },
            Written { id: "x".to_owned(), ..written() },
            Written { action: "ab".to_owned(), ..written() },
            Written { action: String::new(), reason: "a".to_owned(), ..written() },
            Written { action: String::new(), note: "a".to_owned(), ..written() },
            Written { reason: "b".to_owned(), ..written() },
            Written { note: "b".to_owned(), ..written() },
            Written { user: id(), ..written() },
            Written { user: Some(String::new()), ..written() },
            Written { client: id(), ..written() },
            Written { client: Some(String::new()), ..written() },
            Written { api_token: id(), ..written() },
            Written { organization: id(), ..written() },
            Written { objects: "api:1".to_owned(), ..written() },
            Written { object: None, ..written() },
            Written { address: id(), ..written() },
            Written { address: Some(String::new()), ..written() },
        ];
        let encoded: Vec<_> = rows.iter().map(Written::encoded).collect();
        for (index, one) in encoded.iter().enumerate() {
            assert!(!encoded[..index].contains(one), "{index}");
        }
    }
}

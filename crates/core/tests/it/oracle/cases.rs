//! Requests and how they are bent. Owns the parameters of a form and the bends that any of them may get; what a bend means is
//! for the two sides to say.

use crate::house::{Actor, basic};

/// A request as a list of parameters, and the header beside it.
#[derive(Clone)]
pub(super) struct Form {
    pub(super) pairs: Vec<(&'static str, String)>,
    pub(super) authorization: Option<String>,
}

/// One bend.
#[derive(Clone)]
pub(super) enum Bend {
    Without(&'static str),
    Empty(&'static str),
    Twice(&'static str),
    With(&'static str, String),
    Header(&'static str, Option<String>),
}

impl Bend {
    /// What of a request it touches: two bends of the same are not put together.
    fn place(&self) -> &'static str {
        match self {
            Self::Without(name) | Self::Empty(name) | Self::Twice(name) | Self::With(name, _) => name,
            Self::Header(..) => "header",
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Without(name) => format!("without {name}"),
            Self::Empty(name) => format!("empty {name}"),
            Self::Twice(name) => format!("twice {name}"),
            Self::With(name, value) if value.is_empty() => format!("empty {name}"),
            Self::With(name, value) => format!("{name}={}", value.chars().take(24).collect::<String>()),
            Self::Header(name, _) => (*name).to_owned(),
        }
    }

    fn bend(&self, form: &mut Form) {
        let at = |form: &Form, name: &str| form.pairs.iter().position(|(known, _)| *known == name);
        match self {
            Self::Without(name) => form.pairs.retain(|(known, _)| known != name),
            Self::Empty(name) => {
                form.pairs.iter_mut().filter(|(known, _)| known == name).for_each(|pair| pair.1.clear());
            }
            Self::Twice(name) => {
                let value = at(form, name).map_or_else(|| "x".to_owned(), |at| form.pairs[at].1.clone());
                form.pairs.push((name, value.clone()));
                if form.pairs.iter().filter(|(known, _)| known == name).count() == 1 {
                    form.pairs.push((name, value));
                }
            }
            Self::With(name, value) => match at(form, name) {
                Some(at) => form.pairs[at].1.clone_from(value),
                None => form.pairs.push((name, value.clone())),
            },
            Self::Header(_, header) => form.authorization.clone_from(header),
        }
    }
}

impl Form {
    pub(super) fn new(pairs: &[(&'static str, &str)], authorization: Option<String>) -> Self {
        let pairs = pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { pairs, authorization }
    }

    pub(super) fn text(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish()
    }

    /// The same with every value that is one side's name for something replaced by the other's.
    pub(super) fn with(&self, mark: &str, value: &str) -> Self {
        let put = |(name, old): &(&'static str, String)| (*name, old.replace(mark, value));
        Self { pairs: self.pairs.iter().map(put).collect(), authorization: self.authorization.clone() }
    }
}

/// The straight request, each bend of it, and each two of them together.
pub(super) fn bent(straight: &Form, bends: &[Bend]) -> Vec<(String, Form)> {
    let mut all = vec![("straight".to_owned(), straight.clone())];
    for (number, one) in bends.iter().enumerate() {
        let mut form = straight.clone();
        one.bend(&mut form);
        for other in bends[number + 1..].iter().filter(|other| other.place() != one.place()) {
            let mut both = form.clone();
            other.bend(&mut both);
            all.push((format!("{}, {}", one.name(), other.name()), both));
        }
        all.push((one.name(), form));
    }
    all
}

/// The ways in which a client may say who it is, but for the right one.
pub(super) fn credentials(client: &Actor, other: &Actor) -> Vec<Bend> {
    let header = |actor: &Actor, secret: &str| Some(basic(&actor.client_id, secret));
    vec![
        Bend::Header("no credentials", None),
        Bend::Header("wrong secret", header(client, "wrong")),
        Bend::Header("unknown client", Some(basic("nobody", "wrong"))),
        Bend::Header("another client", header(other, other.secret.as_deref().unwrap())),
        Bend::Header("not basic", Some("Bearer abc".to_owned())),
        Bend::Header("broken basic", Some("Basic !!".to_owned())),
        Bend::With("client_id", client.client_id.clone()),
        Bend::With("client_id", other.client_id.clone()),
        Bend::With("client_secret", client.secret.clone().unwrap()),
    ]
}

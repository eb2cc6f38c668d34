//! One operation of the management API: where it stands, what it asks for and gives, and what answers. Owns the shape of a row of
//! the table (`operations`), which routing, the description and the walk of the tests all read.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::reply::Reply;
use crate::api::schema::Form;
use doorward_protocol::permission::Permission;
use http::Method;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;

/// What a handler is on its way to.
pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Reply, Halt>> + Send + 'a>>;

/// What answers an operation.
pub(crate) type Handler = for<'a> fn(&'a Ask<'a>) -> Answering<'a>;

/// One operation: name, method, path, what its caller needs, what it does, what it takes, what it gives, handler.
pub(crate) struct Operation(
    pub(crate) &'static str,
    pub(crate) Verb,
    pub(crate) &'static str,
    pub(crate) Needs,
    pub(crate) &'static str,
    pub(crate) Takes,
    pub(crate) Gives,
    pub(crate) Handler,
);

/// The methods that operations have. HEAD is GET's (RFC 9110 §9.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

/// What the caller must be allowed; the decision itself is `manage`'s.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Needs {
    /// To be somebody.
    Nothing,
    /// This permission.
    One(Permission),
    /// Either of them, as the request may be.
    Either(Permission, Permission),
    /// One of three, as the request may be.
    OneOf(Permission, Permission, Permission),
    /// Either of two, or to be the API account that it is about.
    EitherOrAccount(Permission, Permission),
}

/// What a request brings besides its path.
#[derive(Clone, Copy)]
pub(crate) enum Takes {
    /// Nothing.
    Nothing,
    /// A page's place, and filters.
    Page(&'static [Filter]),
    /// Filters alone.
    Query(&'static [Filter]),
    /// A body.
    Body(Form),
    /// A body that may be left away.
    Perhaps(Form),
    /// A merge patch (RFC 7396) of this.
    Patch(Form),
}

/// A parameter by which a list is narrowed: its name, after the member, what it does, the schema of its value, and its part.
pub(crate) struct Filter(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) fn() -> Value,
    pub(crate) Part,
);

/// What a filter is to its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What fits it is shown.
    Narrows,
    /// It names the object whose list this is, which has to be there.
    Names,
    /// The same, and without it there is no list.
    Needed,
}

/// What an operation gives when it succeeds.
#[derive(Clone, Copy)]
pub(crate) enum Gives {
    /// 204.
    Nothing,
    /// 200: a resource.
    One(Form),
    /// 201: a resource that was made, and where it is.
    Made(Form),
    /// 200: a page of a list.
    Page(Form),
}

impl Operation {
    pub(crate) const fn name(&self) -> &'static str {
        self.0
    }

    /// The segments of the path below `/api/v1`.
    pub(crate) fn segments(&self) -> impl Iterator<Item = Segment> {
        self.2.split('/').skip(1).map(Segment::of)
    }

    /// Whether it changes nothing.
    pub(crate) fn reads(&self) -> bool {
        self.1 == Verb::Get
    }

    /// Whether it changes an object that there is, so that one can ask for a state of it (RFC 9110 §13.1.1). What is made has no state
    /// before; a secret is made as a change of its client.
    pub(crate) fn has_a_condition(&self) -> bool {
        match self.1 {
            Verb::Get => false,
            Verb::Patch | Verb::Delete => true,
            Verb::Post => !matches!(self.6, Gives::Made(_)) || self.0.contains(".secrets."),
        }
    }

    /// Whether its answer holds secrets that are not told again to whoever holds a token of the same caller: those that were there before,
    /// and those that take a person who has just signed in.
    pub(crate) fn discloses(&self) -> bool {
        matches!(
            self.0,
            "registered-auths.reveal"
                | "registered-auths.release"
                | "api-accounts.secrets.reveal"
                | "api-accounts.secrets.rotate"
        )
    }

    /// Whether it is about an object that the path or a parameter names.
    pub(crate) fn names_an_object(&self) -> bool {
        let by_parameter = |filter: &Filter| filter.3 != Part::Narrows;
        self.segments().any(|segment| matches!(segment, Segment::Given(_)))
            || self.5.filters().iter().any(by_parameter)
    }

    /// Whether an API account may come without a permission, as it may be about itself.
    pub(crate) fn is_for_accounts(&self) -> bool {
        matches!(self.3, Needs::EitherOrAccount(..))
    }

    /// The permissions that it may ask for.
    pub(crate) fn permissions(&self) -> Vec<Permission> {
        match self.3 {
            Needs::Nothing => vec![],
            Needs::One(permission) => vec![permission],
            Needs::Either(one, other) | Needs::EitherOrAccount(one, other) => vec![one, other],
            Needs::OneOf(one, another, third) => vec![one, another, third],
        }
    }
}

impl Takes {
    /// The parameters that narrow what is asked for.
    pub(crate) const fn filters(&self) -> &'static [Filter] {
        match self {
            Self::Page(filters) | Self::Query(filters) => filters,
            Self::Nothing | Self::Body(_) | Self::Perhaps(_) | Self::Patch(_) => &[],
        }
    }
}

impl Verb {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) fn is(self, method: &Method) -> bool {
        method.as_str() == self.as_str() || self == Self::Get && *method == Method::HEAD
    }
}

/// A segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// As it stands.
    Fixed(&'static str),
    /// Whatever stands there, under this name.
    Given(&'static str),
}

impl Segment {
    fn of(text: &'static str) -> Self {
        let given = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        given.map_or(Self::Fixed(text), Self::Given)
    }
}

impl Gives {
    /// The status of success.
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::Nothing => 204,
            Self::One(_) | Self::Page(_) => 200,
            Self::Made(_) => 201,
        }
    }
}

//! The tables of APIs and what hangs on them.

diesel::table! {
    apis (id) {
        id -> Text,
        identifier -> Text,
        name -> Text,
        description -> Text,
        documentation_url -> Nullable<Text>,
        status -> Text,
        token_format -> Text,
        signing_algorithm -> Nullable<Text>,
        access_token_lifetime -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        max_token_lifetime -> Nullable<BigInt>,
        read_methods -> Text,
        read_paths -> Text,
        read_scopes -> Text,
        full_methods -> Text,
        full_paths -> Text,
        full_scopes -> Text,
        by_any_scope -> Bool,
        preflight -> Text,
        credentials -> Text,
    }
}

diesel::table! {
    api_scopes (api, ordinal) {
        api -> Text,
        ordinal -> Integer,
        name -> Text,
        description -> Text,
    }
}

diesel::table! {
    api_locations (api, ordinal) {
        api -> Text,
        ordinal -> Integer,
        location -> Text,
    }
}

diesel::table! {
    api_introspection_clients (api, ordinal) {
        api -> Text,
        ordinal -> Integer,
        client -> Text,
    }
}

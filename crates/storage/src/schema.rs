//! The tables as diesel sees them; the migrations are the truth, and a test compares the two by using every column.

diesel::table! {
    clients (id) {
        id -> Text,
        client_id -> Text,
        name -> Text,
        description -> Text,
        status -> Text,
        auth_method -> Text,
        grant_types -> Text,
        redirect_uris -> Text,
        scopes -> Text,
        default_scopes -> Text,
        access_token_lifetime -> Nullable<BigInt>,
        generation -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    client_secrets (id) {
        id -> Text,
        client -> Text,
        digest -> Binary,
        pepper -> Integer,
        last_four -> Text,
        created_at -> BigInt,
    }
}

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
    api_introspection_clients (api, ordinal) {
        api -> Text,
        ordinal -> Integer,
        client -> Text,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        algorithm -> Text,
        public_jwk -> Text,
        sealed_private_key -> Binary,
        created_at -> BigInt,
        activates_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    opaque_tokens (digest) {
        digest -> Binary,
        pepper -> Integer,
        jti -> Text,
        client -> Text,
        client_generation -> BigInt,
        api -> Nullable<Text>,
        scope -> Text,
        issued_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    revoked_jwts (jti) {
        jti -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    last_revision (only_row) {
        only_row -> Integer,
        revision -> BigInt,
    }
}

diesel::table! {
    changes (revision) {
        revision -> BigInt,
        noun -> Text,
        record -> Nullable<Text>,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

// A sweep deletes rows that a question about the same table has chosen; diesel tells the two apart by a second name.
diesel::alias!(
    signing_keys as old_keys: OldKeys,
    opaque_tokens as old_tokens: OldTokens,
    revoked_jwts as old_jwts: OldJwts,
    changes as old_changes: OldChanges,
);

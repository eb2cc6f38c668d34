//! The tables as diesel sees them; the migrations are the truth, and a test compares the two by using every column.

pub(crate) mod apis;
pub(crate) mod credentials;
pub(crate) mod vault;

use credentials::api_tokens;

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
        post_logout_redirect_uris -> Text,
        require_pkce -> Bool,
        consent -> Text,
        id_token_signed_response_alg -> Nullable<Text>,
        id_token_claims -> Bool,
        organization -> Nullable<Text>,
        scopes -> Text,
        default_scopes -> Text,
        access_token_lifetime -> Nullable<BigInt>,
        refresh_token_lifetime -> Nullable<BigInt>,
        generation -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        allowed_ips -> Text,
        access -> Text,
        public_url -> Nullable<Text>,
        expires_at -> Nullable<BigInt>,
        kind -> Text,
        owner_user -> Nullable<Text>,
        held_off -> Bool,
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
        expires_at -> Nullable<BigInt>,
        inactive_reason -> Nullable<Text>,
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
        user_id -> Nullable<Text>,
        user_generation -> Nullable<BigInt>,
        family -> Nullable<Text>,
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
        voids -> Text,
        changed_at -> BigInt,
        mark -> Text,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    organizations (id) {
        id -> Text,
        name -> Text,
        status -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        api_access -> Text,
        api_access_shut -> Bool,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        source -> Text,
        external_id -> Text,
        username -> Text,
        name -> Text,
        email -> Nullable<Text>,
        email_verified -> Bool,
        status -> Text,
        organization -> Nullable<Text>,
        generation -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        contact -> Nullable<Text>,
        token_generation -> BigInt,
    }
}

diesel::table! {
    passwords (user_id) {
        user_id -> Text,
        hash -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    groups (id) {
        id -> Text,
        name -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        organization -> Nullable<Text>,
        permissions -> Text,
    }
}

diesel::table! {
    group_members (user_id, group_id) {
        user_id -> Text,
        group_id -> Text,
    }
}

diesel::table! {
    group_clients (client, group_id) {
        client -> Text,
        group_id -> Text,
    }
}

diesel::table! {
    user_clients (user_id, client) {
        user_id -> Text,
        client -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        digest -> Binary,
        pepper -> Integer,
        user_id -> Text,
        user_generation -> BigInt,
        auth_time -> BigInt,
        amr -> Text,
        acr -> Text,
        seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sign_in_attempts (account) {
        account -> Binary,
        began_at -> BigInt,
        attempts -> BigInt,
    }
}

diesel::table! {
    setup_links (digest) {
        digest -> Binary,
        pepper -> Integer,
        user_id -> Text,
        user_generation -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    consents (id) {
        id -> Text,
        user_id -> Text,
        client -> Text,
        api -> Text,
        scope -> Text,
        generation -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    interactions (digest) {
        digest -> Binary,
        pepper -> Integer,
        browser -> Binary,
        goal -> Text,
        progress -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    codes (digest) {
        digest -> Binary,
        pepper -> Integer,
        family -> Text,
        client -> Text,
        client_generation -> BigInt,
        user_id -> Text,
        user_generation -> BigInt,
        session -> Text,
        consent -> Nullable<Text>,
        consent_generation -> Nullable<BigInt>,
        redirect_uri -> Text,
        redirect_uri_given -> Bool,
        challenge -> Nullable<Text>,
        scope -> Text,
        api -> Nullable<Text>,
        nonce -> Nullable<Text>,
        auth_time -> BigInt,
        amr -> Text,
        acr -> Text,
        issued_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    families (id) {
        id -> Text,
        client -> Text,
        client_generation -> BigInt,
        user_id -> Text,
        user_generation -> BigInt,
        session -> Text,
        offline -> Bool,
        consent -> Nullable<Text>,
        consent_generation -> Nullable<BigInt>,
        scope -> Text,
        api -> Nullable<Text>,
        auth_time -> BigInt,
        amr -> Text,
        acr -> Text,
        newest -> BigInt,
        rotated_at -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    refresh_tokens (digest) {
        digest -> Binary,
        pepper -> Integer,
        family -> Text,
        number -> BigInt,
        issued_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    events (id) {
        id -> Text,
        at -> BigInt,
        action -> Text,
        reason -> Text,
        user_id -> Nullable<Text>,
        client -> Nullable<Text>,
        #[sql_name = "object"]
        objects -> Text,
        address -> Nullable<Text>,
        api_token -> Nullable<Text>,
        note -> Text,
        organization -> Nullable<Text>,
        about -> Nullable<Text>,
        mac -> Nullable<Binary>,
        mac_version -> Nullable<Integer>,
        seq -> Nullable<BigInt>,
        link -> Nullable<Binary>,
        link_version -> Nullable<Integer>,
        origin -> Nullable<Text>,
    }
}

diesel::table! {
    chain_head (name) {
        name -> Text,
        seq -> BigInt,
        link -> Binary,
        link_version -> Integer,
        attested_since -> BigInt,
        mac -> Binary,
        mac_version -> Integer,
    }
}

diesel::table! {
    audit_statements (kind, seq) {
        kind -> Text,
        seq -> BigInt,
        issued_at -> BigInt,
        statement -> Text,
    }
}

// A sweep deletes rows that a question about the same table has chosen; diesel tells the two apart by a second name.
diesel::alias!(
    signing_keys as old_keys: OldKeys,
    opaque_tokens as old_tokens: OldTokens,
    revoked_jwts as old_jwts: OldJwts,
    changes as old_changes: OldChanges,
    sessions as old_sessions: OldSessions,
    sign_in_attempts as old_attempts: OldAttempts,
    setup_links as old_links: OldLinks,
    interactions as old_interactions: OldInteractions,
    codes as old_codes: OldCodes,
    families as old_families: OldFamilies,
    refresh_tokens as old_refresh_tokens: OldRefreshTokens,
    events as old_events: OldEvents,
    audit_statements as old_statements: OldStatements,
);

diesel::joinable!(client_secrets -> clients (client));
diesel::joinable!(group_clients -> clients (client));
diesel::joinable!(group_members -> users (user_id));
diesel::joinable!(user_clients -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(
    clients,
    client_secrets,
    group_clients,
    user_clients,
    group_members,
    users,
    api_tokens,
);

//! The tables of API tokens, of the last use of any credential, and of changes made under a key.

diesel::table! {
    api_tokens (digest) {
        digest -> Binary,
        pepper -> Integer,
        id -> Text,
        owner_user -> Nullable<Text>,
        owner_client -> Nullable<Text>,
        owner_generation -> BigInt,
        name -> Text,
        description -> Text,
        last_four -> Text,
        access -> Text,
        others -> Nullable<Text>,
        allowed_ips -> Text,
        created_by_user -> Nullable<Text>,
        created_by_client -> Nullable<Text>,
        previous_digest -> Nullable<Binary>,
        previous_pepper -> Nullable<Integer>,
        previous_expires_at -> Nullable<BigInt>,
        generation -> BigInt,
        issued_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        inactive_reason -> Nullable<Text>,
    }
}

diesel::table! {
    last_uses (id) {
        id -> Text,
        used_at -> BigInt,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (digest) {
        digest -> Binary,
        request -> Binary,
        objects -> Text,
        answer -> Nullable<Binary>,
        created_at -> BigInt,
    }
}

// As for the other tables: a second name for what a sweep chooses.
diesel::alias!(idempotency_keys as old_idempotency_keys: OldIdempotencyKeys);

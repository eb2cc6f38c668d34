//! The tables of API tokens, of requests for API access, of the last use of any credential, of the uses of API accounts, and of
//! changes made under a key.

use super::client_secrets;

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

diesel::table! {
    access_requests (id) {
        id -> Text,
        user_id -> Text,
        organization -> Nullable<Text>,
        message -> Text,
        wished -> Text,
        status -> Text,
        access -> Text,
        allowed_ips -> Text,
        expires_at -> Nullable<BigInt>,
        api_account -> Nullable<Text>,
        decided_by_user -> Nullable<Text>,
        decided_by_client -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        reason -> Text,
        note -> Text,
        reviewed_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    account_uses (account, day, api) {
        account -> Text,
        day -> BigInt,
        api -> Text,
        uses -> BigInt,
    }
}

diesel::table! {
    account_addresses (account, address) {
        account -> Text,
        address -> Text,
        last_used_at -> BigInt,
    }
}

// Whether what came of a request is used.
diesel::allow_tables_to_appear_in_same_query!(access_requests, api_tokens);
diesel::allow_tables_to_appear_in_same_query!(access_requests, last_uses);
diesel::allow_tables_to_appear_in_same_query!(access_requests, client_secrets);
diesel::allow_tables_to_appear_in_same_query!(last_uses, api_tokens);
diesel::allow_tables_to_appear_in_same_query!(last_uses, client_secrets);

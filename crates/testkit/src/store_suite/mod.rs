//! What every store must do, as a library: one function for each property, and [`store_suite!`](crate::store_suite!),
//! which makes a test of each. Owns the properties; how a store comes into being is the business of whoever tests it.
//!
//! ```text
//! fn empty_store() -> std::sync::Arc<dyn doorward_core::store::Store> { … }
//! doorward_testkit::store_suite!(empty_store);
//! ```

pub mod apis;
pub mod ask;
pub mod changes;
pub mod clients;
pub mod races;
pub mod settings;
pub mod signing_keys;
pub mod tokens;
pub mod transactions;

/// Makes a test of each property; each begins with an empty store that the given function makes.
#[macro_export]
macro_rules! store_suite {
    ($empty_store:expr) => {
        $crate::store_suite! { @tests $empty_store;
            clients: [
                a_client_comes_back_with_every_field,
                an_update_replaces_a_client_but_for_its_identifiers,
                a_client_id_is_taken_once,
                a_deleted_client_is_gone_and_its_client_id_stays_taken,
                a_deleted_client_leaves_the_apis_it_could_introspect_for,
                secrets_come_back_newest_first,
                nobody_gets_a_secret_who_is_not_there,
                a_secret_is_redigested_only_from_what_it_was,
                clients_are_listed_page_by_page,
            ],
            apis: [
                an_api_comes_back_with_every_field,
                an_update_replaces_an_api_and_its_lists,
                an_identifier_is_taken_once,
                an_introspection_client_must_exist,
                a_deleted_api_is_gone,
            ],
            signing_keys: [
                a_signing_key_comes_back_with_every_field,
                a_signing_key_is_revoked_once,
                a_signing_key_expires_and_is_rewrapped,
                signing_keys_are_swept_once_they_are_gone,
            ],
            tokens: [
                an_opaque_token_comes_back_with_every_field,
                a_digest_belongs_to_one_token,
                an_opaque_token_is_revoked_once,
                opaque_tokens_are_swept_in_bounded_steps,
                a_revoked_jwt_is_known_until_it_ends,
                a_jwt_is_revoked_once,
                revoked_jwts_are_swept_in_bounded_steps,
                digests_are_counted_by_pepper,
            ],
            changes: [
                the_feed_names_what_changed_in_growing_numbers,
                a_change_that_was_refused_is_not_in_the_feed,
                what_touches_nothing_is_not_in_the_feed,
                the_feed_is_swept_in_bounded_steps_and_keeps_counting,
                a_change_that_was_refused_and_committed_is_in_the_feed,
            ],
            settings: [
                a_setting_is_recorded_once,
            ],
            transactions: [
                a_refusal_undoes_what_was_changed,
                a_refusal_that_commits_keeps_what_was_changed,
                a_fault_undoes_what_was_changed,
                a_refused_row_leaves_the_rest_of_the_transaction,
                a_panic_is_a_fault_of_its_job_alone,
                a_panic_in_a_question_is_a_fault,
                a_reader_sees_what_was_answered,
                a_snapshot_sees_one_state,
                a_question_within_a_question_is_answered,
                a_question_changes_nothing,
                what_was_asked_for_happens_even_if_nobody_waits,
            ],
            races: [
                a_token_is_revoked_by_exactly_one_of_many,
                many_writers_lose_nothing,
            ],
        }
    };
    (@tests $empty_store:expr; $($module:ident: [$($property:ident,)*],)*) => {
        $($(
            #[test]
            fn $property() {
                $crate::store_suite::$module::$property(&$empty_store());
            }
        )*)*
    };
}

//! What every store must do, as a library: one function for each property, and [`store_suite!`](crate::store_suite!),
//! which makes a test of each. Owns the properties; how a store comes into being is the business of whoever tests it.
//!
//! ```text
//! fn empty_store() -> Option<std::sync::Arc<dyn doorward_core::store::Store>> { … }
//! doorward_testkit::store_suite!(empty_store);
//! ```

pub mod access_requests;
pub mod account_activity;
pub mod api_tokens;
pub mod apis;
pub mod ask;
pub mod calls;
pub mod changes;
pub mod clients;
pub mod consents;
pub mod events;
pub mod families;
pub mod leases;
pub mod memberships;
pub mod organizations;
pub mod races;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod tickets;
pub mod tokens;
pub mod transactions;
pub mod users;
pub mod vault;

/// Makes a test of each property; each begins with an empty store that the given function makes. Where it has none, because
/// something that it needs is missing, it says so, and there is nothing to test.
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
                a_secret_is_found_by_its_digest,
                a_secret_is_revoked_once_and_swept_later,
                nobody_gets_a_secret_who_is_not_there,
                a_secret_is_given_an_end,
                a_secret_is_redigested_only_from_what_it_was,
                clients_are_listed_page_by_page,
            ],
            apis: [
                an_api_comes_back_with_every_field,
                an_update_replaces_an_api_and_its_lists,
                an_identifier_is_taken_once,
                a_location_is_taken_once,
                an_introspection_client_must_exist,
                a_deleted_api_is_gone,
            ],
            api_tokens: [
                an_api_token_comes_back_with_every_field,
                a_value_belongs_to_one_api_token,
                an_update_replaces_an_api_token_but_for_its_owner,
                an_api_token_is_revoked_once_and_changed_no_more,
                an_api_token_is_redigested_only_from_what_it_was,
                api_tokens_are_listed_page_by_page,
                api_tokens_are_listed_by_status,
                api_tokens_go_with_their_owner,
                api_tokens_are_swept_in_bounded_steps,
            ],
            access_requests: [
                an_access_request_comes_back_with_every_field,
                somebody_has_one_open_access_request_for_each_organization,
                an_access_request_is_decided_once_as_it_was_read,
                access_requests_are_listed_page_by_page,
                approvals_that_nobody_uses_or_looks_at_are_found,
                access_requests_go_with_whoever_asked,
                one_of_many_open_access_requests_is_made,
                an_access_request_is_decided_by_exactly_one_of_many,
            ],
            calls: [
                an_idempotency_key_is_taken_once_and_answered_once,
                idempotency_keys_are_swept_in_bounded_steps,
                the_last_use_of_whatever_is_used_is_recorded,
                a_last_use_goes_with_what_was_used,
            ],
            account_activity: [
                uses_of_an_account_add_up_by_day_and_api,
                the_latest_addresses_of_an_account_are_kept,
                the_activity_of_an_account_goes_with_it,
                old_activity_is_swept_in_bounded_steps,
                uses_of_an_account_that_many_record_add_up,
            ],
            memberships: [
                a_client_stands_in_groups_beside_its_secrets,
                a_user_stands_in_groups_and_under_clients,
                a_deleted_group_is_left_by_its_clients,
                users_belong_to_clients_until_these_go,
                a_group_belongs_to_an_organization_that_is_there,
                clients_and_users_are_listed_by_what_they_belong_to,
                sessions_of_a_user_are_listed_page_by_page,
            ],
            signing_keys: [
                a_signing_key_comes_back_with_every_field,
                a_signing_key_is_revoked_once,
                a_signing_key_expires_and_is_rewrapped,
                signing_keys_are_swept_once_they_are_gone,
            ],
            vault: [
                a_provider_comes_back_with_every_field,
                an_update_replaces_a_provider_but_for_its_key,
                a_provider_stays_while_auths_are_registered_for_it,
                a_registered_auth_comes_back_with_every_field,
                a_registered_auth_rests_on_its_account_and_its_provider,
                a_registered_auth_is_changed_only_from_what_it_was,
                envelopes_are_rewrapped_only_from_what_they_were,
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
                every_kind_of_digest_is_counted_by_pepper,
            ],
            users: [
                a_user_comes_back_with_every_field,
                an_update_replaces_a_user_but_for_their_identifiers,
                an_external_name_is_taken_once_for_each_source,
                a_user_belongs_to_what_exists,
                users_are_listed_page_by_page_with_their_groups,
                a_deleted_user_is_gone_with_all_that_is_theirs,
                a_password_is_given_once,
                a_password_is_replaced_only_from_what_it_was,
            ],
            organizations: [
                an_organization_comes_back_with_every_field,
                an_update_replaces_an_organization,
                an_organization_is_deleted_once_nobody_belongs_to_it,
                a_group_comes_back_and_is_renamed,
                a_groups_name_is_taken_once,
                a_deleted_group_is_left_by_its_members,
            ],
            sessions: [
                a_session_comes_back_with_every_field,
                a_session_is_touched_until_it_is_ended_once,
                sessions_are_swept_in_bounded_steps,
                attempts_are_counted_and_forgotten,
                attempts_are_swept_in_bounded_steps,
            ],
            consents: [
                a_consent_comes_back_with_every_field,
                a_consent_stands_once_for_user_client_and_api,
                a_consent_given_again_is_of_another_generation,
                a_consent_is_held_only_while_it_stands,
            ],
            tickets: [
                an_interaction_comes_back_with_every_field,
                an_interaction_goes_on_until_it_ends_once,
                interactions_are_swept_in_bounded_steps,
                a_code_comes_back_with_every_field,
                a_code_is_used_once_and_stays_known,
                codes_are_swept_in_bounded_steps,
                a_setup_link_comes_back_and_is_used_once,
                the_setup_links_of_a_user_are_known_while_they_are_unused,
                nobody_gets_a_setup_link_who_is_not_there,
                setup_links_are_swept_in_bounded_steps,
            ],
            families: [
                a_family_comes_back_with_every_field,
                a_family_rotates_from_its_newest_number_only,
                a_family_is_revoked_once,
                a_session_takes_its_families_along_but_those_that_outlive_it,
                a_consent_takes_its_families_along,
                revoked_families_are_found_by_when_they_were_revoked,
                families_are_swept_in_bounded_steps,
                a_refresh_token_comes_back_with_every_field,
                a_refresh_token_stands_once,
                refresh_tokens_are_swept_in_bounded_steps,
            ],
            events: [
                an_event_comes_back_with_every_field,
                events_are_listed_page_by_page,
            ],
            changes: [
                a_change_of_late_is_not_swept,
                a_change_says_what_it_means_to_tokens,
                an_organization_that_changes_is_a_change_of_its_members,
                no_two_changes_have_the_same_mark,
                the_feed_names_what_changed_in_growing_numbers,
                the_feed_names_what_changed_about_people,
                the_feed_names_what_changed_about_api_tokens,
                a_change_that_was_refused_is_not_in_the_feed,
                what_happens_all_the_time_is_not_in_the_feed,
                what_touches_nothing_is_not_in_the_feed,
                the_feed_is_swept_in_bounded_steps_and_keeps_counting,
                a_change_that_was_refused_and_committed_is_in_the_feed,
            ],
            settings: [
                a_setting_is_recorded_once,
            ],
            leases: [
                a_lease_is_one_holders_until_it_runs_out,
            ],
            transactions: [
                a_refusal_undoes_what_was_changed,
                a_refusal_that_commits_keeps_what_was_changed,
                a_fault_undoes_what_was_changed,
                a_refused_row_ends_its_transaction,
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
                a_code_is_used_by_exactly_one_of_many,
                an_api_token_is_revoked_by_exactly_one_of_many,
                an_api_token_that_is_revoked_stays_so_whoever_changes_it,
                an_api_token_that_many_regenerate_has_one_value,
                a_key_is_taken_by_exactly_one_of_many,
                last_uses_that_many_record_end_with_the_latest,
                a_setup_link_is_used_by_exactly_one_of_many,
                an_interaction_is_ended_by_exactly_one_of_many,
                a_family_rotates_once_from_each_number,
                nothing_is_issued_on_a_consent_after_it_was_taken_back,
                many_writers_lose_nothing,
                a_held_record_is_changed_by_one_at_a_time,
                whoever_comes_second_finds_what_the_first_has_written,
                what_came_in_between_is_judged_once_more,
                a_lease_is_taken_by_exactly_one_of_many,
                what_is_written_and_removed_at_once_ends_in_answers,
                numbers_in_the_feed_follow_the_order_of_the_commits,
            ],
        }
    };
    (@tests $empty_store:expr; $($module:ident: [$($property:ident,)*],)*) => {
        $($(
            #[test]
            fn $property() {
                if let Some(store) = $empty_store() {
                    $crate::store_suite::$module::$property(&store);
                }
            }
        )*)*
    };
}

//! The tables of the vault: the catalogue of providers, and registered auths.

diesel::table! {
    providers (id) {
        id -> Text,
        key -> Text,
        name -> Text,
        fields -> Text,
        presets -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    registered_auths (id) {
        id -> Text,
        account -> Text,
        provider -> Text,
        label -> Text,
        testing -> Bool,
        preset -> Nullable<Text>,
        release_to -> Text,
        fields -> Text,
        secrets -> Text,
        sealed -> Nullable<Binary>,
        sealed_version -> Nullable<BigInt>,
        generation -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

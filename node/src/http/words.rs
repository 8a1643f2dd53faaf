//! Every sentence of the pages, in each of their languages.
//!
//! One table per language, in a file of its own. A sentence that one of them lacks does not compile; the tests
//! find one that is empty or whose blanks (`{}`) are not those of the others.

/// A table of sentences: what it is, its type, what holds it in English and in French, its fields.
macro_rules! words {
    ($(#[$about:meta])* $table:ident: $en:path, $fr:path; $($name:ident)*) => {
        $(#[$about])*
        #[allow(missing_docs)]
        pub struct $table { $(pub $name: &'static str,)* }

        impl $table {
            /// The table of a language.
            pub fn of(lang: $crate::http::lang::Lang) -> &'static $table {
                match lang {
                    $crate::http::lang::Lang::Fr => &$fr,
                    $crate::http::lang::Lang::En => &$en,
                }
            }

            #[cfg(test)]
            pub(in crate::http::words) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

/// A table whose languages stand side by side, English first: what it is, its type, its sentences.
macro_rules! sentences {
    ($(#[$about:meta])* $table:ident: $($name:ident: $en:literal, $fr:literal;)*) => {
        $(#[$about])*
        #[allow(missing_docs)]
        pub struct $table { $(pub $name: &'static str,)* }

        const EN: $table = $table { $($name: $en,)* };
        const FR: $table = $table { $($name: $fr,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $fr),)*];

        impl $table {
            /// The sentences of a language.
            pub fn of(lang: $crate::http::lang::Lang) -> &'static $table {
                match lang {
                    $crate::http::lang::Lang::Fr => &FR,
                    $crate::http::lang::Lang::En => &EN,
                }
            }
        }
    };
}

mod compare;
mod component;
mod en;
mod export;
mod extraction;
mod fr;
pub(in crate::http) mod known;
mod lineage;
mod quality;
mod repository;
mod taking;
mod talk;
mod verification;

pub use compare::CompareWords;
pub use component::ComponentWords;
pub use export::ExportWords;
pub use extraction::ExtractionWords;

pub use lineage::LineageWords;
pub use quality::QualityWords;
pub use repository::CodeWords;
pub use taking::TakingWords;
pub use talk::TalkWords;
pub use verification::ProofWords;

words! {
    /// The sentences, by what they are for. `{}` is filled in by [`fill`].
    Words: en::WORDS, fr::WORDS;
    // every page
    brand skip_to_content skip_to_filters language_choice search_label search_hint search_button
    footer_public footer_node footer_status footer_api page_title
    // home
    home_title home_intro home_members_one home_members_many home_institution home_newest home_by_type home_by_level home_by_subject home_all
    // search
    results_title_all results_one results_many results_none results_for results_none_for results_not_for results_page results_sort
    sort_relevance sort_newest sort_title filters filters_active filter_remove filter_add filter_clear filters_more
    facet_type facet_resource_type facet_licence facet_language facet_level facet_subject facet_institution
    reuse_switch reuse_on reuse_explained
    none_drop_title none_drop none_drop_all none_hint_spelling none_hint_fewer none_hint_other none_nothing_yet
    previous next pages_label page_number query_refused query_refused_intro
    // items
    type_resource type_repository type_collection by_authors published_by updated_on item_licence licence_text_link
    attribution_title attribution_help attribution_text unknown_author
    files_title files_one files_many file_download file_size file_type file_name preview_title preview_none
    preview_cell preview_rows type_text type_picture type_notebook type_table type_slides type_video type_sound type_archive type_code preview_large preview_image_alt preview_missing
    description_title details_title detail_type detail_level detail_subject detail_language detail_authors
    detail_contributors detail_keywords detail_published detail_created detail_modified detail_version detail_identifiers
    detail_related versions_title version_number version_current version_by
    provenance_title provenance_institution provenance_signed provenance_position
    provenance_record provenance_verified provenance_copies_one provenance_copies_many provenance_custody_node provenance_custody_self
    get_title get_help withdrawn_title words_withheld words_erased
    // repositories
    clone_title clone_help readme_title readme_none tree_title tree_label commits_title commits_none commits_all commit_by branches tags
    branch_default empty_repository diverged_title diverged_text diverged_fix objects_missing file_lines file_binary
    file_too_large folder parent_folder branch_behind
    // institutions
    institution_items institution_items_all institution_none institution_log institution_address institution_former
    // status
    status_title status_good status_bad_one status_bad_many status_node status_commons status_charter status_members_one status_members_many
    status_writer status_replica status_uptime status_ssh status_ssh_key status_version status_logs status_log_of status_size status_root status_witnessed status_witnessed_up_to status_witnessed_none
    status_state status_behind_by state_ok state_behind state_frozen state_former status_peers status_peer status_connected
    status_disconnected status_rtt status_path status_path_direct status_path_relay status_catalogue status_items status_position status_fold status_catalogue_root
    status_root_help status_index status_documents status_content status_held status_wanted status_bytes status_offences
    status_offences_none status_peers_none status_offences_help status_todo fix_frozen fix_behind fix_peer fix_index fix_content fix_writer
    problem_frozen problem_behind problem_peer problem_index problem_content problem_writer
    problem_full fix_full problem_held_back fix_held_back problem_upkeep fix_upkeep status_upkeep status_upkeep_never status_usage
    unit_seconds unit_minutes unit_hours unit_days
    // errors
    error_404_title error_404_text error_400_title error_500_title error_500_text error_503_title error_other_title error_back error_request
    // units
    bytes kilobytes megabytes gigabytes
}

/// Puts values into the blanks of a sentence, in order.
pub fn fill(sentence: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(sentence.len() + 32);
    let mut values = values.iter();
    let mut pieces = sentence.split("{}");
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.push_str(values.next().copied().unwrap_or_default());
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::lang::Lang;

    #[test]
    fn every_sentence_is_there_in_both_languages_with_the_same_blanks() {
        let blanks = |text: &str| text.matches("{}").count();
        let english = Words::of(Lang::En).all();
        for ((name, fr), (_, en)) in Words::of(Lang::Fr).all().into_iter().zip(english) {
            assert!(!fr.trim().is_empty(), "{name} is empty in French");
            assert!(!en.trim().is_empty(), "{name} is empty in English");
            assert_eq!(blanks(fr), blanks(en), "{name}");
        }
        let english = CodeWords::of(Lang::En).all();
        for ((name, fr), (_, en)) in CodeWords::of(Lang::Fr).all().into_iter().zip(english) {
            assert!(!fr.trim().is_empty() && !en.trim().is_empty(), "{name}");
            assert_eq!(blanks(fr), blanks(en), "{name}");
        }
    }

    #[test]
    fn what_is_said_of_taking_down_is_there_in_both_languages() {
        let blanks = |text: &str| text.matches("{}").count();
        let mut english = TakingWords::of(Lang::En).all();
        english.extend(LineageWords::of(Lang::En).all());
        let mut french = TakingWords::of(Lang::Fr).all();
        french.extend(LineageWords::of(Lang::Fr).all());
        for ((name, fr), (_, en)) in french.into_iter().zip(english) {
            assert!(!fr.trim().is_empty() && !en.trim().is_empty(), "{name}");
            assert_eq!(blanks(fr), blanks(en), "{name}");
            for sign in [" :", " ;", " !", " ?", " »", "« ", "'"] {
                assert!(!fr.contains(sign), "{name}: {fr:?}");
            }
        }
    }

    #[test]
    fn what_is_said_of_proofs_is_there_in_both_languages() {
        let blanks = |text: &str| text.matches("{}").count();
        let english = ProofWords::of(Lang::En).all();
        for ((name, fr), (_, en)) in ProofWords::of(Lang::Fr).all().into_iter().zip(english) {
            assert!(!fr.trim().is_empty() && !en.trim().is_empty(), "{name}");
            assert_eq!(blanks(fr), blanks(en), "{name}");
            for sign in [" :", " ;", " !", " ?", " »", "« ", "'"] {
                assert!(!fr.contains(sign), "{name}: {fr:?}");
            }
        }
    }

    #[test]
    fn french_puts_narrow_spaces_before_its_double_signs() {
        let code = CodeWords::of(Lang::Fr).all();
        for (name, text) in Words::of(Lang::Fr).all().into_iter().chain(code) {
            for sign in [" :", " ;", " !", " ?", " »", "« "] {
                assert!(!text.contains(sign), "{name}: {text:?}");
            }
            assert!(!text.contains('\''), "{name} has a straight apostrophe");
        }
    }

    #[test]
    fn blanks_are_filled_in_order() {
        assert_eq!(fill("{} of {}!", &["1", "2"]), "1 of 2!");
        assert_eq!(fill("no blanks", &["1"]), "no blanks");
    }
}

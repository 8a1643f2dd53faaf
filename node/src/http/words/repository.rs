//! The sentences of the pages where code is read, one table per language.

mod en;
mod fr;

words! {
    /// The sentences about code, by what they are for. `{}` is filled in by [`super::fill`].
    CodeWords: en::WORDS, fr::WORDS;
    // ways around a repository
    nav_label nav_code nav_commits nav_branches nav_tags ref_switch ref_switch_more
    // home
    clone_ssh clone_commun pushers_title pushers_help latest_release no_release archive_zip archive_tar feed_commits feed_tags
    sha256_title sha256_text protected_title protected_threshold waits_title waits_text waits_compare waits_agree
    feed_threads feed_requests feed_title_threads feed_title_requests
    // folders and files
    last_change last_change_unknown entry_submodule entry_link entries_more file_history file_blame file_plain file_permalink file_source file_rendered
    // who wrote which line
    blame_title blame_help blame_line blame_too_long blame_changed_in
    // history
    commits_of commits_newer commits_older commits_pages
    commit_title commit_author commit_committer commit_parents commit_parent_none commit_tree commit_browse commit_merge commit_signature author_unchecked
    // differences
    changed_one changed_many changed_counts changed_list diff_added diff_removed diff_renamed diff_mode diff_binary diff_large diff_incomplete diff_empty diff_open diff_lines diff_no_newline
    compare_title compare_text compare_base compare_none compare_unrelated compare_commits compare_more compare_form_from compare_form_to compare_button
    // branches and tags
    branches_title branches_none tags_title tags_none other_heads other_heads_help diverged waiting merge_request branch_compare tag_by
    // more
    file_lines_of blame_lines_of archive_help feed_title_commits feed_title_tags feed_title_activity feed_activity feed_moved feed_deleted swhid_none_title swhid_none swhid_bad swhid_no_path swhid_no_path_help swhid_held_by
    // identifiers
    swhid_title swhid_help
}

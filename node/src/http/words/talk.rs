//! The sentences of threads and merge requests, one table per language.

words! {
    /// The sentences about threads and merge requests. `{}` is filled in by [`super::fill`].
    TalkWords: EN, FR;
    nav_threads nav_requests threads requests threads_none requests_none filter_label state_open state_closed state_merged state_all is_open is_closed is_merged
    write_thread write_request write_comment write_review opened_by comments_one comments_many newer older
    edited answers concurrent withheld erased made_open made_closed labelled unlabelled
    version version_signed version_broken approves rejects looked_at of_version stale signed_node
    request_into request_topic request_commits request_commits_more request_diff request_here request_fetch request_reviews waiting merged_note closed_note
    entries_more
}

const EN: TalkWords = TalkWords {
    nav_threads: "Threads",
    nav_requests: "Merge requests",
    threads: "Threads",
    requests: "Merge requests",
    threads_none: "No thread here.",
    requests_none: "No merge request here.",
    filter_label: "State",
    state_open: "open",
    state_closed: "closed",
    state_merged: "merged",
    state_all: "all",
    is_open: "open",
    is_closed: "closed",
    is_merged: "merged",
    write_thread: "To open one, with the access token of your institution’s node:",
    write_request: "To propose a change, push it to the node of your institution:",
    write_comment: "To answer:",
    write_review: "To review, or to merge:",
    opened_by: "opened by {} on {}",
    comments_one: "1 comment",
    comments_many: "{} comments",
    newer: "Newer",
    older: "Older",
    edited: "edited",
    answers: "in answer to",
    concurrent: "Several wordings stand beside each other: none replaced the others.",
    withheld: "The words of this entry have not arrived yet.",
    erased: "The words of this entry were erased.",
    made_open: "opened it again",
    made_closed: "closed it",
    labelled: "set the labels {}",
    unlabelled: "took all labels away",
    version: "pushed version {}",
    approves: "approves",
    rejects: "rejects",
    looked_at: "has looked at",
    version_signed: "signed by the person",
    version_broken: "its certificate does not hold",
    of_version: "version {}",
    stale: "of an earlier version",
    signed_node: "as attested by the node of {}",
    request_into: "into {}",
    request_topic: "topic {}",
    request_commits: "Commits",
    request_commits_more: "… {} in all.",
    request_diff: "Changes",
    request_here: "This node does not hold the commits yet; they are on their way.",
    request_fetch: "To have a look at it in a clone:",
    request_reviews: "Reviews of the newest version",
    waiting: "{} has merged it; the branch is protected and waits for other institutions to do the same.",
    merged_note: "The branch contains this commit.",
    closed_note: "Closed by the institution of the repository.",
    entries_more: "More",
};

const FR: TalkWords = TalkWords {
    nav_threads: "Discussions",
    nav_requests: "Demandes de fusion",
    threads: "Discussions",
    requests: "Demandes de fusion",
    threads_none: "Aucune discussion ici.",
    requests_none: "Aucune demande de fusion ici.",
    filter_label: "État",
    state_open: "ouvertes",
    state_closed: "fermées",
    state_merged: "fusionnées",
    state_all: "toutes",
    is_open: "ouverte",
    is_closed: "fermée",
    is_merged: "fusionnée",
    write_thread: "Pour en ouvrir une, avec le jeton d’accès du nœud de votre établissement\u{a0}:",
    write_request: "Pour proposer une modification, poussez-la vers le nœud de votre établissement\u{a0}:",
    write_comment: "Pour répondre\u{a0}:",
    write_review: "Pour relire, ou pour fusionner\u{a0}:",
    opened_by: "ouverte par {} le {}",
    comments_one: "1 commentaire",
    comments_many: "{} commentaires",
    newer: "Plus récentes",
    older: "Plus anciennes",
    edited: "modifié",
    answers: "en réponse à",
    concurrent: "Plusieurs rédactions existent côte à côte\u{a0}: aucune n’a remplacé les autres.",
    withheld: "Les mots de cette contribution ne sont pas encore arrivés.",
    erased: "Les mots de cette contribution ont été effacés.",
    made_open: "l’a rouverte",
    made_closed: "l’a fermée",
    labelled: "a mis les étiquettes {}",
    unlabelled: "a retiré toutes les étiquettes",
    version: "a poussé la version {}",
    approves: "approuve",
    rejects: "refuse",
    looked_at: "a regardé",
    version_signed: "signée par la personne",
    version_broken: "son certificat n’est pas valable",
    of_version: "la version {}",
    stale: "d’une version antérieure",
    signed_node: "selon le nœud de {}",
    request_into: "vers {}",
    request_topic: "sujet {}",
    request_commits: "Commits",
    request_commits_more: "… {} en tout.",
    request_diff: "Modifications",
    request_here: "Ce nœud n’a pas encore les commits\u{a0}; ils sont en route.",
    request_fetch: "Pour la regarder dans un clone\u{a0}:",
    request_reviews: "Relectures de la version la plus récente",
    waiting: "{} l’a fusionnée\u{a0}; la branche est protégée et attend que d’autres établissements fassent de même.",
    merged_note: "La branche contient ce commit.",
    closed_note: "Fermée par l’établissement du dépôt.",
    entries_more: "La suite",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_the_same_with_the_same_blanks() {
        let blanks = |text: &str| text.matches("{}").count();
        for ((name, fr), (_, en)) in FR.all().into_iter().zip(EN.all()) {
            assert!(!fr.is_empty() && !en.is_empty(), "{name}");
            assert_eq!(blanks(fr), blanks(en), "{name}");
            for sign in [" :", " ;", " !", " ?", "'"] {
                assert!(!fr.contains(sign), "{name}: {fr:?}");
            }
        }
    }
}

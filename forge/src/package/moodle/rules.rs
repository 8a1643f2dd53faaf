//! What of a backup may be passed on: files by their place, elements by their names.
//!
//! These are lists of what is known to be free of people's data, as Moodle 2.0 to 5.0 writes it. What stands in none of
//! them is left out.

use super::filter::{Children, Fate};

/// Activities whose own content, as teachers wrote it, is known apart from what people did in them.
pub(super) const MODULES: [&str; 23] = [
    "assign",
    "book",
    "chat",
    "choice",
    "data",
    "feedback",
    "folder",
    "forum",
    "glossary",
    "h5pactivity",
    "imscp",
    "label",
    "lesson",
    "lti",
    "page",
    "qbank",
    "quiz",
    "resource",
    "scorm",
    "subsection",
    "survey",
    "url",
    "wiki",
];

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum File<'p> {
    /// Its elements are judged; those that may have children, beside the root.
    Filter(&'static [&'static str]),
    /// The list of settings and activities.
    Backup,
    /// The list of files.
    Files,
    /// Content, by its hash: passes where a file that passes refers to it.
    Content(&'p str),
    /// Left out: it holds data of people, of this kind.
    People(&'static str),
    /// Left out: an activity that is not known here.
    Module(&'p str),
    /// Left out: nothing is known of it.
    Unknown,
    /// Left out, and nobody misses it.
    Index,
}

const COURSE: &[&str] = &[
    "course",
    "category",
    "tags",
    "tag",
    "courseformatoptions",
    "courseformatoption",
];
const SECTION: &[&str] = &[
    "section",
    "course_format_options",
    "course_format_option",
    "courseformatoptions",
    "courseformatoption",
];
const MODULE: &[&str] = &["module", "tags", "tag"];
const INFOREF: &[&str] = &[
    "inforef",
    "fileref",
    "file",
    "grade_itemref",
    "grade_item",
    "scaleref",
    "scale",
    "outcomeref",
    "outcome",
    "question_categoryref",
    "question_category",
    "roleref",
    "role",
];
const ROLES: &[&str] = &["roles", "role_overrides", "override"];
const GRADES: &[&str] = &[
    "activity_gradebook",
    "gradebook",
    "attributes",
    "grade_categories",
    "grade_category",
    "grade_items",
    "grade_item",
    "grade_letters",
    "grade_letter",
    "grade_settings",
    "grade_setting",
];
const GRADING: &[&str] = &["areas", "area", "definitions", "definition"];
const FILTERS: &[&str] = &[
    "filters",
    "filter_actives",
    "filter_active",
    "filter_configs",
    "filter_config",
];
const COMPETENCIES: &[&str] = &[
    "course_competencies",
    "course_module_competencies",
    "competencies",
    "competency",
];
const COMPLETION: &[&str] = &["course_completion_defaults", "course_completion_default"];
const SCALES: &[&str] = &[
    "scales_definition",
    "scale",
    "outcomes_definition",
    "outcome",
];
const ROLE_NAMES: &[&str] = &["roles_definition", "role"];
const BANK: &[&str] = &["contents", "content"];
const QUESTIONS: &[&str] = &[
    "question_categories",
    "question_category",
    "question_bank_entries",
    "question_bank_entry",
    "question_versions",
    "question_version",
    "questions",
    "question",
    "question_hints",
    "question_hint",
    "tags",
    "tag",
];
/// Files that stay, and of which only the root does: restoring asks for them.
const NOTHING: &[&str] = &[];

/// The elements of an activity that may have children. Those that hold what people did are not among them: submissions,
/// attempts, posts, entries, answers to a choice, overrides, grades, messages.
fn of_module(module: &str) -> Option<&'static [&'static str]> {
    Some(match module {
        "assign" => &["activity", "assign", "plugin_configs", "plugin_config"],
        "book" => &[
            "activity",
            "book",
            "chapters",
            "chapter",
            "chaptertags",
            "tag",
        ],
        "choice" => &["activity", "choice", "options", "option"],
        "data" => &["activity", "data", "fields", "field"],
        "feedback" => &["activity", "feedback", "items", "item"],
        "lesson" => &["activity", "lesson", "pages", "page", "answers", "answer"],
        "quiz" => &[
            "activity",
            "quiz",
            "quiz_grade_items",
            "quiz_grade_item",
            "question_instances",
            "question_instance",
            "question_reference",
            "question_set_reference",
            "sections",
            "section",
            "feedbacks",
            "feedback",
        ],
        "scorm" => &[
            "activity",
            "scorm",
            "scoes",
            "sco",
            "sco_datas",
            "sco_data",
            "seq_objectives",
            "seq_objective",
            "seq_mapinfos",
            "seq_mapinfo",
            "seq_rulecond",
            "seq_ruleconds",
            "seq_rulecond_datas",
            "seq_rulecond_data",
            "seq_rolluprules",
            "seq_rolluprule",
            "seq_rolluprule_conds",
            "seq_rolluprule_cond",
        ],
        "chat" => &["activity", "chat"],
        "folder" => &["activity", "folder"],
        "forum" => &["activity", "forum"],
        "glossary" => &["activity", "glossary"],
        "h5pactivity" => &["activity", "h5pactivity"],
        "imscp" => &["activity", "imscp"],
        "label" => &["activity", "label"],
        "lti" => &["activity", "lti"],
        "page" => &["activity", "page"],
        "qbank" => &["activity", "qbank"],
        "resource" => &["activity", "resource"],
        "subsection" => &["activity", "subsection"],
        "survey" => &["activity", "survey"],
        "url" => &["activity", "url"],
        "wiki" => &["activity", "wiki"],
        _ => return None,
    })
}

/// What becomes of the file at a path.
pub(super) fn file(path: &str) -> File<'_> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["moodle_backup.xml"] => File::Backup,
        ["files.xml"] => File::Files,
        [".ARCHIVE_INDEX"] => File::Index,
        ["questions.xml"] => File::Filter(QUESTIONS),
        ["scales.xml" | "outcomes.xml"] => File::Filter(SCALES),
        ["roles.xml"] => File::Filter(ROLE_NAMES),
        ["gradebook.xml"] => File::Filter(GRADES),
        ["groups.xml"] => File::Filter(NOTHING),
        ["users.xml"] => File::People("users"),
        ["completion.xml"] => File::People("completion"),
        ["badges.xml"] => File::People("badges"),
        ["grade_history.xml"] => File::People("grades"),
        ["moodle_backup.log"] => File::People("logs"),
        ["course", "course.xml"] => File::Filter(COURSE),
        ["course", "enrolments.xml"] => File::People("enrolments"),
        ["course", "completiondefaults.xml"] => File::Filter(COMPLETION),
        ["course", "contentbank.xml"] => File::Filter(BANK),
        ["course", "blocks", ..] | ["activities", _, "blocks", ..] => File::People("blocks"),
        ["sections", _, "section.xml"] => File::Filter(SECTION),
        ["course" | "sections", .., name] => common(name),
        ["activities", folder, name] => {
            let module = folder.rsplit_once('_').map_or(folder, |(module, _)| module);
            match of_module(module) {
                None => File::Module(module),
                Some(elements) if name.strip_suffix(".xml") == Some(module) => {
                    File::Filter(elements)
                }
                Some(_) if name == "module.xml" => File::Filter(MODULE),
                Some(_) if name == "grading.xml" => File::Filter(GRADING),
                Some(_) if name == "grades.xml" => File::Filter(GRADES),
                Some(_) => common(name),
            }
        }
        ["files", _, hash] if is_hash(hash) => File::Content(hash),
        _ => File::Unknown,
    }
}

/// Files that course, sections and activities have alike.
fn common(name: &str) -> File<'static> {
    match name {
        "inforef.xml" => File::Filter(INFOREF),
        "roles.xml" => File::Filter(ROLES),
        "filters.xml" => File::Filter(FILTERS),
        "competencies.xml" => File::Filter(COMPETENCIES),
        "calendar.xml" | "comments.xml" => File::Filter(NOTHING),
        "grade_history.xml" => File::People("grades"),
        "completion.xml" => File::People("completion"),
        "logs.xml" | "logstores.xml" | "loglastaccess.xml" => File::People("logs"),
        "xapistate.xml" => File::People("attempts"),
        _ => File::Unknown,
    }
}

/// SHA-1, 40 hexadecimal digits.
pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 40
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Elements that name a person: by number, name, address or what a machine knew them by.
const PERSONAL: [&str; 31] = [
    "userid",
    "user",
    "useridfrom",
    "useridto",
    "usermodified",
    "usercreated",
    "createdby",
    "modifiedby",
    "modifierid",
    "authorid",
    "reviewerid",
    "graderid",
    "grader",
    "teacher",
    "ownerid",
    "owner",
    "issuerid",
    "relateduserid",
    "realuserid",
    "username",
    "firstname",
    "lastname",
    "fullnameofuser",
    "email",
    "emailaddress",
    "phone1",
    "phone2",
    "ip",
    "lastip",
    "address",
    "picture",
];

/// Elements that open something.
const SECRET: [&str; 9] = [
    "password",
    "enrolpassword",
    "resourcekey",
    "servicesalt",
    "moderatorpass",
    "viewerpass",
    "secret",
    "token",
    "quitpassword",
];

/// Settings that say what a backup holds of people, and that a copy without them must deny.
pub(super) const SETTINGS: [&str; 15] = [
    "users",
    "anonymize",
    "role_assignments",
    "userscompletion",
    "logs",
    "grade_histories",
    "groups",
    "badges",
    "calendarevents",
    "comments",
    "blocks",
    "xapistate",
    "questionbank_comments",
    "customfield",
    "permissions_users",
];

/// What becomes of an element in a file whose elements are judged.
pub(super) fn element(name: &str, containers: &[&str]) -> Fate {
    // How an activity is opened up: profile fields there may hold addresses of people.
    if matches!(name, "availability" | "availabilityjson") {
        return Fate::Look;
    }
    if SECRET.contains(&name) {
        return Fate::Blank("");
    }
    if PERSONAL.contains(&name) {
        return Fate::Blank(super::NULL);
    }
    let children = if name.starts_with("plugin_qtype_") || name.starts_with("plugin_gradingform_") {
        Children::All
    } else if containers.contains(&name) {
        Children::Judged
    } else {
        Children::None
    };
    Fate::Keep { children }
}

/// Whether files of an area are content that teachers put there.
pub(super) fn is_content(component: &str, area: &str) -> bool {
    if let Some(module) = component.strip_prefix("mod_") {
        let known = MODULES.contains(&module);
        return known
            && (area == "intro"
                || matches!(
                    (module, area),
                    ("assign", "introattachment" | "activityattachment")
                        | ("book", "chapter")
                        | ("feedback", "item" | "page_after_submit")
                        | (
                            "folder" | "imscp" | "page" | "resource" | "scorm",
                            "content"
                        )
                        | ("h5pactivity" | "scorm", "package")
                        | (
                            "lesson",
                            "page_contents" | "page_answers" | "page_responses" | "mediafile"
                        )
                        | ("quiz", "feedback")
                ));
    }
    if component.starts_with("qtype_") || component.starts_with("gradingform_") {
        return !matches!(area, "attempt" | "response");
    }
    matches!(
        (component, area),
        ("course", "summary" | "section" | "overviewfiles")
            | (
                "question",
                "questiontext"
                    | "generalfeedback"
                    | "answer"
                    | "answerfeedback"
                    | "correctfeedback"
                    | "partiallycorrectfeedback"
                    | "incorrectfeedback"
                    | "hint"
            )
            | ("contentbank", "public")
            | ("grade", "outcome" | "scale")
            | ("grading", "description")
    )
}

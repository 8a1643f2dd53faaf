use std::collections::BTreeMap;
use std::io::Cursor;

use super::{rules, shown};
use crate::crosswalk::Origin;
use crate::crosswalk::format::Format;
use crate::package::archive::tests::making::{TarFile, Zip, tar_gz};
use crate::package::archive::{Archive, Limits};
use crate::package::moodle::{StripError, stripped};
use crate::package::{Package, read};
use crate::problem::{Problem, Severity};

/// Where data of people stand, this name does: none may be left.
pub(super) const ANA: &str = "Ana-Petit-4711";

const PICTURE: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
const HOMEWORK: &str = "356a192b7913b04c54574d18c28d46e6395428ab";

pub(super) fn backup() -> Vec<(String, String)> {
    let activity = |module: &str, id: u8, title: &str| {
        format!(
            "<activity><moduleid>{id}</moduleid><sectionid>1</sectionid><modulename>{module}</modulename><title>{title}</title><directory>activities/{module}_{id}</directory></activity>"
        )
    };
    let setting = |name: &str, value: &str| {
        format!("<setting><level>root</level><name>{name}</name><value>{value}</value></setting>")
    };
    let about = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<moodle_backup><information><moodle_release>4.1.2 (Build: 20230313)</moodle_release><original_wwwroot>https://moodle.univ-demo.example</original_wwwroot><original_course_id>7</original_course_id><original_course_fullname>Les dunes</original_course_fullname><original_course_shortname>DUN1</original_course_shortname><details><detail><type>course</type></detail></details><contents><activities>{}{}{}{}{}{}</activities><sections><section><sectionid>1</sectionid><title>1</title><directory>sections/section_1</directory></section></sections><course><courseid>7</courseid><title>DUN1</title><directory>course</directory></course></contents><settings>{}{}{}<setting><level>activity</level><activity>attendance_9</activity><name>attendance_9_included</name><value>1</value></setting><setting><level>activity</level><activity>forum_5</activity><name>forum_5_userinfo</name><value>1</value></setting></settings></information></moodle_backup>",
        activity("page", 3, "Le vent"),
        activity("url", 4, "Un site"),
        activity("forum", 5, "Forum"),
        activity("assign", 6, "Devoir"),
        activity("attendance", 9, "Présences"),
        activity("choice", 8, "Sondage"),
        setting("users", "1"),
        setting("logs", "1"),
        setting("activities", "1"),
    );
    let file = |hash: &str, component: &str, area: &str, licence: &str| {
        format!(
            "<file id=\"1\"><contenthash>{hash}</contenthash><component>{component}</component><filearea>{area}</filearea><filename>a.png</filename><userid x=\"1\">{ANA}</userid><uploader>{ANA}</uploader><reference>{ANA}</reference><author>Zoé Lefèvre</author><license>{licence}</license></file>"
        )
    };
    let files = format!(
        "<files>{}{}{}</files>",
        file(PICTURE, "mod_page", "content", "cc-sa-4.0"),
        file(
            HOMEWORK,
            "assignsubmission_file",
            "submission_files",
            "unknown"
        ),
        file(HOMEWORK, "user", "private", "unknown"),
    );
    let text = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    vec![
        text("moodle_backup.xml", &about),
        (".ARCHIVE_INDEX".into(), "Moodle archive file index".into()),
        text("files.xml", &files),
        text(
            "users.xml",
            &format!("<users><user id=\"2\"><username>{ANA}</username></user></users>"),
        ),
        text(
            "groups.xml",
            &format!("<groups><group id=\"1\"><name>{ANA}</name></group></groups>"),
        ),
        text(
            "badges.xml",
            &format!("<badges><badge id=\"1\"><name>{ANA}</name></badge></badges>"),
        ),
        text("moodle_backup.log", ANA),
        text(
            "questions.xml",
            &format!(
                "<question_categories><question_category id=\"1\"><questions><question id=\"1\"><name>Q1</name><questiontext>&lt;p&gt;Pourquoi ?&lt;/p&gt;</questiontext><createdby>{ANA}</createdby><plugin_qtype_truefalse_question><answers><answer id=\"1\"><answertext>Vrai</answertext></answer></answers></plugin_qtype_truefalse_question><plugin_qbank_comment_question><comments><comment><content>{ANA}</content></comment></comments></plugin_qbank_comment_question></question></questions></question_category></question_categories>"
            ),
        ),
        text(
            "course/course.xml",
            &format!(
                "<course id=\"7\"><shortname>DUN1</shortname><fullname>Les dunes</fullname><summary>&lt;p&gt;Le sable &lt;b&gt;vole&lt;/b&gt;.&lt;/p&gt;</summary><lang>fr</lang><startdate>1725141600</startdate><timecreated>1700000000</timecreated><tags><tag id=\"1\"><name>sable</name><rawname>Sable</rawname></tag></tags><customfields><customfield><value>{ANA}</value></customfield></customfields></course>"
            ),
        ),
        text(
            "course/enrolments.xml",
            &format!(
                "<enrolments><enrols><enrol><password>{ANA}</password></enrol></enrols></enrolments>"
            ),
        ),
        text(
            "course/roles.xml",
            &format!(
                "<roles><role_overrides></role_overrides><role_assignments><assignment><userid>{ANA}</userid></assignment></role_assignments></roles>"
            ),
        ),
        text(
            "course/calendar.xml",
            &format!("<events><event><name>{ANA}</name></event></events>"),
        ),
        text(
            "course/logs.xml",
            &format!("<logs><log><userid>{ANA}</userid></log></logs>"),
        ),
        text("course/blocks/html_1/block.xml", ANA),
        text(
            "course/inforef.xml",
            &format!(
                "<inforef><userref><user><id>{ANA}</id></user></userref><fileref><file><id>1</id></file></fileref></inforef>"
            ),
        ),
        text(
            "sections/section_1/section.xml",
            "<section id=\"1\"><name>Chapitre</name><summary></summary><sequence>4,3,5</sequence></section>",
        ),
        text(
            "activities/page_3/page.xml",
            "<activity id=\"3\"><page id=\"3\"><name>Le vent</name><intro></intro><content>&lt;p&gt;Il souffle.&lt;/p&gt;</content></page></activity>",
        ),
        text(
            "activities/page_3/module.xml",
            &format!(
                "<module id=\"3\"><modulename>page</modulename><availability>{{\"op\":\"&amp;\",\"c\":[{{\"type\":\"profile\",\"sf\":\"email\",\"v\":\"{ANA}\"}}]}}</availability></module>"
            ),
        ),
        text(
            "activities/url_4/url.xml",
            "<activity><url id=\"4\"><name>Un site</name><externalurl>https://dunes.example/</externalurl></url></activity>",
        ),
        text(
            "activities/url_4/module.xml",
            "<module id=\"4\"><availability>{\"op\":\"&amp;\",\"c\":[{\"type\":\"date\",\"d\":\"&gt;=\",\"t\":1}]}</availability></module>",
        ),
        text(
            "activities/forum_5/forum.xml",
            &format!(
                "<activity><forum id=\"5\"><name>Forum</name><intro>Parlons.</intro><discussions><discussion><posts><post><message>{ANA}</message></post></posts></discussion></discussions><readposts><read><userid>{ANA}</userid></read></readposts></forum></activity>"
            ),
        ),
        text(
            "activities/assign_6/assign.xml",
            &format!(
                "<activity><assign id=\"6\"><name>Devoir</name><intro>&lt;p&gt;Mesurez.&lt;/p&gt;</intro><submissions><submission><userid>{ANA}</userid></submission></submissions><future_thing><row><who>{ANA}</who></row></future_thing></assign></activity>"
            ),
        ),
        text(
            "activities/assign_6/grades.xml",
            &format!(
                "<activity_gradebook><grade_items><grade_item id=\"1\"><itemname>Devoir</itemname><grade_grades><grade_grade><userid>{ANA}</userid></grade_grade></grade_grades></grade_item></grade_items></activity_gradebook>"
            ),
        ),
        text(
            "activities/assign_6/comments.xml",
            &format!("<comments><comment><content>{ANA}</content></comment></comments>"),
        ),
        text(
            "activities/choice_8/choice.xml",
            &format!(
                "<activity><choice id=\"8\"><name>Sondage</name><options><option id=\"1\"><text>Oui</text></option></options><answers><answer><userid>{ANA}</userid></answer></answers></choice></activity>"
            ),
        ),
        text(
            "activities/attendance_9/attendance.xml",
            &format!("<activity><attendance><name>{ANA}</name></attendance></activity>"),
        ),
        text(
            "activities/attendance_9/module.xml",
            "<module id=\"9\"></module>",
        ),
        text("unknown.xml", ANA),
        (format!("files/da/{PICTURE}"), "image".into()),
        (format!("files/35/{HOMEWORK}"), ANA.into()),
    ]
}

fn zipped(files: &[(String, String)]) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_bytes()))
        .collect();
    Zip::of(&files).bytes()
}

fn tarred(files: &[(String, String)]) -> Vec<u8> {
    let files: Vec<TarFile<'_>> = files
        .iter()
        .map(|(path, text)| TarFile::new(path, b'0', text.as_bytes()))
        .collect();
    tar_gz(&files)
}

fn open(bytes: Vec<u8>) -> Archive<Cursor<Vec<u8>>> {
    Archive::open(Cursor::new(bytes), Limits::default()).unwrap()
}

fn course(bytes: Vec<u8>) -> Result<Package, Box<Problem>> {
    read(&mut open(bytes), None, &Origin::default())
}

/// The files of an archive.
pub(super) fn unpacked(bytes: Vec<u8>) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut archive = open(bytes);
    archive.check().unwrap();
    archive
        .visit(|entry, body| {
            let mut text = String::new();
            body.read_to_string(&mut text)?;
            files.insert(entry.path.clone(), text);
            Ok::<(), crate::package::archive::ArchiveError>(())
        })
        .unwrap();
    files
}

#[test]
fn a_backup_says_what_the_course_is() {
    for bytes in [zipped(&backup()), tarred(&backup())] {
        let package = course(bytes).unwrap();
        assert_eq!((package.format, &*package.version), (Format::Mbz, "4.1.2"));
        assert_eq!(
            package.reading.id.as_deref(),
            Some("https://moodle.univ-demo.example/course/view.php?id=7")
        );
        assert_eq!(
            shown(&package.outline),
            [
                "0 Chapitre -",
                "1 Un site https://dunes.example/",
                "1 Le vent -",
                "1 Forum -",
                "1 Devoir -",
                "1 Présences -",
                "1 Sondage -"
            ]
        );
        let view = package.reading.record.view();
        assert_eq!(view.titles, [("fr".to_owned(), "Les dunes".to_owned())]);
        assert_eq!(view.descriptions[0].1, "Le sable vole.");
        assert_eq!(view.keywords, [("fr".to_owned(), "Sable".to_owned())]);
        assert_eq!(view.kind.as_deref(), Some("course"));
        assert_eq!(view.created.as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(view.licence.as_deref(), Some("CC-BY-SA-4.0"));
        assert!(view.creators.is_empty());
        assert_eq!(rules(&package), ["licence-guessed", "moodle-users"]);
    }
}

#[test]
fn licences_of_files_speak_for_the_whole_only_where_all_agree() {
    let with = |from: &str, to: &str| {
        let mut files = backup();
        files[2].1 = files[2].1.replace(from, to);
        let package = course(zipped(&files)).unwrap();
        let licence = package.reading.record.view().licence;
        (rules(&package)[0].to_owned(), licence)
    };
    assert_eq!(with("cc-sa-4.0", "cc").1.as_deref(), Some("CC-BY-3.0"));
    assert_eq!(
        with("cc-sa-4.0", "unknown"),
        ("moodle-unlicensed".into(), None)
    );
    assert_eq!(
        with("cc-sa-4.0", "public"),
        ("licence-no-version".into(), None)
    );
    let other = "<files><file><contenthash>356a192b7913b04c54574d18c28d46e6395428ab</contenthash><component>course</component><filearea>section</filearea><filename>b</filename><license>cc-nd</license></file>";
    assert_eq!(with("<files>", other), ("licence-mixed".into(), None));
}

#[test]
fn a_copy_holds_nobodys_data_and_is_still_a_backup() {
    let mut copies = Vec::new();
    for bytes in [zipped(&backup()), tarred(&backup())] {
        let mut copy = Vec::new();
        let done = stripped(&mut open(bytes), &mut copy).unwrap();
        let files = unpacked(copy.clone());
        for (path, text) in &files {
            assert!(!text.contains(ANA), "{path}: {text}");
        }
        assert_eq!(done.files, files.len());
        assert_eq!(done.files + done.left_out, backup().len());
        for gone in [
            "users.xml",
            "badges.xml",
            "moodle_backup.log",
            "course/logs.xml",
            "course/enrolments.xml",
            "course/blocks/html_1/block.xml",
            "activities/attendance_9/module.xml",
            "unknown.xml",
            &format!("files/35/{HOMEWORK}"),
        ] {
            assert!(!files.contains_key(gone), "{gone}");
        }
        // What teachers wrote is all there.
        assert!(files["activities/page_3/page.xml"].contains("Il souffle."));
        assert!(files["activities/url_4/module.xml"].contains("date"));
        assert!(files["activities/choice_8/choice.xml"].contains("<text>Oui</text>"));
        assert!(files["activities/forum_5/forum.xml"].contains("<intro>Parlons.</intro>"));
        assert!(files["questions.xml"].contains("<answertext>Vrai</answertext>"));
        assert!(files["questions.xml"].contains("<createdby>$@NULL@$</createdby>"));
        assert!(files["course/calendar.xml"].contains("<events></events>"));
        assert!(files["course/roles.xml"].contains("<role_assignments></role_assignments>"));
        assert!(files["files.xml"].contains("<author>Zoé Lefèvre</author>"));
        assert_eq!(files[&format!("files/da/{PICTURE}")], "image");
        let about = &files["moodle_backup.xml"];
        assert!(about.contains("<name>users</name><value>0</value>"));
        assert!(about.contains("<name>forum_5_userinfo</name><value>0</value>"));
        assert!(about.contains("<name>activities</name><value>1</value>"));
        assert!(!about.contains("attendance"));
        // The report says each.
        let told: Vec<String> = done
            .problems
            .iter()
            .map(|p| format!("{} {}: {}", p.rule, p.path, p.given))
            .collect();
        for line in [
            "moodle-left-out users.xml: users",
            "moodle-left-out activities: attendance",
            "moodle-left-out unknown.xml: unknown.xml",
            "moodle-left-out files.xml: assignsubmission_file submission_files",
            "moodle-stripped forum: discussions",
            "moodle-stripped assign: future_thing",
            "moodle-stripped page: availability",
            "moodle-stripped questions.xml: plugin_qbank_comment_question",
        ] {
            assert!(told.iter().any(|told| told == line), "{line}: {told:#?}");
        }
        let worst = done.problems.iter().map(|p| p.severity).max();
        assert_eq!(worst, Some(Severity::Warning));
        // A copy of the copy is the copy, and reads as the course.
        let mut again = Vec::new();
        let twice = stripped(&mut open(copy.clone()), &mut again).unwrap();
        assert_eq!(unpacked(again), files);
        assert_eq!(twice.left_out, 0, "{:?}", twice.problems);
        let package = course(copy.clone()).unwrap();
        assert_eq!(rules(&package), ["licence-guessed"]);
        copies.push(copy);
    }
    assert_eq!(copies[0], copies[1], "the same files give the same bytes");
}

#[test]
fn what_is_not_as_moodle_writes_it_has_no_copy() {
    let mut files = backup();
    files[7].1 = "<!DOCTYPE a><question_categories/>".into();
    let fault = stripped(&mut open(zipped(&files)), &mut Vec::new()).unwrap_err();
    assert!(matches!(&fault, StripError::Malformed { path, .. } if path == "questions.xml"));
    assert_eq!(fault.problem().rule, "moodle-part");
    let other = Zip::of(&[("a.txt", b"a")]).bytes();
    let fault = stripped(&mut open(other), &mut Vec::new()).unwrap_err();
    assert!(matches!(fault, StripError::NotABackup));
}

#[test]
fn passwords_are_taken_out_and_told() {
    let mut files = backup();
    files.push((
        "activities/quiz_2/quiz.xml".into(),
        "<activity><quiz id=\"2\"><name>Q</name><password>sésame</password><overrides><override><userid>1</userid></override></overrides></quiz></activity>".into(),
    ));
    let mut copy = Vec::new();
    let done = stripped(&mut open(zipped(&files)), &mut copy).unwrap();
    let quiz = &unpacked(copy)["activities/quiz_2/quiz.xml"];
    assert!(quiz.contains("<password></password>") && quiz.contains("<overrides></overrides>"));
    assert!(done.problems.iter().any(|p| p.rule == "moodle-secret"));
}

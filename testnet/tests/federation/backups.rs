//! `commun import` of a Moodle backup: the course comes in, the people do not.

use std::fs;

use anyhow::{Result, ensure};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, wait_until},
};

use super::{
    intake::{document, hits, import, status, zip},
    turn::turn,
};

#[test]
fn a_moodle_backup_is_stored_as_a_copy_without_anybodys_data() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let operator = Typist::operator(&f.nodes[0])?;
    let about = "<moodle_backup><information><moodle_release>4.5</moodle_release><original_wwwroot>https://moodle.cours.example</original_wwwroot><original_course_id>12</original_course_id><original_course_fullname>Les fougères</original_course_fullname><details><detail><type>course</type></detail></details><contents><activities><activity><moduleid>3</moduleid><sectionid>1</sectionid><modulename>page</modulename><title>Les frondes</title><directory>activities/page_3</directory></activity></activities><sections></sections></contents><settings><setting><level>root</level><name>users</name><value>1</value></setting></settings></information></moodle_backup>";
    let course = "<course id='12'><shortname>FOU</shortname><fullname>Les fougères</fullname><summary></summary><lang>fr</lang></course>";
    let page = "<activity><page><name>Les frondes</name><content>&lt;p&gt;Une crosse se déroule.&lt;/p&gt;</content></page></activity>";
    let forum = "<activity><forum><name>Forum</name><intro></intro><discussions><discussion><name>Quetzalcoatl</name></discussion></discussions></forum></activity>";
    let users = "<users><user id='7'><username>quetzalcoatl</username></user></users>";
    let backup = zip(&[
        ("moodle_backup.xml", about.as_bytes()),
        ("files.xml", b"<files></files>"),
        ("users.xml", users.as_bytes()),
        ("course/course.xml", course.as_bytes()),
        ("activities/page_3/page.xml", page.as_bytes()),
        ("activities/forum_4/forum.xml", forum.as_bytes()),
    ]);
    fs::write(here.join("fougeres.mbz"), &backup)?;
    let (said, name) = import(&operator, here, &["fougeres.mbz"])?;
    ensure!(said["added"] == 1 && said["format"] == "mbz", "{said}");
    let rules = said["rules"].to_string();
    ensure!(
        rules.contains("moodle-users") && rules.contains("moodle-left-out"),
        "{rules}"
    );
    let address = format!("/api/v1/items/{name}/files/fougeres.mbz");
    let (code, kept) = status(&f.nodes[0], &address)?;
    ensure!(code == 200 && kept != backup, "{code}");
    let has = |word: &str| kept.windows(word.len()).any(|w| w == word.as_bytes());
    ensure!(
        has("activities/page_3/page.xml") && !has("users.xml"),
        "the copy has the page, and no list of people"
    );
    for node in &f.nodes {
        wait_until("its words are found", || Ok(hits(node, "crosse")? == 1))?;
        ensure!(hits(node, "quetzalcoatl")? == 0, "a word of a person");
    }
    let shown = document(&f.nodes[1], &format!("/api/v1/items/{name}"))?;
    ensure!(shown["metadata"]["language"][0] == "fr", "{shown}");
    // The same backup gives the same copy: nothing new.
    let (said, again) = import(&operator, here, &["fougeres.mbz"])?;
    ensure!(said["unchanged"] == 1 && again == name, "{said}");
    f.stop()
}

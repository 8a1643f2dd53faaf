//! The librarians' page of the handbook, followed word by word: a source is harvested, what its report says is repaired, it is
//! harvested again, a course of another institution is adapted, exported, and harvested back with a stock client.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use commun_client::Query;
use commun_specs::licence::Licence;
use commun_testnet::{
    commun::Typist,
    content,
    federation::{Federation, wait_until},
    handbook::{Follower, Step, steps},
    http,
    process::program,
    source::Source,
};
use serde_json::{Value, json};

use super::{sickle::Sickle, turn::turn};

const COURSE: &str = "univ-lorraine/equations-differentielles";
const ADAPTED: &str = "univ-angers/equations-iut";
/// What tells identifiers apart in the name of an imported record, in characters: it depends on the source's address.
const HASH: usize = 10;

/// Those who play in the walk, besides the librarian.
struct Stage {
    f: Federation,
    source: Source,
    /// Where the librarian sits.
    here: tempfile::TempDir,
}

#[test]
fn librarians_see_what_their_page_says() -> Result<()> {
    let _turn = turn();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page = docs.join("librarians.md");
    let walk = steps(&page)?;
    the_french_page_has_the_same_steps(&walk, &docs.join("fr/bibliothecaires.md"))?;
    let page = fs::read_to_string(page)?;

    let mut stage = Stage::set()?;
    let commun = program("commun")?;
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/python/bin");
    let programs = [commun.parent().context("a folder of programs")?, &tools];
    let mut librarian = Follower::new(stage.here.path(), &programs);
    let a = &stage.f.nodes[0];
    librarian.set("COMMUN_NODE", &a.url());
    librarian.set("COMMUN_TOKEN", &a.token()?);
    librarian.set("LC_ALL", "C.UTF-8");
    librarian.set("LANGUAGE", "en");
    librarian.call("https://commun.univ-angers.example", &a.url());
    librarian.call("https://ori.univ.example/oai", stage.source.url());
    for step in &walk {
        stage.before(step)?;
        librarian.go(step)?;
        if step.typed.contains("--every") {
            for (on_page, here) in stage.names(&page)? {
                librarian.call(&on_page, &here);
            }
        }
    }
    stage.end()?;
    stage.f.stop()
}

fn the_french_page_has_the_same_steps(walk: &[Step], page: &Path) -> Result<()> {
    ensure!(walk.len() > 10, "the walk has {} steps only", walk.len());
    let french = steps(page)?;
    for (en, fr) in walk.iter().zip(&french) {
        ensure!(
            (&en.kind, &en.typed, &en.seen) == (&fr.kind, &fr.typed, &fr.seen),
            "{}:{}: another step than in English: {fr:?} is not {en:?}",
            page.display(),
            fr.line
        );
    }
    ensure!(
        french.len() == walk.len(),
        "the French page has other steps"
    );
    Ok(())
}

impl Stage {
    /// Two institutions, the other with its course; the source; the files for the adaptation.
    fn set() -> Result<Self> {
        let mut f = Federation::empty()?;
        f.set_env("COMMUN_HARVEST_PRIVATE", "true");
        f.grow(2)?;
        let course = content::folder()?.join(COURSE);
        content::publish(&f.nodes[1].client()?, &course)?;
        f.converge()?;
        let here = tempfile::tempdir()?;
        fs::create_dir(here.path().join("mes-fichiers"))?;
        fs::write(
            here.path().join("mes-fichiers/exercices-iut.md"),
            "# Deux exercices pour l’IUT\n",
        )?;
        Ok(Self {
            f,
            source: Source::start()?,
            here,
        })
    }

    /// What others do, and what the librarian does beside the commands, before a step.
    fn before(&mut self, step: &Step) -> Result<()> {
        let a = &self.f.nodes[0];
        let typed = &step.typed;
        if typed.contains("commun search") || typed.contains("--query") {
            wait_until("what was imported is found", || {
                let status = a.client()?.status()?;
                Ok(status.index.position == status.catalogue.position)
            })?;
        }
        if typed.contains("--csv-in") {
            self.fill_the_table()?;
        }
        if typed.contains("--visit") {
            let asked = self.source.asked().join(" ");
            ensure!(
                asked.matches("resumptionToken=4").count() == 2,
                "the source asked for a pause: {asked}"
            );
            self.source.change();
        }
        if typed.contains(&format!("derive {COURSE}")) {
            wait_until("the course is here with its files", || {
                let item = item(a.ports().http, COURSE)?;
                Ok(item["local"] == true)
            })?;
        }
        if typed.contains("--compare") {
            self.lorraine_goes_on()?;
        }
        if step.kind == "python" {
            wait_until("the adaptation is listed for harvesters", || {
                let id = item(a.ports().http, ADAPTED)?["id"].to_string();
                let path = "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc";
                let listed = http::get(a.ports().http, path, &[])?.text();
                Ok(listed.contains(id.trim_matches('"')) && listed.contains("\"deleted\""))
            })?;
        }
        Ok(())
    }

    /// As in a spreadsheet: the licence and the language, where there is none.
    fn fill_the_table(&self) -> Result<()> {
        let path = self.here.path().join("lefevre.csv");
        let table = fs::read_to_string(&path)?;
        let mut lines = table
            .split("\r\n")
            .map(|line| line.split(',').collect::<Vec<_>>());
        let head = lines.next().context("a table has a head")?;
        let mut rows = vec![head.join(",")];
        for mut row in lines.filter(|row| row.len() == head.len()) {
            for (name, value) in [("licence", "CC-BY-SA-4.0"), ("language", "fr")] {
                let at = head.iter().position(|column| *column == name);
                let cell = at.and_then(|at| row.get_mut(at)).context("a column")?;
                if cell.is_empty() {
                    *cell = value;
                }
            }
            rows.push(row.join(","));
        }
        ensure!(
            rows.len() == 5,
            "the table has {} rows: {table}",
            rows.len()
        );
        Ok(fs::write(path, rows.join("\r\n") + "\r\n")?)
    }

    /// A second version of the course, with other exercises.
    fn lorraine_goes_on(&self) -> Result<()> {
        let course = content::folder()?.join(COURSE);
        let work = tempfile::tempdir()?;
        let copied = Command::new("cp")
            .arg("-r")
            .arg(course.join("files"))
            .arg(work.path())
            .status()?;
        ensure!(copied.success(), "the course cannot be copied");
        let exercises = work.path().join("files/exercices.md");
        let more = fs::read_to_string(&exercises)? + "\nUn exercice de plus.\n";
        fs::write(exercises, more)?;
        let metadata = course.join("metadata.json");
        let metadata = metadata.to_string_lossy();
        let slug = "equations-differentielles";
        let publish = ["publish", "files", "--slug", slug, "--metadata", &metadata];
        Typist::operator(&self.f.nodes[1])?.done(work.path(), &publish)?;
        let port = self.f.nodes[0].ports().http;
        wait_until("the adaptation is one version behind", || {
            let behind = item(port, ADAPTED)?["derived_from"][0]["behind"] == 1;
            Ok(behind && item(port, COURSE)?["local"] == true)
        })
    }

    /// The names of imported records on the page, and what they are here: their ends depend on the source's address.
    fn names(&self, page: &str) -> Result<Vec<(String, String)>> {
        let client = self.f.nodes[0].client()?;
        let mut query = Query::new("");
        query.institutions = vec![self.f.nodes[0].handle.clone()];
        let mut here: Vec<String> = Vec::new();
        wait_until("what was imported is found", || {
            let found = client.search(&query)?;
            here = found.hits.iter().map(|hit| hit.name.clone()).collect();
            Ok(here.len() == 7)
        })?;
        let named = here.into_iter().filter_map(|here| {
            let (known, _) = here.split_at(here.len() - HASH);
            let (_, rest) = page.split_once(known)?;
            let hash: String = rest.chars().take(HASH).collect();
            Some((format!("{known}{hash}"), here))
        });
        let named: Vec<(String, String)> = named.collect();
        ensure!(named.len() == 2, "the page names {named:?}");
        Ok(named)
    }

    /// What came of it: a stock client has the fields that the commons has, and the exports are there.
    fn end(&self) -> Result<()> {
        let a = &self.f.nodes[0];
        let answers = tempfile::tempdir()?;
        let mut sickle = Sickle::at(a, answers.path())?;
        let args = json!({"metadataPrefix": "oai_dc", "set": "institution:univ-angers"});
        let records = sickle.all("ListRecords", args)?;
        let deleted = records.iter().filter(|record| record["deleted"] == true);
        // Seven came in, three more two weeks later; one was withdrawn and one was adapted.
        ensure!(
            (records.len(), deleted.count()) == (11, 1),
            "{} records: {records:#?}",
            records.len()
        );
        for record in records.iter().filter(|record| record["deleted"] == false) {
            let id = record["identifier"].as_str().unwrap_or_default();
            let id = id.rsplit(':').next().unwrap_or_default();
            let metadata = item(a.ports().http, id)?["metadata"].take();
            as_in_the_commons(&record["metadata"], &metadata)?;
        }
        let adapted = item(a.ports().http, ADAPTED)?;
        let identifier = records
            .iter()
            .filter_map(|record| record["identifier"].as_str())
            .find(|id| adapted["id"].as_str().is_some_and(|own| id.ends_with(own)));
        let args = json!({"metadataPrefix": "suplomfr", "identifier": identifier});
        let record = sickle.one("GetRecord", args)?;
        let harvested = record["raw"].as_str().context("its XML")?;
        sickle.end()?;

        let out = self.here.path().join("sortie");
        let name = ADAPTED.replace('/', ".");
        let exported = fs::read_to_string(out.join(format!("{name}.suplomfr.xml")))?;
        for there in ["Équations différentielles pour l’IUT", "Équipe pédagogique"] {
            ensure!(
                exported.contains(there) && harvested.contains(there),
                "{there} is not in both records"
            );
        }
        let bag = out.join(&name).join("data").join(ADAPTED).join("files");
        for file in ["exercices-iut.md", "README.md"] {
            ensure!(bag.join(file).is_file(), "{file} is not in the bag");
        }
        let cartridge = fs::read(out.join(format!("{name}.imscc")))?;
        ensure!(cartridge.starts_with(b"PK"), "the cartridge is no ZIP file");
        Ok(())
    }
}

/// An item as the API tells it.
fn item(port: u16, item: &str) -> Result<Value> {
    let found = http::get(port, &format!("/api/v1/items/{item}"), &[])?;
    Ok(serde_json::from_slice(&found.body)?)
}

/// Titles, authors, languages and licence of a harvested record are those of the commons. A record that nobody corrected
/// goes out as it came in, with the entities and the names of languages that its source writes.
fn as_in_the_commons(harvested: &Value, known: &Value) -> Result<()> {
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().cloned().unwrap_or_default();
        let list = list.iter().filter_map(Value::as_str);
        let mut list: Vec<String> = list.map(str::to_owned).collect();
        list.sort();
        list
    };
    let titles = known["title"].as_object().into_iter().flatten();
    let titles: Value = titles.map(|(_, title)| title.clone()).collect();
    let names = known["creators"].as_array().into_iter().flatten();
    let names: Value = names.map(|creator| creator["name"].clone()).collect();
    let plain = |texts: Vec<String>| -> Vec<String> {
        let texts = texts.iter().map(|text| text.replace("&amp;", "&"));
        texts.collect()
    };
    let short = |tags: Vec<String>| -> Vec<String> {
        let tags = tags.iter().map(|tag| tag.chars().take(2).collect());
        tags.collect()
    };
    for (element, here, there) in [
        ("title", plain(texts(&harvested["title"])), texts(&titles)),
        ("creator", texts(&harvested["creator"]), texts(&names)),
        (
            "language",
            short(texts(&harvested["language"])),
            short(texts(&known["language"])),
        ),
    ] {
        ensure!(here == there, "{element}: {harvested} is not {known}");
    }
    if let Some(licence) = known["licence"].as_str() {
        let rights = texts(&harvested["rights"]);
        // Its address or its id, also of a port that SPDX has no id for.
        let same = |said: &String| Licence::parse(said).is_ok_and(|l| l.as_str() == licence);
        ensure!(rights.iter().any(same), "{licence} is not told: {rights:?}");
    }
    Ok(())
}

//! Sickle, a stock OAI-PMH client, against `/oai`: what the protocol promises to harvesters, tried with one that shares no
//! code with us. Every answer that it got is held against a schema of the protocol, too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, wait_until},
    http,
    process::Node,
};
use serde_json::{Value, json};

use super::{deeds::publish_note, turn::turn};

/// More than two pages of records: a page has 100.
const MANY: usize = 230;

/// Sickle, running, on one source.
pub struct Sickle {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
    answers: PathBuf,
}

impl Sickle {
    /// Starts it for a source; all answers of that are kept in `answers`.
    pub fn of(url: &str, answers: &Path) -> Result<Self> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = tests.join("../target/tools/python/bin/python");
        let mut child = Command::new(python)
            .arg(tests.join("tests/federation/oai/stock.py"))
            .arg(url)
            .arg(answers)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("Sickle is needed: run .ci/setup test")?;
        Ok(Self {
            asks: child.stdin.take().context("the pipe was asked for")?,
            says: BufReader::new(child.stdout.take().context("the pipe was asked for")?),
            answers: answers.to_owned(),
            child,
        })
    }

    /// Starts it for a node.
    pub fn at(node: &Node, answers: &Path) -> Result<Self> {
        Self::of(&format!("{}/oai", node.url()), answers)
    }

    fn ask(&mut self, question: &Value) -> Result<Value> {
        writeln!(self.asks, "{question}")?;
        let mut line = String::new();
        self.says.read_line(&mut line)?;
        ensure!(!line.is_empty(), "Sickle ended at {question}");
        Ok(serde_json::from_str(&line)?)
    }

    /// Asks a question of the protocol; gives the exception that Sickle raised, if it did.
    pub fn fault(&mut self, method: &str, verb: &str, args: Value) -> Result<Option<String>> {
        let said = self.ask(&json!({"open": verb, "args": args, "method": method}))?;
        Ok(said["fault"].as_str().map(str::to_owned))
    }

    /// Begins a list.
    pub fn open(&mut self, verb: &str, args: Value) -> Result<()> {
        match self.fault("GET", verb, args.clone())? {
            Some(fault) => bail!("Sickle: {fault} at {verb} {args}"),
            None => Ok(()),
        }
    }

    /// Reads on in the list, at most so many.
    pub fn take(&mut self, count: usize) -> Result<Vec<Value>> {
        let mut said = self.ask(&json!({"take": count}))?;
        match said["found"].take() {
            Value::Array(found) => Ok(found),
            _ => bail!("Sickle: {said}"),
        }
    }

    /// A whole list.
    pub fn all(&mut self, verb: &str, args: Value) -> Result<Vec<Value>> {
        self.open(verb, args)?;
        self.take(1_000_000)
    }

    /// What there is one of.
    pub fn one(&mut self, verb: &str, args: Value) -> Result<Value> {
        let mut found = self.all(verb, args)?;
        ensure!(found.len() == 1, "{} answers", found.len());
        Ok(found.remove(0))
    }

    /// Ends it and holds every answer that it got against the schema of the protocol.
    pub fn end(mut self) -> Result<()> {
        drop(self.asks);
        ensure!(self.child.wait()?.success(), "Sickle failed");
        valid(&self.answers)
    }
}

/// Holds all answers in a folder against the schema of the protocol.
fn valid(answers: &Path) -> Result<()> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/federation/oai/OAI-PMH.xsd");
    let mut files = Vec::new();
    for entry in fs::read_dir(answers)? {
        files.push(entry?.path());
    }
    ensure!(!files.is_empty(), "there is nothing to check");
    let ran = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(schema)
        .args(&files)
        .output()
        .context("xmllint is needed: run .ci/setup test")?;
    if ran.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    let told = told.lines().filter(|line| !line.ends_with(" validates"));
    bail!("{}", told.take(20).collect::<Vec<_>>().join("\n"))
}

/// An answer of a source with these records, as somebody may send it: `(number, title)`.
fn answer(records: &[(usize, String)]) -> String {
    let record = |(n, title): &(usize, String)| {
        format!(
            "<record><header><identifier>oai:depot.example:{n}</identifier><datestamp>2026-01-01</datestamp></header><metadata>\
             <oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
             <dc:title xml:lang='fr'>{title}</dc:title><dc:creator>Lefèvre, Noëlle</dc:creator><dc:language>fre</dc:language>\
             <dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights></oai_dc:dc></metadata></record>"
        )
    };
    let records: String = records.iter().map(record).collect();
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>\
         <responseDate>2026-01-10T00:00:00Z</responseDate><request>https://depot.example/oai</request>\
         <ListRecords>{records}</ListRecords></OAI-PMH>"
    )
}

fn import(who: &Typist, folder: &Path, records: &[(usize, String)]) -> Result<Value> {
    fs::write(folder.join("reponse.xml"), answer(records))?;
    let said = who.done(folder, &["import", "reponse.xml", "--json"])?;
    said.json()
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

fn identifiers(found: &[Value]) -> BTreeSet<String> {
    found.iter().map(|one| text(one, "identifier")).collect()
}

/// The item of an identifier.
fn item(identifier: &str) -> &str {
    identifier.rsplit(':').next().unwrap_or_default()
}

fn title(record: &Value) -> String {
    let title = record["metadata"]["title"][0].as_str();
    title.unwrap_or_default().to_owned()
}

#[test]
fn sickle_reads_everything_while_the_commons_goes_on() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let (here, answers) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let operator = Typist::operator(&f.nodes[0])?;
    let mut records: Vec<(usize, String)> = (0..MANY)
        .map(|n| (n, format!("Exercice n° {n} : suites &amp; séries")))
        .collect();
    let report = import(&operator, here.path(), &records)?;
    ensure!(report["added"] == MANY, "{report}");
    f.converge()?;

    // Of the other institution's node: any serves all.
    let mut sickle = Sickle::at(&f.nodes[1], answers.path())?;
    let listed = json!({"metadataPrefix": "oai_dc"});
    wait_until("the other node lists all", || {
        Ok(sickle.all("ListIdentifiers", listed.clone())?.len() == MANY)
    })?;
    let identity = sickle.one("Identify", json!({}))?;
    ensure!(
        identity["deletedRecord"] == "persistent"
            && identity["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
            && identity["baseURL"] == format!("{}/oai", f.nodes[1].url()),
        "{identity}"
    );
    let first = sickle.all("ListRecords", listed.clone())?;
    let known: BTreeMap<String, String> = first
        .iter()
        .map(|record| (text(record, "identifier"), title(record)))
        .collect();
    ensure!(known.len() == MANY, "{} of {MANY}", known.len());
    let wanted: BTreeSet<String> = records
        .iter()
        .map(|(_, title)| title.replace("&amp;", "&"))
        .collect();
    ensure!(
        known.values().cloned().collect::<BTreeSet<_>>() == wanted,
        "other titles"
    );

    // A page is read; then one of its records goes, one that is still to come changes, and one is new.
    sickle.open("ListRecords", listed.clone())?;
    let page = sickle.take(100)?;
    let told = identifiers(&page);
    let gone = told.first().context("a page has records")?.clone();
    let later = known.keys().find(|id| !told.contains(*id));
    let later = later.context("there are more pages")?.clone();
    let number = records
        .iter()
        .position(|(_, title)| title.replace("&amp;", "&") == known[&later]);
    let changed = "Exercice corrigé : l’intégrale".to_owned();
    records[number.context("it is one of ours")?].1 = changed.clone();
    let report = import(&operator, here.path(), &records)?;
    ensure!(report["changed"] == 1, "{report}");
    operator.done(
        here.path(),
        &[
            "withdraw",
            item(&gone),
            "--code",
            "error",
            "--reason",
            "Faux.",
        ],
    )?;
    let new = publish_note(&f.nodes[0], "note", "Note de rentrée")?;
    let mut second = Sickle::at(&f.nodes[1], answers.path())?;
    let get = |id: &str| json!({"metadataPrefix": "oai_dc", "identifier": id});
    wait_until("the other node tells what changed", || {
        let all = second.all("ListIdentifiers", listed.clone())?;
        Ok(all.len() == MANY + 1
            && second.one("GetRecord", get(&gone))?["deleted"] == true
            && title(&second.one("GetRecord", get(&later))?) == changed)
    })?;

    let rest = sickle.take(1_000_000)?;
    let mut seen: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for record in page.iter().chain(&rest) {
        seen.entry(text(record, "identifier"))
            .or_default()
            .push(record);
    }
    ensure!(
        seen.len() == MANY + 1,
        "{} of {} records",
        seen.len(),
        MANY + 1
    );
    for (id, times) in &seen {
        let more = usize::from(*id == gone);
        ensure!(
            times.len() == 1 + more,
            "{id} was told {} times",
            times.len()
        );
    }
    ensure!(
        seen[&gone][1]["deleted"] == true,
        "the deletion is not told"
    );
    ensure!(
        title(seen[&later][0]) == changed,
        "the change is not told: {}",
        seen[&later][0]
    );
    let added = seen.keys().find(|id| !known.contains_key(*id));
    let added = added.context("the new one is told")?;
    ensure!(
        title(seen[added][0]) == "Note de rentrée",
        "{new} is another"
    );

    dates_cut_the_list_where_they_say(&mut sickle)?;
    sets_hold_what_they_say(&mut sickle)?;
    for prefix in ["oai_dc", "lom", "lomfr", "suplomfr"] {
        let args = json!({"metadataPrefix": prefix, "identifier": later});
        let record = sickle.one("GetRecord", args)?;
        ensure!(
            text(&record, "raw").contains(&changed),
            "{prefix}: {record}"
        );
        let args = json!({"metadataPrefix": prefix, "identifier": gone});
        let record = sickle.one("GetRecord", args)?;
        ensure!(record["deleted"] == true && record["metadata"].is_null());
        let all = sickle.all("ListRecords", json!({"metadataPrefix": prefix}))?;
        ensure!(all.len() == MANY + 1, "{prefix}: {} records", all.len());
    }
    let formats = sickle.all("ListMetadataFormats", json!({"identifier": later}))?;
    ensure!(formats.len() == 4, "{formats:?}");
    sickle.end()?;
    f.stop()
}

/// What is from a moment on and what is until the moment before are everything together, at every moment.
fn dates_cut_the_list_where_they_say(sickle: &mut Sickle) -> Result<()> {
    let all = sickle.all("ListIdentifiers", json!({"metadataPrefix": "oai_dc"}))?;
    let stamps: BTreeSet<String> = all.iter().map(|h| text(h, "datestamp")).collect();
    ensure!(stamps.len() > 1, "one moment only: {stamps:?}");
    for stamp in &stamps {
        let counted = |keep: &dyn Fn(&str) -> bool| {
            all.iter().filter(|h| keep(&text(h, "datestamp"))).count()
        };
        for (argument, wanted) in [
            ("from", counted(&|s| s >= stamp.as_str())),
            ("until", counted(&|s| s <= stamp.as_str())),
        ] {
            let args = json!({"metadataPrefix": "oai_dc", argument: stamp});
            let found = sickle.all("ListIdentifiers", args)?.len();
            ensure!(
                found == wanted,
                "{argument} {stamp}: {found} in the place of {wanted}"
            );
        }
        let args = json!({"metadataPrefix": "oai_dc", "from": stamp, "until": stamp});
        ensure!(
            sickle.all("ListRecords", args)?.len() == counted(&|s| s == stamp),
            "at {stamp}"
        );
    }
    // By days: at most two, where the test runs over midnight.
    let days: BTreeSet<&str> = stamps.iter().map(|stamp| &stamp[..10]).collect();
    let (first, last) = (days.first(), days.last());
    let args = json!({"metadataPrefix": "oai_dc", "from": first, "until": last});
    ensure!(
        sickle.all("ListIdentifiers", args)?.len() == all.len(),
        "the days {days:?}"
    );
    Ok(())
}

/// Every set has the records whose headers name it or one below it, and no others; all institutions' are all.
fn sets_hold_what_they_say(sickle: &mut Sickle) -> Result<()> {
    let all = sickle.all("ListIdentifiers", json!({"metadataPrefix": "oai_dc"}))?;
    let sets = sickle.all("ListSets", json!({}))?;
    let names: BTreeSet<String> = sets.iter().map(|set| text(set, "setSpec")).collect();
    for set in ["institution:univ-angers", "type:resource"] {
        ensure!(names.contains(set), "{set} is not among {names:?}");
    }
    for set in &names {
        let within = |header: &&Value| {
            let sets = header["sets"].as_array().into_iter().flatten();
            let mut sets = sets.filter_map(Value::as_str);
            sets.any(|s| {
                s.strip_prefix(set.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            })
        };
        let wanted: BTreeSet<String> = all
            .iter()
            .filter(within)
            .map(|h| text(h, "identifier"))
            .collect();
        let args = json!({"metadataPrefix": "oai_dc", "set": set});
        // The set of the node's own institution is listed though nothing is in it.
        let found = match sickle.fault("GET", "ListIdentifiers", args)? {
            None => identifiers(&sickle.take(1_000_000)?),
            Some(fault) if fault == "NoRecordsMatch" => BTreeSet::new(),
            Some(fault) => bail!("{set}: {fault}"),
        };
        ensure!(
            found == wanted,
            "{set}: {} in the place of {}",
            found.len(),
            wanted.len()
        );
    }
    Ok(())
}

#[test]
fn every_fault_of_a_harvester_is_told_by_its_code() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let answers = tempfile::tempdir()?;
    publish_note(&f.nodes[0], "algebre", "Algèbre")?;
    let port = f.nodes[0].ports().http;
    let mut sickle = Sickle::at(&f.nodes[0], answers.path())?;
    let mut listed = Vec::new();
    wait_until("the node lists its note", || {
        listed = sickle.all("ListIdentifiers", json!({"metadataPrefix": "oai_dc"}))?;
        Ok(true)
    })?;
    let id = text(&listed[0], "identifier");
    let known = format!("identifier={id}&metadataPrefix=oai_dc");

    const LIST: &str = "verb=ListRecords&metadataPrefix=oai_dc";
    let form = "Content-Type: application/x-www-form-urlencoded";
    let faults = [
        ("badVerb", String::new()),
        ("badVerb", "verb".into()),
        ("badVerb", "verb=".into()),
        ("badVerb", "verb=listrecords".into()),
        ("badVerb", "metadataPrefix=oai_dc".into()),
        ("badVerb", "verb=Identify&verb=Identify".into()),
        ("badVerb", format!("{LIST}&verb=ListRecords")),
        ("badArgument", "verb=Identify&metadataPrefix=oai_dc".into()),
        ("badArgument", "verb=ListSets&set=type".into()),
        ("badArgument", "verb=ListRecords".into()),
        ("badArgument", "verb=ListIdentifiers&from=2026-01-01".into()),
        ("badArgument", "verb=GetRecord".into()),
        ("badArgument", format!("verb=GetRecord&identifier={id}")),
        ("badArgument", "verb=GetRecord&metadataPrefix=oai_dc".into()),
        (
            "badArgument",
            format!("verb=GetRecord&{known}&from=2026-01-01"),
        ),
        (
            "badArgument",
            format!("verb=GetRecord&{known}&identifier={id}"),
        ),
        ("badArgument", format!("{LIST}&metadataPrefix=oai_dc")),
        ("badArgument", format!("{LIST}&set=type&set=type")),
        (
            "badArgument",
            format!("{LIST}&from=2026-01-01&from=2026-01-01"),
        ),
        ("badArgument", format!("{LIST}&resumptionToken=AAAA")),
        ("badArgument", format!("{LIST}&colour=blue")),
        ("badArgument", format!("{LIST}&from=")),
        ("badArgument", format!("{LIST}&from=2026")),
        ("badArgument", format!("{LIST}&from=2026-02-30")),
        ("badArgument", format!("{LIST}&from=2026-13-01")),
        ("badArgument", format!("{LIST}&from=20260101")),
        ("badArgument", format!("{LIST}&from=01/02/2026")),
        ("badArgument", format!("{LIST}&from=2026-01-01T00:00:00")),
        ("badArgument", format!("{LIST}&from=2026-01-01T00:00Z")),
        (
            "badArgument",
            format!("{LIST}&from=2026-01-01T00:00:00.000Z"),
        ),
        (
            "badArgument",
            format!("{LIST}&from=2026-01-01T00:00:00%2B01:00"),
        ),
        ("badArgument", format!("{LIST}&from=2026-01-01T25:00:00Z")),
        ("badArgument", format!("{LIST}&until=yesterday")),
        (
            "badArgument",
            format!("{LIST}&from=2026-01-01&until=2026-12-31T00:00:00Z"),
        ),
        (
            "badArgument",
            format!("{LIST}&from=2026-12-31&until=2026-01-01"),
        ),
        ("badArgument", format!("{LIST}&set=a%20set")),
        ("badArgument", format!("{LIST}&set=type:")),
        (
            "badArgument",
            "verb=ListRecords&metadataPrefix=oai%20dc".into(),
        ),
        (
            "badArgument",
            "verb=ListRecords&metadataPrefix=oai:dc".into(),
        ),
        (
            "badArgument",
            format!("verb=GetRecord&identifier={id}&metadataPrefix=%C3%A9"),
        ),
        (
            "badResumptionToken",
            "verb=ListRecords&resumptionToken=AAAA".into(),
        ),
        (
            "badResumptionToken",
            "verb=ListIdentifiers&resumptionToken=%00%01".into(),
        ),
        (
            "badResumptionToken",
            "verb=ListSets&resumptionToken=AAAA".into(),
        ),
        (
            "cannotDisseminateFormat",
            "verb=ListRecords&metadataPrefix=marc21".into(),
        ),
        (
            "cannotDisseminateFormat",
            "verb=ListIdentifiers&metadataPrefix=OAI_DC".into(),
        ),
        (
            "cannotDisseminateFormat",
            format!("verb=GetRecord&identifier={id}&metadataPrefix=marc21"),
        ),
        (
            "idDoesNotExist",
            "verb=GetRecord&identifier=oai:nobody:1&metadataPrefix=oai_dc".into(),
        ),
        (
            "idDoesNotExist",
            "verb=GetRecord&identifier=no%20uri%22%3C%3E%01%FF&metadataPrefix=oai_dc".into(),
        ),
        (
            "idDoesNotExist",
            format!("verb=GetRecord&identifier={id}a&metadataPrefix=oai_dc"),
        ),
        (
            "idDoesNotExist",
            "verb=ListMetadataFormats&identifier=oai:nobody:1".into(),
        ),
        ("noRecordsMatch", format!("{LIST}&from=2999-01-01")),
        (
            "noRecordsMatch",
            format!("{LIST}&until=1999-12-31T23:59:59Z"),
        ),
        ("noRecordsMatch", format!("{LIST}&set=type:repository")),
        ("noRecordsMatch", format!("{LIST}&set=nothing:of:this")),
    ];
    for (n, (code, query)) in faults.iter().enumerate() {
        let by_query = http::get(port, &format!("/oai?{query}"), &[])?;
        let by_form = http::request(port, "POST", "/oai", &[form], query.as_bytes())?;
        for (method, answer) in [("get", by_query), ("post", by_form)] {
            let told = answer.text();
            ensure!(
                answer.status == 200 && told.contains(&format!("<error code=\"{code}\">")),
                "{method} {query:?} is not {code} but {}: {told}",
                answer.status
            );
            let repeats = told.contains("<request verb=");
            ensure!(
                repeats != matches!(*code, "badVerb" | "badArgument"),
                "{method} {query:?}: the arguments are (not) repeated: {told}"
            );
            fs::write(
                answers.path().join(format!("fault-{n}-{method}.xml")),
                answer.body,
            )?;
        }
    }
    ensure!(
        http::request(port, "PUT", "/oai", &[], b"verb=Identify")?.status == 405,
        "PUT is taken"
    );

    // The same by Sickle, with both methods.
    for method in ["GET", "POST"] {
        for (fault, verb, args) in [
            (None, "ListRecords", json!({"metadataPrefix": "oai_dc"})),
            (None, "ListSets", json!({})),
            (Some("BadArgument"), "ListRecords", json!({})),
            (
                Some("BadArgument"),
                "ListRecords",
                json!({"metadataPrefix": ["oai_dc", "oai_dc"]}),
            ),
            (
                Some("CannotDisseminateFormat"),
                "ListRecords",
                json!({"metadataPrefix": "marc21"}),
            ),
            (
                Some("IdDoesNotExist"),
                "GetRecord",
                json!({"metadataPrefix": "oai_dc", "identifier": "oai:nobody:1"}),
            ),
            (
                Some("NoRecordsMatch"),
                "ListRecords",
                json!({"metadataPrefix": "oai_dc", "set": "type:repository"}),
            ),
            (
                Some("BadResumptionToken"),
                "ListRecords",
                json!({"resumptionToken": "AAAA"}),
            ),
        ] {
            let found = sickle.fault(method, verb, args.clone())?;
            ensure!(
                found.as_deref() == fault,
                "{method} {verb} {args}: {found:?}"
            );
        }
    }
    sickle.end()?;
    f.stop()
}

//! A headless Chromium, driven over W3C WebDriver through chromedriver: just enough to look at pages as people do.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::http;

/// How long a page may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often chromedriver is started until it finds its port free.
const DRIVER_STARTS: u32 = 5;
/// Pixels of a page's height that are in a picture of it.
const MAX_PICTURE: u64 = 6_000;
/// The member that names an element in WebDriver's JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Tab, as WebDriver writes it.
pub const TAB: &str = "\u{e004}";
/// Enter, as WebDriver writes it.
pub const ENTER: &str = "\u{e007}";

/// How the browser is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The language that pages are asked for.
    pub language: String,
    /// The window, in CSS pixels.
    pub size: (u32, u32),
    /// Whether pages may run scripts.
    pub scripts: bool,
    /// Whether the reader prefers dark pages.
    pub dark: bool,
    /// More arguments of the browser.
    pub args: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "en".to_owned(),
            size: (1200, 900),
            scripts: true,
            dark: false,
            args: Vec::new(),
        }
    }
}

/// How a page is looked at.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    /// By somebody who prefers dark pages.
    pub dark: bool,
    /// By somebody who asked for less motion.
    pub still: bool,
    /// On paper.
    pub paper: bool,
}

/// A browser with one window; ends when dropped.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: tempfile::TempDir,
}

/// An element of the page that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element(String);

impl Browser {
    /// Starts one with an empty profile.
    pub fn start(settings: &Settings) -> Result<Self> {
        let missing = "the browser tests need chromium and chromedriver: run .ci/setup test";
        let chromium = find("chromium").context(missing)?;
        let driver = find("chromedriver").context(missing)?;
        let profile = tempfile::Builder::new()
            .prefix("commun-browser-")
            .tempdir()?;
        std::fs::create_dir(profile.path().join("downloads"))?;
        let (driver, port) = start_driver(&driver)?;
        let mut it = Self {
            driver,
            port,
            session: String::new(),
            profile,
        };
        it.open_session(&chromium, settings)?;
        Ok(it)
    }

    fn open_session(&mut self, chromium: &Path, settings: &Settings) -> Result<()> {
        let profile = self.profile.path();
        let mut args = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--no-default-browser-check".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--lang={}", settings.language),
            format!("--accept-lang={}", settings.language),
            format!("--window-size={},{}", settings.size.0, settings.size.1),
            format!("--user-data-dir={}", profile.join("profile").display()),
        ];
        args.extend(settings.args.iter().cloned());
        let mut prefs = json!({
            "download.default_directory": profile.join("downloads"),
            "download.prompt_for_download": false,
            "intl.accept_languages": settings.language,
        });
        if !settings.scripts {
            prefs["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": chromium, "args": args, "prefs": prefs},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let opened = self.ask("POST", "/session", &wanted)?;
        self.session = opened["sessionId"]
            .as_str()
            .context("chromedriver names no session")?
            .to_owned();
        self.resize(settings.size)?;
        if settings.dark {
            self.look(&Looks {
                dark: true,
                ..Looks::default()
            })?;
        }
        let folder = self.downloads();
        self.devtools(
            "Browser.setDownloadBehavior",
            &json!({"behavior": "allow", "downloadPath": folder}),
        )?;
        Ok(())
    }

    /// Makes the window another size, in CSS pixels.
    pub fn resize(&self, (width, height): (u32, u32)) -> Result<()> {
        // A window cannot be narrower than some hundred pixels; the page can be told that it is.
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        )
        .map(drop)
    }

    /// Shows the page as somebody else sees it.
    pub fn look(&self, looks: &Looks) -> Result<()> {
        let scheme = if looks.dark { "dark" } else { "light" };
        let motion = if looks.still {
            "reduce"
        } else {
            "no-preference"
        };
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({"media": if looks.paper { "print" } else { "" }, "features": [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": motion},
            ]}),
        )
        .map(drop)
    }

    /// Where downloads go.
    pub fn downloads(&self) -> PathBuf {
        self.profile.path().join("downloads")
    }

    /// Opens a page and waits until it is there.
    pub fn open(&self, url: &str) -> Result<()> {
        self.call("POST", "/url", &json!({ "url": url })).map(drop)
    }

    /// The address of the page that is open.
    pub fn url(&self) -> Result<String> {
        text(self.call("GET", "/url", &Value::Null)?)
    }

    /// The first element that a CSS selector names.
    pub fn find(&self, css: &str) -> Result<Element> {
        // What is further down a page that is still coming is not there yet.
        let _ = self.wait(css, |b| Ok(!b.all(css)?.is_empty()));
        let found = self.call(
            "POST",
            "/element",
            &json!({"using": "css selector", "value": css}),
        );
        element(&found.with_context(|| format!("no element {css}"))?)
    }

    /// All elements that a CSS selector names.
    pub fn all(&self, css: &str) -> Result<Vec<Element>> {
        let found = self.call(
            "POST",
            "/elements",
            &json!({"using": "css selector", "value": css}),
        )?;
        found
            .as_array()
            .context("a list of elements")?
            .iter()
            .map(element)
            .collect()
    }

    /// Clicks.
    pub fn click(&self, element: &Element) -> Result<()> {
        self.call("POST", &format!("/element/{}/click", element.0), &json!({}))
            .map(drop)
    }

    /// Types into an element.
    pub fn type_into(&self, element: &Element, keys: &str) -> Result<()> {
        self.call(
            "POST",
            &format!("/element/{}/value", element.0),
            &json!({ "text": keys }),
        )
        .map(drop)
    }

    /// Types on the keyboard, wherever the focus is.
    pub fn press(&self, keys: &str) -> Result<()> {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|k| {
                [
                    json!({"type": "keyDown", "value": k.to_string()}),
                    json!({"type": "keyUp", "value": k.to_string()}),
                ]
            })
            .collect();
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.call("POST", "/actions", &actions).map(drop)
    }

    /// The element that has the focus.
    pub fn focused(&self) -> Result<Element> {
        element(&self.call("GET", "/element/active", &Value::Null)?)
    }

    /// The text that people see in an element.
    pub fn text(&self, element: &Element) -> Result<String> {
        text(self.call("GET", &format!("/element/{}/text", element.0), &Value::Null)?)
    }

    /// An attribute, or an empty text.
    pub fn attribute(&self, element: &Element, name: &str) -> Result<String> {
        let value = self.call(
            "GET",
            &format!("/element/{}/attribute/{name}", element.0),
            &Value::Null,
        )?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// The text that people see on the page.
    pub fn page(&self) -> Result<String> {
        self.text(&self.find("body")?)
    }

    /// Runs a script of the test's and gives what it returns.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.call(
            "POST",
            "/execute/sync",
            &json!({"script": script, "args": []}),
        )
    }

    /// The cookies of the page that is open.
    pub fn cookies(&self) -> Result<usize> {
        Ok(self
            .call("GET", "/cookie", &Value::Null)?
            .as_array()
            .map_or(0, Vec::len))
    }

    /// The picture of the window, as PNG.
    pub fn screenshot(&self) -> Result<Vec<u8>> {
        let picture = text(self.call("GET", "/screenshot", &Value::Null)?)?;
        Ok(BASE64.decode(picture.as_bytes())?)
    }

    /// The picture of the whole page, however much of it the window shows, as PNG.
    pub fn whole_page(&self) -> Result<Vec<u8>> {
        let size = self.run(
            "const e = document.documentElement; return [e.clientWidth, Math.max(e.scrollHeight, innerHeight)]",
        )?;
        // Of a page without end, its beginning.
        let height = size[1].as_u64().context("a height")?.min(MAX_PICTURE);
        let picture = self.devtools(
            "Page.captureScreenshot",
            &json!({"captureBeyondViewport": true, "clip":
                {"x": 0, "y": 0, "width": size[0], "height": height, "scale": 1}}),
        )?;
        let picture = picture["data"].as_str().context("a picture")?;
        Ok(BASE64.decode(picture.as_bytes())?)
    }

    /// What the console said since the last call: errors and warnings.
    pub fn complaints(&self) -> Result<Vec<String>> {
        let log = self.call("POST", "/se/log", &json!({"type": "browser"}))?;
        let lines = log.as_array().into_iter().flatten();
        let bad = lines.filter(|l| matches!(l["level"].as_str(), Some("SEVERE" | "WARNING")));
        Ok(bad
            .map(|l| l["message"].as_str().unwrap_or_default().to_owned())
            .collect())
    }

    /// The addresses that pages asked for since the last call.
    pub fn requested(&self) -> Result<Vec<String>> {
        let log = self.call("POST", "/se/log", &json!({"type": "performance"}))?;
        let mut urls = Vec::new();
        for line in log.as_array().into_iter().flatten() {
            let event: Value = serde_json::from_str(line["message"].as_str().unwrap_or("null"))?;
            if event["message"]["method"] == "Network.requestWillBeSent"
                && let Some(url) = event["message"]["params"]["request"]["url"].as_str()
            {
                urls.push(url.to_owned());
            }
        }
        Ok(urls)
    }

    /// Waits until something is true of the page.
    pub fn wait(&self, what: &str, mut done: impl FnMut(&Self) -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let last = done(self);
            if matches!(last, Ok(true)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let page = self.page().unwrap_or_default();
                bail!(
                    "it did not happen that {what} ({last:?}); the page is {}:\n{page}",
                    self.url()?
                );
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The text of the first element that a selector names, also where the page changes at that moment.
    ///
    /// # Errors
    /// There is none within half a minute.
    pub fn text_of(&self, css: &str) -> Result<String> {
        let mut said = String::new();
        self.wait(&format!("{css} is there"), |b| {
            said = b.text(&b.find(css)?)?;
            Ok(true)
        })?;
        Ok(said)
    }

    /// Clicks on the first element that a selector names, also where the page changes at that moment.
    ///
    /// # Errors
    /// There is none within half a minute.
    pub fn click_on(&self, css: &str) -> Result<()> {
        self.wait(&format!("{css} takes a click"), |b| {
            b.click(&b.find(css)?)?;
            Ok(true)
        })
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.call(
            "POST",
            "/goog/cdp/execute",
            &json!({"cmd": command, "params": parameters}),
        )
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        self.ask(method, &format!("/session/{}{path}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let bytes = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let answer = http::request(
            self.port,
            method,
            path,
            &["Content-Type: application/json"],
            &bytes,
        )?;
        let json: Value =
            serde_json::from_slice(&answer.body).context("chromedriver answers JSON")?;
        let value = &json["value"];
        ensure!(
            answer.status == 200,
            "{}: {}",
            value["error"],
            value["message"]
        );
        Ok(value.clone())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.call("DELETE", "", &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A program on the search path.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|p| p.is_file())
}

/// Starts chromedriver on a port of its own choice.
///
/// It takes a free port of IPv4 and then the same number of IPv6, and ends when somebody else has that one: which,
/// among many tests at once, happens.
fn start_driver(program: &Path) -> Result<(Child, u16)> {
    let mut said = String::new();
    for _ in 0..DRIVER_STARTS {
        let mut command = Command::new(program);
        command
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        crate::process::die_with_parent(&mut command);
        let mut driver = command.spawn().context("chromedriver")?;
        match read_port(&mut driver) {
            Ok(port) => return Ok((driver, port)),
            Err(e) => {
                let _ = driver.kill();
                let _ = driver.wait();
                said = format!("{e:#}");
            }
        }
    }
    bail!("chromedriver did not start, {DRIVER_STARTS} times over; at last: {said}")
}

fn read_port(driver: &mut Child) -> Result<u16> {
    let out = driver.stdout.take().context("the pipe was asked for")?;
    let mut lines = BufReader::new(out);
    let mut said = String::new();
    loop {
        let start = said.len();
        if lines.read_line(&mut said)? == 0 {
            bail!("it ended before it listened, and said: {}", said.trim());
        }
        if let Some((_, rest)) = said[start..].split_once("started successfully on port ") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            // What it says later must not fill the pipe.
            thread::spawn(move || lines.read_to_end(&mut Vec::new()));
            return Ok(digits.parse()?);
        }
    }
}

fn element(value: &Value) -> Result<Element> {
    Ok(Element(
        value[ELEMENT].as_str().context("an element")?.to_owned(),
    ))
}

fn text(value: Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("a text")
}

/// What `commun-testnet screenshot` is asked for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The page
    url: String,
    /// Where the picture goes (PNG)
    file: PathBuf,
    /// The language to ask for
    #[arg(long, default_value = "en")]
    lang: String,
    /// Width of the window, in pixels
    #[arg(long, default_value_t = 1200)]
    width: u32,
    /// Height of the window, in pixels
    #[arg(long, default_value_t = 900)]
    height: u32,
    /// As somebody sees it who prefers dark pages
    #[arg(long)]
    dark: bool,
}

/// Takes a picture of a page.
pub fn screenshot(args: &Args) -> Result<()> {
    let settings = Settings {
        language: args.lang.clone(),
        size: (args.width, args.height),
        scripts: true,
        dark: args.dark,
        ..Settings::default()
    };
    let browser = Browser::start(&settings)?;
    browser.open(&args.url)?;
    std::fs::write(&args.file, browser.screenshot()?)
        .with_context(|| args.file.display().to_string())
}

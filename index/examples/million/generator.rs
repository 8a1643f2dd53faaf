//! Made-up resources in the shape of a large catalogue: as many as one likes, the same for the same seed.
//!
//! Words have no meaning but the statistics of a text: small words of French and English, then invented ones whose frequency falls
//! as that of words does (Zipf), a long tail of rare ones, and runs of words that come again as turns of phrase do.
//! Three resources of five are French. What a facet holds is as uneven as in life: some subjects, levels, licences and institutions
//! have most of the resources.

use commun_index::Document;
use commun_specs::vocab::{self, Scheme};
use serde_json::{Value, json};

/// Words of each language, the small ones included.
const FRENCH_WORDS: usize = 346_000;
const ENGLISH_WORDS: usize = 75_000;
/// Turns of phrase of each language.
const RUNS: usize = 20_000;
/// Institutions, subjects, levels and kinds of resource.
const INSTITUTIONS: usize = 500;
const SUBJECTS: usize = 60;
const LEVELS: usize = 8;
const TYPES: usize = 12;
/// People who make them.
const PEOPLE: usize = 5_000;
const LICENCES: [&str; 8] = [
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "MIT",
    "GPL-3.0-only",
    "etalab-2.0",
];
/// Ranks of the words that people search for: neither « de » nor what stands in one text.
const ASKED: (f64, f64) = (60.0, 12_000.0);

const FRENCH_SMALL: &str = "de la le les et des en un une du dans que qui pour par sur au plus avec est ce il se son sont aux ou sa ses \
     cette être ont été mais comme leur deux nous on peut tout entre ces sans elle dont même fait ainsi";
const ENGLISH_SMALL: &str = "the of and to in is for with as on by that this be are from an or which it at can not have has will used when \
     more one two all these their its each other into such than may";
const FRENCH_SYLLABLES: &str = "ba bé ca ce chi co cré da dé di do é fa fi fo ga gé gra i in la lé li lo lu ma mé mi mo mu na né ni no \
     o pa pé pi po pro ra ré ri ro sa sé si so su ta té thè ti to tra u va vi vo";
const ENGLISH_SYLLABLES: &str = "a ab ac ad al an ar ba be bi bo ca ce co com con cu da de di do el en er ex fa fi fo ga ge gra ha hi \
     in la le li lo ma me mi mo na ne no o pa pe pi plo pre pro ra re ri ro sa se si so ta te ti";
const FRENCH_ENDINGS: [&str; 8] = ["", "tion", "ment", "ique", "e", "s", "eur", "té"];
const ENGLISH_ENDINGS: [&str; 8] = ["", "tion", "ing", "ed", "s", "ly", "er", "ness"];

/// Random numbers: splitmix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64, n: u64) -> Self {
        let mut it = Self(seed.wrapping_mul(0x9E37) ^ n.wrapping_mul(0xD134_2543_DE82_EF95));
        it.next();
        it
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Below `n`, the first most often.
    fn uneven(&mut self, n: usize) -> usize {
        let all: f64 = (1..=n).map(|i| 1.0 / i as f64).sum();
        let mut left = self.share() * all;
        for i in 1..=n {
            left -= 1.0 / i as f64;
            if left <= 0.0 {
                return i - 1;
            }
        }
        n - 1
    }
}

/// The words of a language, by falling frequency.
struct Language {
    tag: &'static str,
    words: Vec<String>,
    /// Sums of the frequencies.
    sums: Vec<f64>,
    runs: Vec<Vec<u32>>,
}

impl Language {
    fn new(
        tag: &'static str,
        count: usize,
        small: &str,
        syllables: &str,
        endings: [&str; 8],
    ) -> Self {
        let syllables: Vec<&str> = syllables.split_whitespace().collect();
        let mut words: Vec<String> = small.split_whitespace().map(str::to_owned).collect();
        for n in words.len()..count {
            words.push(invented(n, &syllables, endings));
        }
        let mut sum = 0.0;
        let sums = (1..=words.len()).map(|rank| {
            sum += 1.0 / (rank as f64 + 2.0);
            sum
        });
        let sums = sums.collect();
        let mut it = Self {
            tag,
            words,
            sums,
            runs: Vec::new(),
        };
        let mut random = Random::new(77, tag.len() as u64 + u64::from(tag.as_bytes()[0]));
        it.runs = (0..RUNS)
            .map(|_| {
                let length = 8 + random.below(25);
                (0..length).map(|_| it.word(&mut random)).collect()
            })
            .collect();
        it
    }

    fn word(&self, random: &mut Random) -> u32 {
        let last = self.words.len() - 1;
        let rank = if random.below(100) < 35 {
            // The long tail.
            let top = (self.words.len() as f64).ln();
            ((random.share() * (top - 4.0) + 4.0).exp() as usize).min(last)
        } else {
            let at = random.share() * self.sums[last];
            self.sums.partition_point(|sum| *sum < at).min(last)
        };
        u32::try_from(rank).expect("there are fewer words")
    }

    fn text(&self, random: &mut Random, count: usize, sentences: bool) -> String {
        let mut ranks: Vec<u32> = Vec::with_capacity(count + 8);
        while ranks.len() < count {
            if random.below(100) < 55 {
                let run = &self.runs[random.below(self.runs.len())];
                let from = random.below(run.len());
                ranks.extend(run[from..].iter().take(3 + random.below(6)));
            } else {
                ranks.push(self.word(random));
            }
        }
        let mut text = String::new();
        for (n, rank) in ranks[..count].iter().enumerate() {
            let word = &self.words[*rank as usize];
            let begins = n == 0 || (sentences && n % 13 == 0);
            if n > 0 {
                text.push_str(if begins { ". " } else { " " });
            }
            let mut letters = word.chars();
            match letters.next().filter(|_| begins) {
                Some(first) => {
                    text.extend(first.to_uppercase());
                    text.push_str(letters.as_str());
                }
                None => text.push_str(word),
            }
        }
        text
    }

    fn asked(&self, random: &mut Random) -> &str {
        let (low, high) = (ASKED.0.ln(), ASKED.1.ln());
        let rank = ((high - low) * random.share() + low).exp() as usize;
        &self.words[rank]
    }
}

/// The word of a rank; frequent ones are shorter.
fn invented(rank: usize, syllables: &[&str], endings: [&str; 8]) -> String {
    let mut word = String::new();
    let mut left = rank / endings.len();
    loop {
        word.push_str(syllables[left % syllables.len()]);
        left /= syllables.len();
        if left == 0 {
            break;
        }
    }
    // No two syllables are one small word.
    word.push_str("ne");
    word.push_str(endings[rank % endings.len()]);
    word
}

/// What is made.
pub struct Generator {
    seed: u64,
    languages: [Language; 2],
    subjects: Vec<&'static str>,
    levels: Vec<&'static str>,
    types: Vec<&'static str>,
}

impl Generator {
    pub fn new(seed: u64) -> Self {
        let ids = |scheme, count, at_least: usize| -> Vec<&'static str> {
            let all = vocab::concepts(scheme).iter().map(|concept| concept.id);
            all.filter(|id| id.len() >= at_least).take(count).collect()
        };
        Self {
            seed,
            languages: [
                Language::new(
                    "fr",
                    FRENCH_WORDS,
                    FRENCH_SMALL,
                    FRENCH_SYLLABLES,
                    FRENCH_ENDINGS,
                ),
                Language::new(
                    "en",
                    ENGLISH_WORDS,
                    ENGLISH_SMALL,
                    ENGLISH_SYLLABLES,
                    ENGLISH_ENDINGS,
                ),
            ],
            // Detailed fields: `iscedf-0541`.
            subjects: ids(Scheme::Subject, SUBJECTS, 11),
            levels: ids(Scheme::Level, LEVELS, 0),
            types: ids(Scheme::ResourceType, TYPES, 0),
        }
    }

    fn language(&self, random: &mut Random) -> &Language {
        &self.languages[usize::from(random.below(100) >= 60)]
    }

    /// The resource of a number.
    pub fn document(&self, n: u64) -> Document {
        let mut random = Random::new(self.seed, n);
        let random = &mut random;
        let language = self.language(random);
        let title_words = 5 + random.below(8);
        let title = language.text(random, title_words, false);
        let words = 30 + random.below(91);
        let description = language.text(random, words, true);
        let institution = format!("inst{:03}", random.uneven(INSTITUTIONS));
        let person = random.below(PEOPLE);
        let name = &self.languages[0].words[200 + person % 997];
        let day = 86_400 * random.below(21 * 365) as u64;
        let level = self.levels[random.uneven(self.levels.len())];
        let document = json!({
            "id": id(random),
            "name": format!("{institution}/r{n}"),
            "kind": "resource",
            "institution": institution,
            "titles": [[language.tag, title]],
            "summaries": [],
            "descriptions": [[language.tag, description]],
            "keywords": [],
            "creators": [format!("{} {}", name, self.languages[0].words[1_300 + person])],
            "resource_types": [self.types[random.uneven(self.types.len())]],
            "licence": LICENCES[random.uneven(LICENCES.len())],
            "languages": [language.tag],
            "levels": vocab::expand(Scheme::Level, [level]),
            "subjects": [self.subjects[random.uneven(self.subjects.len())]],
            "file_names": [],
            "text": [],
            "updated": 1_104_537_600 + day,
            "position_hint": 0
        });
        serde_json::from_value(document).expect("it is written as documents are")
    }

    /// The question of a number: what kind it is, what is typed, and what is chosen.
    pub fn query(&self, n: u64) -> Value {
        let mut random = Random::new(self.seed ^ 4_242, n);
        let random = &mut random;
        let language = self.language(random);
        let words = |random: &mut Random, count: usize| -> Vec<String> {
            (0..count)
                .map(|_| language.asked(random).to_owned())
                .collect()
        };
        let (kind, text) = match n % 20 {
            0..4 => ("a word", words(random, 1).join(" ")),
            4..8 => ("two words", words(random, 2).join(" ")),
            8..11 => {
                let words = words(random, 3);
                ("three words, all", format!("+{}", words.join(" +")))
            }
            11..13 => ("four words, any", words(random, 4).join(" OR ")),
            13..16 => {
                let run = &language.runs[random.below(language.runs.len())];
                let count = 2 + random.below(2);
                let from = random.below(run.len() - count);
                let words = run[from..from + count].iter();
                let words: Vec<&str> = words.map(|w| &*language.words[*w as usize]).collect();
                ("a phrase", format!("\"{}\"", words.join(" ")))
            }
            _ => {
                let count = 1 + random.below(2);
                ("words and two filters", words(random, count).join(" "))
            }
        };
        let filters = match kind {
            "words and two filters" => {
                let level = self.levels[random.below(5)];
                json!({"language": [language.tag], "level": [level]})
            }
            _ => json!({}),
        };
        json!({"kind": kind, "text": text, "lang": language.tag, "filters": filters})
    }
}

/// 52 characters as those of a statement's id.
fn id(random: &mut Random) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut id: String = (0..51)
        .map(|_| char::from(LETTERS[random.below(32)]))
        .collect();
    id.push('a');
    id
}
